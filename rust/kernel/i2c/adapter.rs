// SPDX-License-Identifier: GPL-2.0

//! Adapters: what drives a bus, and to which clients are attached.

use core::ptr::NonNull;

use super::functionality::Functionality;
use crate::{
    bindings,
    device::{self, Kind},
    prelude::*,
    sync::aref::ARef,
};

/// The [`Kind`] of an I2C adapter.
pub enum AdapterKind {}

/// An I2C adapter, `struct i2c_adapter`: a bus, seen from the processor.
///
/// A counted reference keeps the adapter and its driver's module. The adapter's removal waits until the last one is
/// gone, so keep one no longer than it is needed. [`Registration`](super::Registration) and bound clients need none.
pub type I2cAdapter<Ctx = device::Normal> = device::Device<Ctx, AdapterKind>;

// SAFETY: `dev` is the embedded device; `i2c_del_adapter()` returns, and the adapter goes, once its last reference is
// given up. The shim counts such a reference, beside one to the module, and `i2c_put_adapter()` gives both up.
unsafe impl Kind for AdapterKind {
    type Raw = bindings::i2c_adapter;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::i2c_adapter, dev);

    unsafe fn get(raw: *mut bindings::i2c_adapter) {
        // SAFETY: the adapter is referenced (the caller), whether its number still names it or not.
        unsafe { bindings::lb_i2c_adapter_get(raw) }
    }

    unsafe fn put(raw: *mut bindings::i2c_adapter) {
        // SAFETY: the caller gives up what `get` or `i2c_get_adapter()` has counted.
        unsafe { bindings::i2c_put_adapter(raw) }
    }
}

impl<Ctx: device::DeviceContext> I2cAdapter<Ctx> {
    /// What the adapter can do. May sleep, as the adapter's driver does.
    ///
    /// Ours alone.
    pub fn functionality(&self) -> Functionality {
        // SAFETY: DEV-LIVE; an adapter has its functions as long as it is referenced.
        Functionality::from_raw(unsafe { bindings::lb_i2c_get_functionality(self.as_raw()) })
    }
}

impl I2cAdapter {
    /// The number of the bus, as in `/dev/i2c-<number>`. Any context.
    pub fn index(&self) -> i32 {
        // SAFETY: DEV-LIVE; set before the adapter was added, and constant.
        unsafe { (*self.as_raw()).nr }
    }

    /// The adapter with this number. May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if there is none, or if it is being removed.
    pub fn get(index: i32) -> Result<ARef<Self>> {
        // SAFETY: takes any number.
        let raw = unsafe { bindings::i2c_get_adapter(index) };
        let raw = NonNull::new(raw).ok_or(ENODEV)?;
        // SAFETY: the adapter is referenced, until the reference below takes over.
        let adapter: &Self = unsafe { device::Device::from_raw(raw.as_ptr()) };
        // SAFETY: `i2c_get_adapter()` has counted a reference, of the kind that `put` gives up.
        Ok(unsafe { ARef::from_raw(NonNull::from(adapter)) })
    }
}
