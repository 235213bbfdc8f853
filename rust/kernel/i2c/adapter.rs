// SPDX-License-Identifier: GPL-2.0

//! Adapters: the controllers of I2C buses, to which clients are attached.

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
/// A counted reference keeps the adapter and its driver's module. The adapter's removal waits until
/// the last reference is given up, so a driver keeps a reference no longer than it needs it.
/// [`Registration`](super::Registration) and bound clients need no reference.
pub type I2cAdapter<Ctx = device::Normal> = device::Device<Ctx, AdapterKind>;

// SAFETY: `Kind` requires (1) that `DEVICE_OFFSET` be that of the embedded device, (2) that a
// reference of `get` keep the adapter, and `put` give it up. (1) `dev` is the embedded device. (2)
// `i2c_del_adapter()` returns, and the adapter is freed, only once the last reference to `dev` is
// given up. The shim counts such a reference, and one to the module; `i2c_put_adapter()` gives both
// up.
unsafe impl Kind for AdapterKind {
    type Raw = bindings::i2c_adapter;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::i2c_adapter, dev);

    unsafe fn get(raw: *mut bindings::i2c_adapter) {
        // SAFETY: `lb_i2c_adapter_get` requires a referenced adapter, even if its number no longer
        // names it; the caller vouches for the reference.
        unsafe { bindings::lb_i2c_adapter_get(raw) }
    }

    unsafe fn put(raw: *mut bindings::i2c_adapter) {
        // SAFETY: `i2c_put_adapter` requires a reference that `get` or `i2c_get_adapter()` counted;
        // the caller gives one up.
        unsafe { bindings::i2c_put_adapter(raw) }
    }
}

impl<Ctx: device::DeviceContext> I2cAdapter<Ctx> {
    /// The functions that the adapter has. Not in Linux 7.3.
    ///
    /// Context: process context; may sleep if the adapter's driver does.
    #[doc(alias("i2c_get_functionality", "i2c_check_functionality"))]
    pub fn functionality(&self) -> Functionality {
        // SAFETY: `lb_i2c_get_functionality` requires a live adapter with its functions; DEV-LIVE
        // gives the first, and an adapter keeps its functions as long as it is referenced.
        Functionality::from_raw(unsafe { bindings::lb_i2c_get_functionality(self.as_raw()) })
    }
}

impl I2cAdapter {
    /// The number of the bus, as in `/dev/i2c-<number>`.
    ///
    /// Context: any context.
    pub fn index(&self) -> i32 {
        // SAFETY: the read requires a live adapter and a field that nobody writes; DEV-LIVE gives
        // the first, and C set the field before it added the adapter.
        unsafe { (*self.as_raw()).nr }
    }

    /// The adapter with this number.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if there is no such adapter, or if it is being removed.
    #[doc(alias("i2c_get_adapter", "i2c_put_adapter"))]
    pub fn get(index: i32) -> Result<ARef<Self>> {
        // SAFETY: `i2c_get_adapter` accepts any number.
        let raw = unsafe { bindings::i2c_get_adapter(index) };
        let raw = NonNull::new(raw).ok_or(ENODEV)?;
        // SAFETY: `from_raw` requires an adapter that lives while `adapter` is used;
        // `i2c_get_adapter()` counted a reference, which the value below takes over.
        let adapter: &Self = unsafe { device::Device::from_raw(raw.as_ptr()) };
        // SAFETY: `ARef::from_raw` requires a counted reference that `put` may give up;
        // `i2c_get_adapter()` counted one.
        Ok(unsafe { ARef::from_raw(NonNull::from(adapter)) })
    }
}
