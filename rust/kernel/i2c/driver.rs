// SPDX-License-Identifier: GPL-2.0

//! I2C drivers.

use core::pin::Pin;

use super::{
    device::{I2c, I2cClient},
    id::{self, IdTable},
};
use crate::{
    acpi, bindings,
    device::Core,
    device_id::info_by_name,
    dma,
    driver::{self, Bus, FirmwareIds, Ops},
    ffi::c_int,
    of, pm,
    prelude::*,
};

// SAFETY: `driver` is the embedded driver; all fields are pointers and numbers. `i2c_del_driver()` unbinds every device
// and waits. The driver core calls probe, remove and shutdown of a bus under the device lock, remove after a successful
// probe alone. The I2C core releases managed resources right after remove, which is why the data is dropped before.
unsafe impl Bus for I2c {
    type RawDriver = bindings::i2c_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::i2c_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_i2c_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::i2c_del_driver;
    const DROP_IN_REMOVE: bool = true;
}

/// An I2C driver. It serves the devices that have an id of one of its tables; none without a table.
pub trait Driver: Sized + 'static {
    driver::driver_items!(I2cClient);

    /// The devices that the driver serves, by the names that code and users give to a type of device.
    const I2C_ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by `compatible` strings of a device tree or of ACPI.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by ACPI ids.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Takes a device into service. May sleep; the device is powered.
    ///
    /// Returns an initialiser, which builds the data where it will stay. `id_info` is the value beside the matching
    /// id.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say quietly that the device is not for this driver; other errors are logged. Whatever the
    /// initialiser has built is dropped, and the device left unbound.
    fn probe<'bound>(
        dev: &'bound I2cClient<Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(I2cClient, unbind);

    /// Makes the device quiet before the machine is powered off or another kernel is started. May sleep.
    ///
    /// The device stays bound, and neither `unbind` nor the data's `Drop` follow. Without an implementation the
    /// device's interrupt is disabled, as it is for a driver in C without the callback.
    fn shutdown<'bound>(dev: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = this;
        dev.disable_irq();
    }

    /// Takes a device out of service, right before its data is dropped. May sleep.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the device or its adapter is
    /// removed. In the last case transfers fail. What can be undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

impl<T: Driver> Adapter<T> {
    const FIRMWARE_IDS: FirmwareIds<T::IdInfo> = FirmwareIds {
        of: T::OF_ID_TABLE,
        acpi: T::ACPI_ID_TABLE,
    };

    unsafe extern "C" fn probe(client: *mut bindings::i2c_client) -> c_int {
        // SAFETY: called by the I2C core to probe `client`.
        unsafe { driver::probe::<Self>(client, ()) }
    }
}

// SAFETY: probe, remove and shutdown end in the machinery's, for the same type; the tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = I2c;
    type Id = ();

    fn parts(_: &I2cClient<Core<'_>>, (): &()) -> <I2c as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::i2c_driver) {
        Self::FIRMWARE_IDS.fill(&mut driver.driver);
        if let Some(table) = T::I2C_ID_TABLE {
            driver.id_table = table.as_ptr();
        }
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        driver.shutdown = Some(driver::shutdown::<Self>);
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound I2cClient<Core<'_>>,
        (): (),
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        let info = Self::FIRMWARE_IDS
            .info(device.as_ref())
            .or_else(|| id::of_info(T::OF_ID_TABLE?, device))
            .or_else(|| info_by_name(T::I2C_ID_TABLE?, device.type_name()));
        T::probe(device, info)
    }

    driver::hand_on!(T: I2cClient, unbind);
}

driver::module_macro!($ module_i2c_driver, i2c, "I2C driver");
