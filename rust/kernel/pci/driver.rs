// SPDX-License-Identifier: GPL-2.0

//! PCI drivers.

use core::pin::Pin;

use super::{
    device::{Device, Pci},
    error,
    id::IdTable,
    irq::Vectors,
    master::Masters,
    resource::Enabled,
};
use crate::{
    bindings,
    device::Core,
    dma,
    driver::{self, Bus, Ops},
    pm,
    prelude::*,
};

// SAFETY: `driver` is the embedded driver; all fields are pointers and numbers. The core copies the `groups` of the PCI
// driver to those of the driver in it. `pci_unregister_driver()` unbinds every device and waits. The driver core calls
// probe and remove of a bus under the device lock, remove after a probe alone.
unsafe impl Bus for Pci {
    type RawDriver = bindings::pci_driver;
    type Parts = (pm::Power, dma::Masks, Masters, Vectors, Enabled);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::pci_driver, driver);
    const GROUPS_OFFSET: usize = core::mem::offset_of!(bindings::pci_driver, groups);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_pci_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::pci_unregister_driver;
}

/// A PCI driver.
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Callbacks for errors on the bus and resets. Not in Linux 7.3.
    const ERROR_HANDLERS: ErrorHandlers<Self> = ErrorHandlers::<Self>::NONE;

    /// Takes a device into service. May sleep; the device is powered.
    ///
    /// Returns an initialiser, which builds the data where it will stay. `id_info` is the value beside the matching
    /// id, or `None` if the id came from sysfs (`new_id`) or the device was bound by `driver_override`.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say quietly that the device is not for this driver; other errors are logged. Whatever the
    /// initialiser has built is dropped, and the device left unbound.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, right before its data is dropped. May sleep; the device is powered.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the device is removed. In the last
    /// case its registers may read as all ones. What can be undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

/// What a [`Driver`] wants to be called for when an error was found, or its device is reset. Not in Linux 7.3.
pub type ErrorHandlers<T> = error::Handlers<Adapter<T>>;

impl<T: Driver> error::Ops for Adapter<T> {
    const ERROR_HANDLERS: ErrorHandlers<T> = T::ERROR_HANDLERS;
}

driver::probe_by_id!(pci_dev, pci_device_id);

// SAFETY: probe, remove and shutdown end in the machinery's, for the same type; the table is static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = Pci;
    type Id = Option<&'static T::IdInfo>;

    fn parts(device: &Device<Core<'_>>, _: &Self::Id) -> <Pci as Bus>::Parts {
        (
            pm::Power::new(pm::RuntimePm::HeldByBus),
            dma::Masks::new(),
            Masters::new(device),
            Vectors::new(),
            Enabled::new(),
        )
    }

    fn fill(driver: &mut bindings::pci_driver) {
        driver.id_table = T::ID_TABLE.as_ptr();
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        driver.shutdown = Some(driver::shutdown::<Self>);
        driver.err_handler = error::table::<Self>();
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound Device<Core<'_>>,
        id: Self::Id,
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        T::probe(device, id)
    }

    driver::hand_on!(T: Device, unbind);
}

driver::module_macro!($ module_pci_driver, pci, "PCI driver");
