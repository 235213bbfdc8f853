// SPDX-License-Identifier: GPL-2.0

//! Platform drivers.

use core::pin::Pin;

use super::{
    device::{Device, Platform},
    id::IdTable,
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

// SAFETY: `Bus` has five requirements here.
//
// 1. The offsets are right: `driver` is the embedded driver. All fields are pointers, numbers and
//    flags, which may be zero.
// 2. The platform bus does not write to a bound device's `driver_data`, except that the driver core
//    clears it after remove.
// 3. `platform_driver_unregister()` unbinds every device, and waits for the driver's callbacks.
// 4. The driver core calls probe and remove under the device lock, and remove only after a
//    successful probe.
// 5. The data is dropped in the remove callback (`DROP_IN_REMOVE`).
unsafe impl Bus for Platform {
    type RawDriver = bindings::platform_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::platform_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_platform_driver_register;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::platform_driver_unregister;

    // `platform_remove()` detaches the device from its power domain after the driver's callback.
    // That may switch the device off before the core calls its hook.
    const DROP_IN_REMOVE: bool = true;
}

/// A platform driver.
///
/// The bus offers a device to the driver if the device matches an entry of one of the tables.
/// Without [`ID_TABLE`](Self::ID_TABLE), the bus also offers a device that has the driver's own
/// name.
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves, by `compatible` strings of a device tree or of ACPI.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by ACPI ids.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by the names that code gives to devices. Not in Linux
    /// 7.3.
    const ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Takes a device into service, and builds the driver's data for it.
    ///
    /// Context: process context; may sleep. The device is powered.
    ///
    /// The method returns an initialiser, which builds the data where it will stay. `id_info` is
    /// the value beside the matching id. It is `None` if no id matches: then `driver_override`
    /// bound the device, or it has the driver's name.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say that the device is not for this driver, and leave no message; C
    /// logs other errors. Fields that the initialiser has built are dropped, and the device is left
    /// unbound.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, before its data is dropped.
    ///
    /// Context: process context; may sleep. The device is powered.
    ///
    /// The machinery calls this on every unbinding: through sysfs, when the module is unloaded, and
    /// when the device is removed. Anything that dropping the data undoes needs no code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
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

    unsafe extern "C" fn probe(pdev: *mut bindings::platform_device) -> c_int {
        // SAFETY: `driver::probe` requires that the bus' probe callback calls it, for the
        // callback's device; this is the callback with which the platform bus probes `pdev`.
        unsafe { driver::probe::<Self>(pdev, ()) }
    }
}

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe, remove and shutdown do. (2) Those of `pm` go through `driver::with_locked` and
// `driver::with_bound`. (3) The tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = Platform;
    type Id = ();

    fn parts(_: &Device<Core<'_>>, (): &()) -> <Platform as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::platform_driver) {
        Self::FIRMWARE_IDS.fill(&mut driver.driver);
        if let Some(table) = T::ID_TABLE {
            driver.id_table = table.as_ptr();
        }
        driver.probe = Some(Self::probe);
        driver.shutdown = Some(driver::shutdown::<Self>);
        // SAFETY: the shim requires a driver that nobody else uses; `driver` is borrowed uniquely.
        // It only stores the callback.
        unsafe {
            bindings::lb_platform_driver_set_remove(driver, Some(driver::remove::<Self>));
        }
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound Device<Core<'_>>,
        (): (),
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        // This ignores the device's own pointer to an id: it may point into another driver's table,
        // whose module is gone.
        let info = Self::FIRMWARE_IDS
            .info(device.as_ref())
            .or_else(|| info_by_name(T::ID_TABLE?, device.id_name()));
        T::probe(device, info)
    }

    driver::hand_on!(T: Device, unbind);
}

driver::module_macro!($ module_platform_driver, platform, "platform driver");
