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

// SAFETY: `Bus` has five requirements here.
//
// 1. The offsets are right: `driver` is the embedded driver. All fields are pointers and numbers,
//    which may be zero. The PCI core copies the `groups` of a PCI driver to those of the embedded
//    driver.
// 2. The PCI core does not write to a bound device's `driver_data`, except that the driver core
//    clears it after remove.
// 3. `pci_unregister_driver()` unbinds every device, and waits for the driver's callbacks.
// 4. The driver core calls probe and remove under the device lock, and remove only after a
//    successful probe.
// 5. The PCI core ends no resource that data can borrow between remove and the release of managed
//    resources.
unsafe impl Bus for Pci {
    type RawDriver = bindings::pci_driver;
    type Parts = (pm::Power, dma::Masks, Masters, Vectors, Enabled);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::pci_driver, driver);
    const GROUPS_OFFSET: usize = core::mem::offset_of!(bindings::pci_driver, groups);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_pci_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::pci_unregister_driver;
}

/// A PCI driver.
#[doc(alias("pci_register_driver", "pci_unregister_driver", "pci_driver"))]
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Callbacks for errors on the bus and resets. Not in Linux 7.3.
    const ERROR_HANDLERS: ErrorHandlers<Self> = ErrorHandlers::<Self>::NONE;

    /// Takes a device into service, and builds the driver's data for it.
    ///
    /// Context: process context; may sleep. The device is powered.
    ///
    /// The method returns an initialiser, which builds the data where it will stay. `id_info` is
    /// the value beside the matching id. It is `None` if the id came from sysfs (`new_id`), or if
    /// `driver_override` bound the device.
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
    /// when the device is removed. A removed device's registers may read as all ones. Anything that
    /// dropping the data undoes needs no code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

/// The callbacks of a [`Driver`] for errors on the bus, and for resets of its device. Not in Linux
/// 7.3.
pub type ErrorHandlers<T> = error::Handlers<Adapter<T>>;

impl<T: Driver> error::Ops for Adapter<T> {
    const ERROR_HANDLERS: ErrorHandlers<T> = T::ERROR_HANDLERS;
}

driver::probe_by_id!(pci_dev, pci_device_id);

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe, remove and shutdown do. (2) Those of `error` and `pm` go through `driver::with_locked`
// and `driver::with_bound`. (3) The tables are static.
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
