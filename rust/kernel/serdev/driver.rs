// SPDX-License-Identifier: GPL-2.0

//! Drivers of devices on a serial port.

use core::{pin::Pin, slice};

use super::{
    device::{Device, Serdev},
    port::Port,
};
use crate::{
    bindings,
    device::{Bound, Core},
    driver::{self, Bus, Ops},
    pm,
    prelude::*,
    types::optional_vtable,
};

// SAFETY: `Bus` has five requirements here.
//
// 1. The offsets are right: `driver` is the embedded driver, which the core registers as it is. All
//    fields are pointers and numbers, which may be zero.
// 2. The core does not write to a bound device's `driver_data`.
// 3. `driver_unregister()` unbinds every device, and waits for the driver's callbacks, probes on
//    other threads included.
// 4. The driver core calls probe and remove under the device lock, and remove only after a
//    successful probe. There is no callback for shutdown.
// 5. The data is dropped in the remove callback (`DROP_IN_REMOVE`).
unsafe impl Bus for Serdev {
    type RawDriver = bindings::serdev_device_driver;
    type Parts = (pm::Power, Port);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::serdev_device_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_serdev_register_driver;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::lb_serdev_unregister_driver;

    // `serdev_drv_remove()` detaches the device from its power domain after the driver's callback.
    // That may switch the device off before the core calls its hook.
    const DROP_IN_REMOVE: bool = true;
}

/// A driver of devices on serial ports. It serves the devices that match an entry of one of its
/// tables. Without a table it serves no device.
///
/// The bus probes on another thread, on which a driver may wait for its device.
///
/// `#[vtable]` may stand above an implementation, and changes nothing.
#[doc(alias("serdev_device_driver_register", "serdev_device_driver_unregister"))]
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device, Sync);

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    driver::firmware_items!(Device, "The bus binds no device without one.");
    driver::attach_method!(Device, unbind);

    /// Takes bytes that the device has sent, and returns how many it has taken.
    ///
    /// Context: process context; may sleep. The device lock is not held: `unbind` and others may
    /// run at the same time. One thread receives at a time.
    ///
    /// The port keeps bytes that were not taken, and offers them again together with the next ones.
    /// A number above that of `data` counts as all of them. The provided method throws the bytes
    /// away.
    ///
    /// The machinery calls this from the end of [`attach`](Self::attach) on, also with what has
    /// arrived in `probe`, until [`unbind`](Self::unbind) has returned.
    #[doc(alias("serdev_device_set_client_ops", "serdev_device_ops"))]
    fn receive<'bound>(
        sdev: &'bound Device<Bound>,
        this: Pin<&Self::Data<'bound>>,
        data: &[u8],
    ) -> usize {
        let _ = (sdev, this);
        data.len()
    }

    /// Takes a device out of service, before its data is dropped.
    ///
    /// Context: process context; may sleep. The device is powered, and its port is open.
    ///
    /// The machinery calls this on every unbinding: through sysfs, when the module is unloaded, and
    /// when the device or its port is removed. Anything that dropping the data undoes needs no code
    /// here.
    fn unbind<'bound>(sdev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (sdev, this);
    }

    optional_vtable!(HAS_PROBE HAS_ATTACH HAS_RECEIVE HAS_UNBIND);
}

driver::adapter!();
pm::adapter!();
driver::firmware_adapter!(Serdev);

impl<T: Driver> Adapter<T> {
    const OPS: bindings::serdev_device_ops = bindings::serdev_device_ops {
        receive_buf: Some(Self::receive),
        write_wakeup: Some(bindings::serdev_device_write_wakeup),
    };

    fn info(device: &Device<Core<'_>>) -> Option<&'static T::IdInfo> {
        Self::FIRMWARE_IDS.info(device.as_ref())
    }

    unsafe extern "C" fn receive(
        raw: *mut bindings::serdev_device,
        data: *const u8,
        count: usize,
    ) -> usize {
        if count == 0 {
            return 0;
        }
        // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT during this call. The port calls
        // this for its device until `serdev_device_close()` returns, which precedes the end of the
        // binding.
        let device: &Device<Bound> = unsafe { Device::from_raw(raw) };
        let Some(_receiving) = Port::of(device).ok().and_then(Port::receive) else {
            return count;
        };
        // SAFETY: `from_raw_parts` requires that many initialised bytes that nobody changes during
        // this call; the port passes its buffer.
        let bytes = unsafe { slice::from_raw_parts(data, count) };
        // SAFETY: `with_bound` requires (1) a device of `T`, (2) a callback that C makes only while
        // the binding is complete, (3) data that is `Sync`. (1) `probe` has opened the port with
        // the callbacks of `T`. (2) SERDEV-RECEIVES. (3) `Driver` demands it.
        let taken = unsafe {
            driver::with_bound::<Self, _>(device.as_raw_device(), |device, data| {
                T::receive(device, data, bytes)
            })
        };
        taken.unwrap_or(count).min(count)
    }
}

// SAFETY: `Ops` requires that `fill` set up only (1) callbacks that end in the machinery's for the
// same type, (2) callbacks that use the data only while it is bound, (3) tables that live for ever.
// (1) Probe and remove do. (2) Those of `pm` go through `driver::with_locked` and
// `driver::with_bound`, and so does `receive`. (3) The tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = Serdev;
    type Id = ();

    fn parts(_: &Device<Core<'_>>, (): &()) -> <Serdev as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), Port::new())
    }

    fn fill(driver: &mut bindings::serdev_device_driver) {
        Self::FIRMWARE_IDS.fill(&mut driver.driver);
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound Device<Core<'_>>,
        (): (),
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            Port::open(device, &Self::OPS)?;
            Ok(T::probe(device, Self::info(device)))
        })
    }

    driver::hand_on!(T: Device, unbind, no shutdown);
}

driver::module_macro!($ module_serdev_device_driver, serdev, "driver of devices on serial ports");
