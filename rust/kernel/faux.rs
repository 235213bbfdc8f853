// SPDX-License-Identifier: GPL-2.0

//! Faux devices: devices without hardware, for a module that needs a device and has none.
//!
//! C header: `include/linux/device/faux.h`, in Linux 6.14 and later.
//!
//! A faux device is bound from its registration on. Its files are in `/sys/devices/faux`. A kernel
//! without C's header has a platform device in its place, in `/sys/devices/platform`.
//!
//! No driver of the module is bound to the device, so managed resources
//! ([`devres`](crate::devres)) refuse it with `EPERM`.
//!
//! ```
//! use kernel::{faux, prelude::*};
//!
//! struct Soft {
//!     device: faux::Registration,
//! }
//!
//! impl kernel::Module for Soft {
//!     fn init(_module: &'static ThisModule) -> Result<Self> {
//!         let device = faux::Registration::new(c"soft", None)?;
//!         dev_info!(device.as_ref(), "there is no hardware here\n");
//!         Ok(Self { device })
//!     }
//! }
//! ```

use crate::{
    bindings,
    device::{self, Bound},
    error::from_err_ptr,
    ffi::c_void,
    module_scope::{Kept, Room},
    prelude::*,
    str::file_name,
    types::ARef,
};

/// A faux device. It has no methods beyond those of any device.
#[doc(alias = "faux_device")]
pub type Device<Ctx = device::Normal> = device::Device<Ctx>;

/// A registered faux device. Dropping this removes the device. If this was forgotten, the device is
/// removed when the module is unloaded.
///
/// # Invariants
///
/// FAUX-REGISTERED: the payload is a reference to a device that `lb_faux_create()` has made. The
/// entry in the module's list destroys the device, once.
#[doc(alias("faux_device_create", "faux_device_destroy"))]
pub struct Registration(Kept<ARef<device::Device>>);

impl Registration {
    /// Registers a device of this name, below `parent` if there is one.
    ///
    /// The caller removes the device before the parent. The memory of a parent that is gone stays.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for a name that is no name of a file in sysfs; see
    ///   [`NodeOptions::new`](crate::miscdevice::NodeOptions::new).
    /// - `ENODEV` if C has made no device, and has said why: another one of this name exists, or
    ///   there was no memory. A kernel without C's header gives the error itself: `EBUSY`, `EEXIST`
    ///   or `ENOMEM`.
    pub fn new(name: &CStr, parent: Option<&device::Device>) -> Result<Self> {
        file_name::check(c"a faux device", name, file_name::LONGEST)?;
        let room = Room::new()?;
        let parent = parent.map_or(core::ptr::null_mut(), device::Device::as_raw);
        // SAFETY: `lb_faux_create()` requires a C string, and a parent that is null or alive:
        // `name` and `parent` are borrowed.
        let raw = from_err_ptr(unsafe { bindings::lb_faux_create(name.as_char_ptr(), parent) })?;
        // SAFETY: `new_unchecked` requires a pointer that is not null: `from_err_ptr` has let the
        // pointer of a device through.
        let device = unsafe { core::ptr::NonNull::new_unchecked(raw) };
        // SAFETY: `from_raw` requires a counted reference that passes to the result:
        // `lb_faux_create()` has counted one for its caller.
        let device = unsafe { ARef::<device::Device>::from_raw(device.cast()) };
        // INVARIANT: FAUX-REGISTERED: the device was made above.
        // SAFETY: `fill` requires
        // 1. that what `start` returned is fit for `destroy`: the device was made above, and any
        //    thread may destroy it;
        // 2. that nothing uses the payload after the end in a way that the end forbids: the payload
        //    is a reference, which outlives the device's place in sysfs;
        // 3. that the end waits for no callback: the device has none (FAUX-BOUND);
        // 4. that any thread may drop the payload: a reference is `Send`.
        let kept = unsafe {
            room.fill(
                crate::init::into_error(device),
                |device| Ok(device.as_raw().cast()),
                destroy,
                || false,
            )
        }?;
        Ok(Self(kept))
    }
}

/// Destroys a faux device.
///
/// # Safety
///
/// `lb_faux_create()` must have made `device`, which must not have been destroyed.
unsafe extern "C" fn destroy(device: *mut c_void) {
    // SAFETY: `lb_faux_destroy()` requires a device of `lb_faux_create()`, once: the caller vouches
    // for it.
    unsafe { bindings::lb_faux_destroy(device.cast()) }
}

impl AsRef<Device<Bound>> for Registration {
    /// The device, which is bound for as long as it is registered.
    ///
    /// Context: any context.
    fn as_ref(&self) -> &Device<Bound> {
        let device = self.0.payload().get_ref();
        // SAFETY: `as_bound` requires that the device stays bound while the reference lives:
        // FAUX-BOUND, for as long as the device is registered. The module's end removes a device
        // only when nothing but the drops of its statics runs afterwards. To them the device is
        // live (FAUX-REGISTERED), and no managed resource of the module is on it.
        unsafe { device.as_bound() }
    }
}
