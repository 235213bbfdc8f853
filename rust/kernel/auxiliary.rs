// SPDX-License-Identifier: GPL-2.0

//! The auxiliary bus: children of a device, for parts of its function that have drivers of their own.
//!
//! C header: [`include/linux/auxiliary_bus.h`](srctree/include/linux/auxiliary_bus.h)
//!
//! The parent's driver makes a child by a [`Registration`], with data that the child's driver may use. In
//! `attach` the data may borrow the parent's own; see [`scope`](crate::scope). The child is unbound and gone before the
//! parent's data is dropped, whatever became of the `Registration`:
//!
//! ```
//! use core::pin::Pin;
//! use kernel::{auxiliary, device::Core, pci, prelude::*, scope::Scope, types::CovariantForLt};
//!
//! # struct Parent;
//! struct Data<'bound> {
//!     registers: pci::Bar<'bound, 0x10>,
//! }
//!
//! /// What the child's driver gets.
//! struct Shared<'x> {
//!     registers: &'x pci::Bar<'x, 0x10>,
//! }
//! type SharedOf = CovariantForLt!(Shared<'_>);
//!
//! # kernel::pci_device_table!(TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]);
//! impl pci::Driver for Parent {
//!     # type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     # const ID_TABLE: pci::IdTable<()> = &TABLE;
//!     # fn probe<'bound>(
//!     #     pdev: &'bound pci::Device<Core<'_>>,
//!     #     _info: Option<&'bound ()>,
//!     # ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!     #     pin_init::pin_init_scope(move || Ok(Data { registers: pdev.iomap_region_sized(0, c"lamp")? }))
//!     # }
//!     fn attach<'bound, 'x>(
//!         _pdev: &'bound pci::Device<Core<'_>>,
//!         data: Pin<&'x Data<'bound>>,
//!         scope: &'x Scope<'x>,
//!     ) -> Result {
//!         let shared = Shared { registers: &data.get_ref().registers };
//!         auxiliary::Registration::<SharedOf>::new_in::<Error>(scope, c"lamp", 0, c"board", shared)?.detach();
//!         Ok(())
//!     }
//! }
//!
//! struct Lamp;
//! kernel::auxiliary_device_table!(LAMPS, (), [(auxiliary::DeviceId::new(c"board", c"lamp"), ())]);
//! impl auxiliary::Driver for Lamp {
//!     type IdInfo = ();
//!     type Data<'bound> = ();
//!     const ID_TABLE: auxiliary::IdTable<()> = &LAMPS;
//!
//!     fn probe<'bound>(
//!         adev: &'bound auxiliary::Device<Core<'_>>,
//!         _info: &'bound (),
//!     ) -> impl PinInit<(), Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             use kernel::io::Io;
//!             let shared = adev.registration_data::<SharedOf>()?;
//!             shared.registers.write8(1, 0);
//!             Ok(())
//!         })
//!     }
//! }
//! ```

use core::{marker::PhantomData, pin::Pin};

use crate::{
    bindings,
    device::{self, Kind},
    dma,
    driver::{self, Bus, Ops},
    ffi::c_int,
    pm,
    prelude::*,
};

mod child;
mod id;
mod registration;

pub use id::{DeviceId, IdTable};
pub use registration::Registration;

/// The [`Kind`] of an auxiliary device.
pub enum Auxiliary {}

/// An auxiliary device, `struct auxiliary_device`.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Auxiliary>;

// SAFETY: `dev` is the embedded device; whoever made the `auxiliary_device` gave it a release function that frees it.
unsafe impl Kind for Auxiliary {
    type Raw = bindings::auxiliary_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::auxiliary_device, dev);
}

// SAFETY: `driver` is the embedded driver; all fields are pointers and numbers. `auxiliary_driver_unregister()` unbinds
// every device and waits. The driver core calls probe and remove of a bus under the device lock, remove after a probe
// alone. The data is dropped in the remove callback.
unsafe impl Bus for Auxiliary {
    type RawDriver = bindings::auxiliary_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::auxiliary_driver, driver);
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::auxiliary_driver) =
        bindings::auxiliary_driver_unregister;

    // `auxiliary_bus_remove()` detaches the device from its power domain after the driver's callback.
    const DROP_IN_REMOVE: bool = true;

    unsafe fn register(
        driver: *mut bindings::auxiliary_driver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> c_int {
        // SAFETY: the driver is filled in and stays in place (the caller); name and module outlive it. It has no name
        // of its own, so that of the module given here becomes it.
        unsafe {
            bindings::__auxiliary_driver_register(driver, module.as_ptr(), name.as_char_ptr())
        }
    }
}

/// A driver of auxiliary devices.
pub trait Driver: Sized + 'static {
    /// What the driver knows about each id of its table.
    type IdInfo: Sync + 'static;

    /// The driver's data for one device. It is dropped when the device is unbound, so it may borrow from the device
    /// for all of `'bound`.
    type Data<'bound>: Send + 'bound;

    /// The devices that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Callbacks for power management. Ours alone.
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
        dev: &'bound Device<device::Core<'_>>,
        id_info: &'bound Self::IdInfo,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, right before its data is dropped. May sleep; the parent is still bound.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the parent's driver gives the device
    /// up. What can be undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound Device<device::Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// What a [`Driver`] wants to be called for by power management. Ours alone.
pub type PmCallbacks<T> = pm::Callbacks<Adapter<T>>;

/// Makes a [`Driver`] known to the [`driver`] machinery.
pub struct Adapter<T: Driver>(PhantomData<T>);

impl<T: Driver> Adapter<T> {
    unsafe extern "C" fn probe(
        adev: *mut bindings::auxiliary_device,
        id: *const bindings::auxiliary_device_id,
    ) -> c_int {
        let info = T::ID_TABLE.info(id);
        // SAFETY: called by the auxiliary bus to probe `adev`.
        unsafe { driver::probe::<Self>(adev, info) }
    }
}

// SAFETY: probe, remove and shutdown end in the machinery's, for the same type; the table is static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = Auxiliary;
    type Id = Option<&'static T::IdInfo>;

    fn parts(_: &Device<device::Core<'_>>, _: &Self::Id) -> <Auxiliary as Bus>::Parts {
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
        device: &'bound Device<device::Core<'_>>,
        id: Self::Id,
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        // The bus binds by the table alone. Should that change, a device without an entry is not for the driver.
        pin_init::pin_init_scope(move || Ok(T::probe(device, id.ok_or(ENODEV)?)))
    }

    driver::hand_on!(T: Device, unbind);
}

impl<T: Driver> pm::Ops for Adapter<T> {
    const PM: PmCallbacks<T> = T::PM;
}

/// Makes a module of one auxiliary driver: `module_auxiliary_driver! { type: Driver, name: "..", license: "GPL", .. }`.
///
/// The keys are those of [`module!`](macro@crate::prelude::module).
#[macro_export]
macro_rules! module_auxiliary_driver {
    ($($input:tt)*) => {
        $crate::module_driver!(<T>, $crate::auxiliary::Adapter<T>, { $($input)* });
    };
}
