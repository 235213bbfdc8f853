// SPDX-License-Identifier: GPL-2.0

//! The USB bus.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)
//!
//! A driver binds to an [`Interface`], one function of a [`Device`]. It implements [`Driver`], names what it serves with
//! [`usb_device_table!`](crate::usb_device_table) and registers with [`module_usb_driver!`](crate::module_usb_driver):
//!
//! ```
//! use kernel::{device::{Bound, Core}, prelude::*, usb};
//!
//! struct Logger;
//!
//! /// Lives until the interface is unbound, and may borrow from it for that long.
//! struct Data<'bound> {
//!     interface: &'bound usb::Interface<Bound>,
//! }
//!
//! kernel::usb_device_table!(TABLE, (), [(usb::DeviceId::from_id(0x46f4, 0x0001), ())]);
//!
//! impl usb::Driver for Logger {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const ID_TABLE: usb::IdTable<()> = &TABLE;
//!
//!     fn probe<'bound>(
//!         interface: &'bound usb::Interface<Core<'_>>,
//!         _id: &usb::DeviceId,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         dev_info!(interface, "version {:#06x}\n", interface.device().version());
//!         Ok(Data { interface })
//!     }
//! }
//! ```
//!
//! A bound interface keeps its device awake. A driver has no say in system sleep or in a reset of the device that
//! somebody else starts: its interfaces are unbound before, and probed again afterwards.

use core::{marker::PhantomData, pin::Pin};

use crate::{
    bindings,
    device::{self, Core, Kind},
    dma,
    driver::{self, Bus, Ops},
    ffi::c_int,
    pm,
    prelude::*,
};

mod altsetting;
mod control;
mod descriptor;
mod endpoint;
mod id;
mod message;
mod state;

pub use altsetting::{Altsetting, Configuration, EndpointInfo, TransferType};
pub use control::{Recipient, Request, RequestType};
pub use descriptor::Speed;
pub use endpoint::{Bulk, Direction, Endpoint, EndpointType, In, Interrupt, Out};
pub use id::{DeviceId, IdTable};
use state::BindingState;

/// The [`Kind`] of a USB interface.
pub enum UsbInterface {}

/// The [`Kind`] of a USB device.
pub enum UsbDevice {}

/// What a driver binds to: an interface of a device, `struct usb_interface`.
pub type Interface<Ctx = device::Normal> = device::Device<Ctx, UsbInterface>;

/// A device with its interfaces, `struct usb_device`.
///
/// That an interface is bound says nothing about a driver of the device itself, so this has no context but
/// [`Normal`](device::Normal): it can be looked at and counted, and transfers are methods of the interface.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, UsbDevice>;

// SAFETY: `dev` is the embedded device; its release function frees the `usb_interface`.
unsafe impl Kind for UsbInterface {
    type Raw = bindings::usb_interface;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::usb_interface, dev);
}

// SAFETY: `dev` is the embedded device; its release function frees the `usb_device`.
unsafe impl Kind for UsbDevice {
    type Raw = bindings::usb_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::usb_device, dev);
}

// SAFETY: `driver` is the embedded driver; all fields are pointers, numbers and locks that `usb_register_driver()` sets
// up. `usb_deregister()` unbinds every interface and waits. The core calls `probe` and `disconnect` under the device
// lock, and `disconnect` after a probe alone: other ways to bind an interface (`usb_driver_claim_interface()`) need the
// driver's C structure. What it does after `disconnect` does not matter: the data is dropped by then.
unsafe impl Bus for UsbInterface {
    type RawDriver = bindings::usb_driver;
    type Parts = (pm::Power, dma::Masks, BindingState);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::usb_driver, driver);
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::usb_driver) = bindings::usb_deregister;

    // Once `disconnect` has returned the core goes back to altsetting 0, which takes the endpoints away, and Linux 6.12
    // clears the interface's data pointer.
    const DROP_IN_REMOVE: bool = true;

    unsafe fn register(
        driver: *mut bindings::usb_driver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> c_int {
        // SAFETY: the caller owns the driver.
        unsafe { (*driver).name = name.as_char_ptr() };
        // SAFETY: the driver is filled in and stays in place (the caller); name and module outlive it.
        unsafe { bindings::usb_register_driver(driver, module.as_ptr(), name.as_char_ptr()) }
    }
}

