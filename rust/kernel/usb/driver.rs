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

// SAFETY: `driver` is the embedded driver; all fields are pointers, numbers and locks that `usb_register_driver()` sets
// up. `usb_deregister()` unbinds every interface and waits. The core calls `probe` and `disconnect` under the device
// lock, and `disconnect` after a probe alone: other ways to bind an interface (`usb_driver_claim_interface()`) need the
// driver's C structure. What it does after `disconnect` does not matter: the data is dropped by then.
unsafe impl Bus for UsbInterface {
    type RawDriver = bindings::usb_driver;
    type Parts = (pm::Power, dma::Masks, BindingState);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::usb_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_usb_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::usb_deregister;

    // Once `disconnect` has returned the core goes back to altsetting 0, which takes the endpoints away, and Linux 6.12
    // clears the interface's data pointer.
    const DROP_IN_REMOVE: bool = true;
}

/// A USB driver.
pub trait Driver: Sized + 'static {
    driver::driver_items!(Interface);

    /// What the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Whether transfers work in [`disconnect`](Self::disconnect) and while the data is dropped, if the device is still
    /// there. Not in Linux 7.3.
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

driver::adapter!();

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

driver::module_macro!($ module_usb_driver, usb, "USB driver");
