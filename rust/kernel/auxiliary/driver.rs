// SPDX-License-Identifier: GPL-2.0

//! Drivers of auxiliary devices.

use core::pin::Pin;

use super::{
    device::{Auxiliary, Device},
    id::IdTable,
};
use crate::{
    bindings,
    device::Core,
    dma,
    driver::{self, Bus, Ops},
    pm,
    prelude::*,
};

// SAFETY: `Bus` has five requirements here.
//
// 1. The offsets are right: `driver` is the embedded driver. All fields are pointers and numbers,
//    which may be zero.
// 2. The auxiliary bus does not write to a bound device's `driver_data`, except that the driver
//    core clears it after remove.
// 3. `auxiliary_driver_unregister()` unbinds every device, and waits for the driver's callbacks.
// 4. The driver core calls probe and remove under the device lock, and remove only after a
//    successful probe.
// 5. The data is dropped in the remove callback (`DROP_IN_REMOVE`).
unsafe impl Bus for Auxiliary {
    type RawDriver = bindings::auxiliary_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::auxiliary_driver, driver);
    // The driver's own name field stays empty, so C takes the module's name, the last argument, as
    // the driver's name.
    const REGISTER: driver::Register<Self::RawDriver> = bindings::__auxiliary_driver_register;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::auxiliary_driver_unregister;

    // `auxiliary_bus_remove()` detaches the device from its power domain after the driver's
    // callback.
    const DROP_IN_REMOVE: bool = true;
}

/// A driver of auxiliary devices.
#[doc(alias("auxiliary_driver_register", "auxiliary_driver_unregister"))]
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Takes a device into service, and builds the driver's data for it.
    ///
    /// Context: process context; may sleep.
    ///
    /// The method returns an initialiser, which builds the data where it will stay. `id_info` is
    /// the value beside the matching id; this bus binds no device without a matching id.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say that the device is not for this driver, and leave no message; C
    /// logs other errors. Fields that the initialiser has built are dropped, and the device is left
    /// unbound.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
        id_info: &'bound Self::IdInfo,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, before its data is dropped.
    ///
    /// Context: process context; may sleep. The parent is still bound.
    ///
    /// The machinery calls this on every unbinding: through sysfs, when the module is unloaded, and
    /// when the parent's driver removes the device. Anything that dropping the data undoes needs no
    /// code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

driver::probe_by_id!(auxiliary_device, auxiliary_device_id);

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe, remove and shutdown do. (2) Those of `pm` go through `driver::with_locked` and
// `driver::with_bound`. (3) The table is static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = Auxiliary;
    type Id = Option<&'static T::IdInfo>;

    fn parts(_: &Device<Core<'_>>, _: &Self::Id) -> <Auxiliary as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::auxiliary_driver) {
        driver.id_table = T::ID_TABLE.as_ptr();
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        driver.shutdown = Some(driver::shutdown::<Self>);
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound Device<Core<'_>>,
        id: Self::Id,
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        // The bus binds by the table alone. If that changes, a device without an entry is not for
        // the driver.
        pin_init::pin_init_scope(move || Ok(T::probe(device, id.ok_or(ENODEV)?)))
    }

    driver::hand_on!(T: Device, unbind);
}

driver::module_macro!($ module_auxiliary_driver, auxiliary, "auxiliary driver");
