// SPDX-License-Identifier: GPL-2.0

//! What a client is: address, name, interrupt, adapter.

use super::{I2cAdapter, I2cClient};
use crate::{
    bindings,
    device::{self, Bound, Core, Device},
    prelude::*,
    str::CStrExt as _,
};

impl I2cClient {
    /// The address on the bus: 7 bits, or 10 if [`has_ten_bit_address`](Self::has_ten_bit_address). Any context.
    ///
    /// Ours alone.
    pub fn addr(&self) -> u16 {
        // SAFETY: DEV-LIVE; set before the client was added, and constant.
        unsafe { (*self.as_raw()).addr }
    }

    /// Whether the address has ten bits. Any context. Ours alone.
    pub fn has_ten_bit_address(&self) -> bool {
        self.flags() & bindings::I2C_CLIENT_TEN as u16 != 0
    }

    /// The client's flags, for C.
    pub(super) fn flags(&self) -> u16 {
        // SAFETY: DEV-LIVE. The I2C core changes them before it calls a driver's `probe`, never while it is bound.
        unsafe { (*self.as_raw()).flags }
    }

    /// The name of the client's type, by which I2C ids match. Any context. Ours alone.
    pub fn type_name(&self) -> &CStr {
        // SAFETY: DEV-LIVE.
        let name = unsafe { &raw const (*self.as_raw()).name };
        // SAFETY: the I2C core ends the name with a zero when it makes the client, and then leaves it.
        unsafe { CStr::from_char_ptr(name.cast()) }
    }
}

impl I2cClient<Bound> {
    /// The adapter of the client's bus. Any context. Ours alone.
    pub fn adapter(&self) -> &I2cAdapter {
        // SAFETY: DEV-LIVE; set before the client was added, and constant.
        let adapter = unsafe { (*self.as_raw()).adapter };
        // SAFETY: a bound client is registered, below its adapter's device, so that is referenced while it is bound.
        unsafe { Device::from_raw(adapter) }
    }

    /// The number of the client's interrupt, if it has one. Any context. Ours alone.
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

impl<'a, Ctx: device::DeviceContext> TryFrom<&'a Device<Ctx>> for &'a I2cClient<Ctx> {
    type Error = Error;

    /// The I2C client around a plain device. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the device is no I2C client. Adapters are on the I2C bus too, and are none.
    fn try_from(device: &'a Device<Ctx>) -> Result<Self> {
        // SAFETY: DEV-LIVE; reads the device's type.
        let client = unsafe { bindings::i2c_verify_client(device.as_raw()) };
        if client.is_null() {
            return Err(EINVAL);
        }
        // SAFETY: the type says that a client is around the device; it lives as long, in the same context.
        Ok(unsafe { Device::from_raw(client) })
    }
}
