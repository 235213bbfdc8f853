// SPDX-License-Identifier: GPL-2.0

//! An auxiliary device, as its driver sees it: its parent, and what the parent's driver gave it.
//!
//! C header: [`include/linux/auxiliary_bus.h`](srctree/include/linux/auxiliary_bus.h)

use core::{any::TypeId, pin::Pin, ptr::NonNull};

use crate::{
    bindings,
    device::{self, Bound, DeviceContext, Kind, Recognized},
    prelude::*,
    types::{
        CovariantForLt, ForLt,
        for_lt::{erase, restore},
    },
};

/// The [`Kind`] of an auxiliary device.
pub enum Auxiliary {}

/// An auxiliary device, `struct auxiliary_device`.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Auxiliary>;

// SAFETY: `dev` is the embedded device; whoever made the `auxiliary_device` gave it a release function that frees it.
unsafe impl Kind for Auxiliary {
    type Raw = bindings::auxiliary_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::auxiliary_device, dev);
}

// SAFETY: all devices of the auxiliary bus are embedded in a `struct auxiliary_device`.
unsafe impl Recognized for Auxiliary {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_is_auxiliary;
}

impl<Ctx: DeviceContext> Device<Ctx> {
    /// The number that tells devices of one name apart. Any context.
    pub fn id(&self) -> u32 {
        // SAFETY: DEV-LIVE; set before the device was added, and constant.
        unsafe { (*self.as_raw()).id }
    }

    /// What is around the device, if this crate made it. Lives as long as the device.
    fn memory(&self) -> Option<NonNull<bindings::lb_aux>> {
        // SAFETY: the shim wants a live device (DEV-LIVE), and returns what is around it, or null.
        let memory = unsafe { bindings::lb_aux_of(self.as_raw()) };
        NonNull::new(memory.cast_mut())
    }
}

impl Device {
    /// The device's parent. Any context.
    ///
    /// `None` if C code made the device: nobody keeps the parent of such a device once that is off the bus.
    pub fn parent(&self) -> Option<&device::Device> {
        self.memory()?;
        // SAFETY: DEV-LIVE; set before the device was added, and constant.
        let parent = unsafe { (*self.as_raw()).dev.parent };
        // SAFETY: the device holds a reference to it until it is released (`lb_aux_hold_parent()`).
        Some(unsafe { device::Device::from_raw(parent) })
    }
}

impl Device<Bound> {
    /// The device's parent, which is bound at least as long. Any context.
    pub fn parent(&self) -> &device::Device<Bound> {
        // SAFETY: DEV-LIVE; set before the device was added, and constant.
        let parent = unsafe { (*self.as_raw()).dev.parent };
        // SAFETY: a device that is on the bus references its parent. Its own driver is unbound before the parent's: the
        // parent's scope sees to it (SCOPE-DRAINED), or the C code that made it, as this bus demands.
        unsafe { device::Device::from_raw(parent) }
    }

    /// Calls `f` with the data that the device was registered with. Any context.
    ///
    /// `F` is the type by which the [`Registration`](super::Registration) was made. The lifetime of the data, and that
    /// of the borrow, are not for `f` to choose; they differ, so the data cannot be made to refer to itself.
    ///
    /// # Errors
    ///
    /// `ENOENT` if C code made the device, so that there is no data; `EPERM` if another module did, whose types may
    /// differ; `EINVAL` if it was registered with another type.
    pub fn registration_data_with<F: ForLt + 'static, R>(
        &self,
        f: impl for<'r, 'a> FnOnce(Pin<&'r F::Of<'a>>) -> R,
    ) -> Result<R> {
        // SAFETY: `f` works for any lifetime, so it cannot choose one.
        Ok(f(unsafe { self.stored::<F>() }?))
    }

    /// The data that the device was registered with, for a type whose lifetime can be shortened. Any context.
    ///
    /// # Errors
    ///
    /// As for [`registration_data_with`](Self::registration_data_with).
    pub fn registration_data<F: CovariantForLt + 'static>(&self) -> Result<Pin<&F::Of<'_>>> {
        // SAFETY: the lifetime is that of the borrow, which the data outlives, and `F` is covariant.
        unsafe { self.stored::<F>() }
    }

    /// The data, for a lifetime of the caller's choice.
    ///
    /// # Safety
    ///
    /// Whoever gets the data must not be able to choose `'a`, unless `F` is covariant and `'a` no longer than the binding.
    unsafe fn stored<'r, 'a: 'r, F: ForLt + 'static>(&'r self) -> Result<Pin<&'r F::Of<'a>>> {
        let memory = self.memory().ok_or(ENOENT)?.as_ptr();
        // SAFETY: the shim compares an address.
        if !unsafe { bindings::lb_aux_is_own(memory) } {
            return Err(EPERM);
        }
        // SAFETY: AUX-OURS; constant while the device is on the bus, as is what is read below.
        let data_type = unsafe { (*memory).data_type };
        // SAFETY: `Child::start` has stored a `TypeId` that lives as long as this module.
        let data_type = unsafe { &*data_type.cast::<TypeId>() };
        if *data_type != TypeId::of::<F>() {
            return Err(EINVAL);
        }
        // SAFETY: AUX-OURS.
        let data = unsafe { (*memory).data };
        let data = NonNull::new(data.cast_mut()).ok_or(ENOENT)?;
        // SAFETY: stored for the same `F`; alive, since the child is on the bus as long as its driver is bound, and the
        // data outlives that. The caller sees to the lifetime.
        let data = unsafe { restore::<F>(erase::<F>(data.cast())) };
        // SAFETY: as above, and only lent shared.
        let data = unsafe { data.as_ref() };
        // SAFETY: it is in a pinned `Child`.
        Ok(unsafe { Pin::new_unchecked(data) })
    }
}
