// SPDX-License-Identifier: GPL-2.0

//! SPI drivers.

use core::pin::Pin;

use super::{
    device::{Device, Spi},
    id::IdTable,
};
use crate::{
    bindings,
    device::Core,
    device_id::info_by_name,
    dma,
    driver::{self, Bus, Ops},
    pm,
};

// SAFETY: `Bus` has five requirements here.
//
// 1. The offsets are right: `driver` is the embedded driver, which the SPI core registers as it is.
//    All fields are pointers and numbers, which may be zero.
// 2. The SPI core does not write to a bound device's `driver_data`.
// 3. `spi_unregister_driver()` unbinds every device, and waits for the driver's callbacks.
// 4. The driver core calls probe, remove and shutdown under the device lock, and remove only after
//    a successful probe.
// 5. The data is dropped in the remove callback (`DROP_IN_REMOVE`).
unsafe impl Bus for Spi {
    type RawDriver = bindings::spi_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::spi_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_spi_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::lb_spi_unregister_driver;

    // `spi_remove()` detaches the device from its power domain after the driver's callback. That
    // may switch the device off before the core calls its hook.
    const DROP_IN_REMOVE: bool = true;
}

/// An SPI driver. Not in Linux 7.3.
///
/// The bus offers a device to the driver if the device matches an entry of one of the tables.
/// Without [`SPI_ID_TABLE`](Self::SPI_ID_TABLE), the bus also offers a device that has the driver's
/// own name.
#[doc(alias("spi_register_driver", "spi_unregister_driver"))]
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves, by the names that code gives to a type of device.
    ///
    /// A device of a device tree has the name that follows the vendor's in its `compatible` string.
    /// `modprobe` finds the module of such a device only by this table.
    const SPI_ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    driver::firmware_items!(
        Device,
        "It is `None` for a device that `driver_override` or the driver's own name has bound."
    );
    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, before its data is dropped.
    ///
    /// Context: process context; may sleep. The device is powered.
    ///
    /// The machinery calls this on every unbinding: through sysfs, when the module is unloaded, and
    /// when the device or its controller is removed. Transfers work. Anything that dropping the
    /// data undoes needs no code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();
driver::firmware_adapter!(Spi);

impl<T: Driver> Adapter<T> {
    fn info(device: &Device<Core<'_>>) -> Option<&'static T::IdInfo> {
        Self::FIRMWARE_IDS
            .info(device.as_ref())
            .or_else(|| info_by_name(T::SPI_ID_TABLE?, device.modalias()))
    }
}

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe, remove and shutdown do. (2) Those of `pm` go through `driver::with_locked` and
// `driver::with_bound`. (3) The tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    driver::firmware_ops!(Spi, Device);

    fn parts(_: &Device<Core<'_>>, (): &()) -> <Spi as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::spi_driver) {
        Self::FIRMWARE_IDS.fill(&mut driver.driver);
        if let Some(table) = T::SPI_ID_TABLE {
            driver.id_table = table.as_ptr();
        }
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        driver.shutdown = Some(driver::shutdown::<Self>);
        pm::fill::<Self>(driver);
    }

    driver::hand_on!(T: Device, unbind);
}

driver::module_macro!($ module_spi_driver, spi, "SPI driver");