/// A USB driver.
pub trait Driver: Sized + 'static {
    /// What the driver knows about each id of its table.
    type IdInfo: Sync + 'static;

    /// The driver's data for one interface. It is dropped when the interface is unbound, so it may borrow from the
    /// interface for all of `'bound`.
    type Data<'bound>: Send + 'bound;

    /// What the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Whether transfers work in [`disconnect`](Self::disconnect) and while the data is dropped, if the device is still
    /// there. Ours alone.
    ///
    /// If `false` the core disables the interface's endpoints before it calls `disconnect`: transfers that other threads
    /// have started end early then, with `ESHUTDOWN`, and new ones fail with `ENOENT`. It does so in either case when
    /// the device was unplugged. Control messages are not concerned.
    ///
    /// If `true`, unbinding waits for such a transfer if its thread has to end (a job of [`workqueue`](crate::workqueue),
    /// for example): up to the transfer's own time limit.
    const SOFT_UNBIND: bool = true;

    /// Takes an interface into service. May sleep; the device is awake.
    ///
    /// Returns an initialiser, which builds the data where it will stay. `id` is a copy of what matched. `id_info` is
    /// the value beside it in [`ID_TABLE`](Self::ID_TABLE), or `None` if the id came from sysfs (`new_id`), also if
    /// what was written there named an entry of the table.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say quietly that the interface is not for this driver; other errors are logged. Whatever the
    /// initialiser has built is dropped, and the interface left unbound.
    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        id: &DeviceId,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Interface, disconnect);
    driver::shutdown_method!(Interface, disconnect);

    /// Takes an interface out of service, right before its data is dropped. May sleep.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when another configuration is chosen,
    /// before the system sleeps, and when the device is gone. In the last case transfers fail with `ENODEV`. What can
    /// be undone by dropping the data needs no code here.
    fn disconnect<'bound>(interface: &'bound Interface<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        let _ = (interface, data);
    }
}

/// Makes a [`Driver`] known to the [`driver`] machinery.
pub struct Adapter<T: Driver>(PhantomData<T>);

impl<T: Driver> Adapter<T> {
    unsafe extern "C" fn probe(
        interface: *mut bindings::usb_interface,
        id: *const bindings::usb_device_id,
    ) -> c_int {
        let info = T::ID_TABLE.info(id);
        // SAFETY: the core passes the id that matched: one of the table, or of `new_id`, which some kernels keep in a
        // list from which `remove_id` may free it later. So it is copied now.
        let id = DeviceId::from_raw(unsafe { *id });
        // SAFETY: called by the USB core to probe `interface`.
        unsafe { driver::probe::<Self>(interface, (id, info)) }
    }
}

// SAFETY: probe, disconnect and shutdown end in the machinery's, for the same type; the table is static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = UsbInterface;
    type Id = (DeviceId, Option<&'static T::IdInfo>);

    fn parts(_: &Interface<Core<'_>>, (id, _): &Self::Id) -> <UsbInterface as Bus>::Parts {
        (
            pm::Power::new(pm::RuntimePm::None),
            dma::Masks::new(),
            BindingState::new(*id),
        )
    }

    fn fill(driver: &mut bindings::usb_driver) {
        driver.id_table = T::ID_TABLE.as_ptr();
        driver.probe = Some(Self::probe);
        driver.disconnect = Some(driver::remove::<Self>);
        driver.shutdown = Some(driver::shutdown::<Self>);
        driver.set_soft_unbind(T::SOFT_UNBIND.into());
    }

    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        (_, info): Self::Id,
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let state = BindingState::of(interface)?;
            Ok(T::probe(interface, &state.id, info))
        })
    }

    driver::hand_on!(T: Interface, disconnect);
}

/// Makes a module of one USB driver: `module_usb_driver! { type: Driver, name: "..", license: "GPL", .. }`.
///
/// The keys are those of [`module!`](macro@crate::prelude::module).
#[macro_export]
macro_rules! module_usb_driver {
    ($($input:tt)*) => {
        $crate::module_driver!(<T>, $crate::usb::Adapter<T>, { $($input)* });
    };
}
