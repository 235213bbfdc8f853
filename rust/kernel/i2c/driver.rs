// SPDX-License-Identifier: GPL-2.0

//! I2C drivers.

use core::pin::Pin;

use super::{
    device::{I2c, I2cClient},
    id::{self, IdTable},
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
// 1. The offsets are right: `driver` is the embedded driver. All fields are pointers and numbers,
//    which may be zero.
// 2. The I2C core does not write to a bound device's `driver_data`, except that the driver core
//    clears it after remove.
// 3. `i2c_del_driver()` unbinds every device, and waits for the driver's callbacks.
// 4. The driver core calls probe, remove and shutdown under the device lock, and remove only after
//    a successful probe.
// 5. The data is dropped in the remove callback (`DROP_IN_REMOVE`), because the I2C core releases
//    managed resources right after it.
unsafe impl Bus for I2c {
    type RawDriver = bindings::i2c_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::i2c_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_i2c_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::i2c_del_driver;
    const DROP_IN_REMOVE: bool = true;
}

/// An I2C driver. It serves the devices that match an entry of one of its tables. Without a table
/// it serves no device.
#[doc(alias("i2c_add_driver", "i2c_del_driver", "i2c_register_driver"))]
pub trait Driver: Sized + 'static {
    driver::driver_items!(I2cClient);

    /// The devices that the driver serves, by the names that code and users give to types of
    /// devices.
    const I2C_ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    driver::firmware_items!(I2cClient, "The I2C core binds no device without one.");
    driver::attach_method!(I2cClient, unbind);

    /// Makes the device quiet before the machine is powered off or another kernel is started.
    ///
    /// Context: process context; may sleep.
    ///
    /// The device stays bound, and neither `unbind` nor the data's `Drop` follows. The provided
    /// method disables the device's interrupt, as the I2C core does for a driver in C without the
    /// callback.
    fn shutdown<'bound>(dev: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = this;
        dev.disable_irq();
    }

    /// Takes a device out of service, before its data is dropped.
    ///
    /// Context: process context; may sleep.
    ///
    /// The machinery calls this on every unbinding: through sysfs, when the module is unloaded, and
    /// when the device or its adapter is removed. Transfers fail once the device is removed.
    /// Anything that dropping the data undoes needs no code here.
    fn unbind<'bound>(dev: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

driver::firmware_adapter!(I2c);

impl<T: Driver> Adapter<T> {
    fn info(device: &I2cClient<Core<'_>>) -> Option<&'static T::IdInfo> {
        Self::FIRMWARE_IDS
            .info(device.as_ref())
            .or_else(|| id::of_info(T::OF_ID_TABLE?, device))
            .or_else(|| info_by_name(T::I2C_ID_TABLE?, device.type_name()))
    }
}

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe, remove and shutdown do. (2) Those of `pm` go through `driver::with_locked` and
// `driver::with_bound`. (3) The tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    driver::firmware_ops!(I2c, I2cClient);

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

    driver::hand_on!(T: I2cClient, unbind);
}

driver::module_macro!($ module_i2c_driver, i2c, "I2C driver");
