// SPDX-License-Identifier: GPL-2.0

//! USB drivers.

use core::pin::Pin;

use super::{
    device::{Interface, UsbInterface},
    id::{DeviceId, IdTable},
    state::BindingState,
};
use crate::{
    bindings,
    device::Core,
    dma,
    driver::{self, Bus, Ops},
    ffi::c_int,
    pm,
    prelude::*,
};

// SAFETY: `Bus` has five requirements here.
//
// 1. The offsets are right: `driver` is the embedded driver. All fields are pointers, numbers, and
//    locks that `usb_register_driver()` sets up, so they may be zero.
// 2. The core does not write to a bound interface's `driver_data`, except that it clears it after
//    `disconnect`.
// 3. `usb_deregister()` unbinds every interface, and waits for the driver's callbacks.
// 4. The core calls `probe` and `disconnect` under the device lock, and `disconnect` only after a
//    successful probe. Other ways to bind an interface (`usb_driver_claim_interface()`) need the
//    driver's C structure, which nobody else has.
// 5. The data is dropped in `disconnect` (`DROP_IN_REMOVE`), so the core's steps after it do not
//    matter.
unsafe impl Bus for UsbInterface {
    type RawDriver = bindings::usb_driver;
    type Parts = (pm::Power, dma::Masks, BindingState);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::usb_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_usb_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::usb_deregister;

    // Once `disconnect` has returned, the core returns to altsetting 0, which disables the
    // endpoints. Linux 6.12 also clears the interface's data pointer.
    const DROP_IN_REMOVE: bool = true;
}

/// A USB driver.
#[doc(alias("usb_register", "usb_deregister"))]
pub trait Driver: Sized + 'static {
    driver::driver_items!(Interface);

    /// The interfaces that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Whether transfers work in [`disconnect`](Self::disconnect) and while the data is dropped, if
    /// the device is still present. Not in Linux 7.3.
    ///
    /// If this is `false`, the core disables the interface's endpoints before it calls
    /// `disconnect`. Transfers that other threads have started then end early, with `ESHUTDOWN`,
    /// and new transfers fail with `ENOENT`. If the device was unplugged, the core does this in
    /// either case. Control messages still work.
    ///
    /// If this is `true`, unbinding may wait for a transfer up to the transfer's own time limit. It
    /// waits if the thread of the transfer has to end, for example one that runs a job of a
    /// [`workqueue`](crate::workqueue).
    const SOFT_UNBIND: bool = true;

    /// Takes an interface into service, and builds the driver's data for it.
    ///
    /// Context: process context; may sleep. The device is awake.
    ///
    /// The method returns an initialiser, which builds the data where it will stay. `id` is a copy
    /// of the matching id. `id_info` is the value beside it in [`ID_TABLE`](Self::ID_TABLE). It is
    /// `None` if the id came from sysfs (`new_id`), even if the user named an entry of the table
    /// there.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say that the interface is not for this driver, and leave no message; C
    /// logs other errors. Fields that the initialiser has built are dropped, and the interface is
    /// left unbound.
    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        id: &DeviceId,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Interface, disconnect);
    driver::shutdown_method!(Interface, disconnect);

    /// Takes an interface out of service, before its data is dropped.
    ///
    /// Context: process context; may sleep.
    ///
    /// The machinery calls this on every unbinding: through sysfs, when the module is unloaded,
    /// when another configuration is chosen, before the system sleeps, and when the device is gone.
    /// Transfers to a device that is gone fail with `ENODEV`. Anything that dropping the data
    /// undoes needs no code here.
    fn disconnect<'bound>(interface: &'bound Interface<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        let _ = (interface, data);
    }
}

driver::adapter!();

impl<T: Driver> Adapter<T> {
    unsafe extern "C" fn probe(
        interface: *mut bindings::usb_interface,
        id: *const bindings::usb_device_id,
    ) -> c_int {
        let info = T::ID_TABLE.info(id);
        // SAFETY: the read requires a live id; the core passes the matching id, which is one of the
        // table or of `new_id`. Some kernels keep the latter in a list from which `remove_id` may
        // free it later, so this copies the id now.
        let id = DeviceId::from_raw(unsafe { *id });
        // SAFETY: `driver::probe` requires that the bus' probe callback calls it, for the
        // callback's device; this is the callback with which the USB core probes `interface`.
        unsafe { driver::probe::<Self>(interface, (id, info)) }
    }
}

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe, disconnect and shutdown do. (2) There are no others. (3) The table is static.
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

driver::module_macro!($ module_usb_driver, usb, "USB driver");
