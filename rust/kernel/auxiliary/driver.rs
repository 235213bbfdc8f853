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

// SAFETY: `driver` is the embedded driver; all fields are pointers and numbers. `auxiliary_driver_unregister()` unbinds
// every device and waits. The driver core calls probe and remove of a bus under the device lock, remove after a probe
// alone. The data is dropped in the remove callback.
unsafe impl Bus for Auxiliary {
    type RawDriver = bindings::auxiliary_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::auxiliary_driver, driver);
    // The driver has no name of its own, so that of the module given here becomes it.
    const REGISTER: driver::Register<Self::RawDriver> = bindings::__auxiliary_driver_register;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::auxiliary_driver_unregister;

    // `auxiliary_bus_remove()` detaches the device from its power domain after the driver's callback.
    const DROP_IN_REMOVE: bool = true;
}

/// A driver of auxiliary devices.
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Takes a device into service. May sleep.
    ///
    /// Returns an initialiser, which builds the data where it will stay. `id_info` is the value beside the matching id;
    /// this bus binds no device without one.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say quietly that the device is not for this driver; other errors are logged. Whatever the
    /// initialiser has built is dropped, and the device left unbound.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
        id_info: &'bound Self::IdInfo,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, right before its data is dropped. May sleep; the parent is still bound.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the parent's driver gives the device
    /// up. What can be undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

driver::probe_by_id!(auxiliary_device, auxiliary_device_id);

// SAFETY: probe, remove and shutdown end in the machinery's, for the same type; the table is static.
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
        // The bus binds by the table alone. Should that change, a device without an entry is not for the driver.
        pin_init::pin_init_scope(move || Ok(T::probe(device, id.ok_or(ENODEV)?)))
    }

    driver::hand_on!(T: Device, unbind);
}

driver::module_macro!($ module_auxiliary_driver, auxiliary, "auxiliary driver");
