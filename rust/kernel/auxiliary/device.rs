// SPDX-License-Identifier: GPL-2.0

//! An auxiliary device, as its driver sees it: its parent, and the data that the parent's driver
//! gave it.
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

// SAFETY: `Kind` requires that `DEVICE_OFFSET` be that of the embedded device, whose release
// function frees the whole. `dev` is the embedded device, and the maker of an `auxiliary_device`
// gives it a release function that frees it.
unsafe impl Kind for Auxiliary {
    type Raw = bindings::auxiliary_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::auxiliary_device, dev);
}

// SAFETY: `Recognized` requires that each device which `IS_KIND` accepts be embedded in a `Raw`;
// all devices of the auxiliary bus are embedded in a `struct auxiliary_device`.
unsafe impl Recognized for Auxiliary {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_is_auxiliary;
}

impl<Ctx: DeviceContext> Device<Ctx> {
    /// The number that distinguishes devices of one name.
    ///
    /// Context: any context.
    pub fn id(&self) -> u32 {
        // SAFETY: the read requires a live device and a field that nobody writes; DEV-LIVE gives
        // the first, and the field is set before the device is added.
        unsafe { (*self.as_raw()).id }
    }

    /// The structure around the device, if this crate made it. The structure lives as long as the
    /// device.
    fn memory(&self) -> Option<NonNull<bindings::lb_aux>> {
        // SAFETY: `lb_aux_of` requires a live device: DEV-LIVE. It returns the structure around the
        // device, or null.
        let memory = unsafe { bindings::lb_aux_of(self.as_raw()) };
        NonNull::new(memory.cast_mut())
    }
}

impl Device {
    /// The device's parent.
    ///
    /// Context: any context.
    ///
    /// The result is `None` if C code made the device: nothing keeps the parent of such a device
    /// once the device is off the bus.
    pub fn parent(&self) -> Option<&device::Device> {
        self.memory()?;
        // SAFETY: the read requires a live device and a field that nobody writes; DEV-LIVE gives
        // the first, and the field is set before the device is added.
        let parent = unsafe { (*self.as_raw()).dev.parent };
        // SAFETY: `from_raw` requires a parent that lives while `self` is borrowed. The device
        // holds a reference to its parent until the device itself is released
        // (`lb_aux_hold_parent()`).
        Some(unsafe { device::Device::from_raw(parent) })
    }
}

impl Device<Bound> {
    /// The device's parent, which is bound at least as long.
    ///
    /// Context: any context.
    pub fn parent(&self) -> &device::Device<Bound> {
        // SAFETY: the read requires a live device and a field that nobody writes; DEV-LIVE gives
        // the first, and the field is set before the device is added.
        let parent = unsafe { (*self.as_raw()).dev.parent };
        // SAFETY: `from_raw` requires a parent that lives and is bound while `self` is borrowed. A
        // device that is on the bus references its parent, and the child's driver is unbound before
        // the parent's. If this crate made the child, the parent's scope ensures that
        // (SCOPE-DRAINED); otherwise the C code that made it does, as this bus demands.
        unsafe { device::Device::from_raw(parent) }
    }

    /// Calls `f` with the data that the device was registered with.
    ///
    /// Context: any context.
    ///
    /// `F` is the type with which the [`Registration`](super::Registration) was made. `f` can
    /// choose neither the lifetime of the data nor that of the borrow. The two differ, so `f`
    /// cannot make the data refer to itself.
    ///
    /// # Errors
    ///
    /// - `ENOENT`: C code made the device, so there is no data.
    /// - `EPERM`: another module made the device, and its types may differ.
    /// - `EINVAL`: the device was registered with another type.
    pub fn registration_data_with<F: ForLt + 'static, R>(
        &self,
        f: impl for<'r, 'a> FnOnce(Pin<&'r F::Of<'a>>) -> R,
    ) -> Result<R> {
        // SAFETY: `stored` requires that the receiver of the data cannot choose the lifetime; `f`
        // works for any lifetime.
        Ok(f(unsafe { self.stored::<F>() }?))
    }

    /// The data that the device was registered with, for a type whose lifetime can be shortened.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// The errors of [`registration_data_with`](Self::registration_data_with).
    pub fn registration_data<F: CovariantForLt + 'static>(&self) -> Result<Pin<&F::Of<'_>>> {
        // SAFETY: `stored` requires a covariant `F` and a lifetime no longer than the binding; `F`
        // is covariant, and the lifetime is that of the borrow.
        unsafe { self.stored::<F>() }
    }

    /// The data, for a lifetime that the caller chooses.
    ///
    /// # Safety
    ///
    /// The receiver of the data must not be able to choose `'a`, unless `F` is covariant and `'a`
    /// is no longer than the binding.
    unsafe fn stored<'r, 'a: 'r, F: ForLt + 'static>(&'r self) -> Result<Pin<&'r F::Of<'a>>> {
        let memory = self.memory().ok_or(ENOENT)?.as_ptr();
        // SAFETY: `lb_aux_is_own` requires nothing of `memory`: it compares an address.
        if !unsafe { bindings::lb_aux_is_own(memory) } {
            return Err(EPERM);
        }
        // SAFETY: the read requires a live structure and a field that nobody writes meanwhile.
        // AUX-OURS gives the first, and no field changes while the device is on the bus.
        let data_type = unsafe { (*memory).data_type };
        // SAFETY: the reference requires a live `TypeId`; `Child::start` stored one that lives as
        // long as this module.
        let data_type = unsafe { &*data_type.cast::<TypeId>() };
        if *data_type != TypeId::of::<F>() {
            return Err(EINVAL);
        }
        // SAFETY: the same holds as for `data_type`.
        let data = unsafe { (*memory).data };
        let data = NonNull::new(data.cast_mut()).ok_or(ENOENT)?;
        // SAFETY: `restore` requires live data that was erased for the same `F`, and a permitted
        // lifetime. The type was compared above. The data outlives the child's time on the bus, and
        // the child is on the bus while its driver is bound. The caller vouches for the lifetime.
        let data = unsafe { restore::<F>(erase::<F>(data.cast())) };
        // SAFETY: `as_ref` requires live data that is only shared. The data is live while the child
        // is on the bus, see above, and nobody borrows it uniquely.
        let data = unsafe { data.as_ref() };
        // SAFETY: `new_unchecked` requires data that does not move; it is in a pinned `Child`.
        Ok(unsafe { Pin::new_unchecked(data) })
    }
}
