// SPDX-License-Identifier: GPL-2.0

//! Platform drivers.

use core::pin::Pin;

use super::{
    device::{Device, Platform},
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
#[doc(alias("platform_driver_register", "platform_driver_unregister"))]
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves, by the names that code gives to devices. Not in Linux
    /// 7.3.
    const ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management. Not in Linux 7.3.
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
    /// when the device is removed. Anything that dropping the data undoes needs no code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

driver::firmware_adapter!(Platform);

impl<T: Driver> Adapter<T> {
    fn info(device: &Device<Core<'_>>) -> Option<&'static T::IdInfo> {
        // The device's own pointer to an id is not used: it may point to that of another driver,
        // whose module is gone.
        Self::FIRMWARE_IDS
            .info(device.as_ref())
            .or_else(|| info_by_name(T::ID_TABLE?, device.id_name()))
    }
}

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe, remove and shutdown do. (2) Those of `pm` go through `driver::with_locked` and
// `driver::with_bound`. (3) The tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    driver::firmware_ops!(Platform, Device);

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

    driver::hand_on!(T: Device, unbind);
}

driver::module_macro!($ module_platform_driver, platform, "platform driver");
