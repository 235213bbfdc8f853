// SPDX-License-Identifier: GPL-2.0

//! An I2C client: its address, name, interrupt and adapter.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h)

use super::adapter::I2cAdapter;
use crate::{
    bindings,
    device::{self, Bound, Core, Device, Kind, Recognized},
    prelude::*,
    str::CStrExt as _,
};

/// The [`Kind`] of an I2C client.
pub enum I2c {}

/// A device on an I2C bus, `struct i2c_client`.
pub type I2cClient<Ctx = device::Normal> = device::Device<Ctx, I2c>;

// SAFETY: `dev` is the embedded device; its release function frees the `i2c_client`.
unsafe impl Kind for I2c {
    type Raw = bindings::i2c_client;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::i2c_client, dev);
}

// SAFETY: the device's type says that a client is around it. Adapters are on the I2C bus too, and are of another type.
unsafe impl Recognized for I2c {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_is_i2c_client;
}

impl I2cClient {
    /// The address on the bus: 7 bits, or 10 if [`has_ten_bit_address`](Self::has_ten_bit_address). Any context.
    ///
    /// Not in Linux 7.3.
    pub fn addr(&self) -> u16 {
        // SAFETY: DEV-LIVE; set before the client was added, and constant.
        unsafe { (*self.as_raw()).addr }
    }

    /// Whether the address has ten bits. Any context. Not in Linux 7.3.
    pub fn has_ten_bit_address(&self) -> bool {
        self.flags() & bindings::I2C_CLIENT_TEN as u16 != 0
    }

    /// The client's flags, for C.
    pub(super) fn flags(&self) -> u16 {
        // SAFETY: DEV-LIVE. The I2C core changes them before it calls a driver's `probe`, never while it is bound.
        unsafe { (*self.as_raw()).flags }
    }

    /// The name of the client's type, by which I2C ids match. Any context. Not in Linux 7.3.
    pub fn type_name(&self) -> &CStr {
        // SAFETY: DEV-LIVE.
        let name = unsafe { &raw const (*self.as_raw()).name };
        // SAFETY: the I2C core ends the name with a zero when it makes the client, and then leaves it.
        unsafe { CStr::from_char_ptr(name.cast()) }
    }
}

impl I2cClient<Bound> {
    /// The adapter of the client's bus. Any context. Not in Linux 7.3.
    pub fn adapter(&self) -> &I2cAdapter {
        // SAFETY: DEV-LIVE; set before the client was added, and constant.
        let adapter = unsafe { (*self.as_raw()).adapter };
        // SAFETY: a bound client is registered, below its adapter's device, so that is referenced while it is bound.
        unsafe { Device::from_raw(adapter) }
    }

    /// The number of the client's interrupt, if it has one. Any context. Not in Linux 7.3.
    pub fn irq(&self) -> Option<u32> {
        // SAFETY: DEV-LIVE; set before `probe`, and kept until the client is unbound.
        let irq = unsafe { (*self.as_raw()).irq };
        u32::try_from(irq).ok().filter(|&irq| irq > 0)
    }
}

impl I2cClient<Core<'_>> {
    /// Disables the client's interrupt, if it has one. May sleep.
    pub(super) fn disable_irq(&self) {
        if let Some(irq) = self.irq() {
            // SAFETY: takes any number; waits for handlers, in a callback that may sleep.
            unsafe { bindings::disable_irq(irq) };
        }
    }
}
