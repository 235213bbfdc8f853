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

// SAFETY: `Kind` requires that `DEVICE_OFFSET` be that of the embedded device, whose release
// function frees the whole. `dev` is the embedded device, and its release function frees the
// `i2c_client`.
unsafe impl Kind for I2c {
    type Raw = bindings::i2c_client;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::i2c_client, dev);
}

// SAFETY: `Recognized` requires that each device which `IS_KIND` accepts be embedded in a `Raw`.
// `IS_KIND` asks for the type of a client's device; adapters are on the I2C bus too, but have
// another type.
unsafe impl Recognized for I2c {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_is_i2c_client;
}

impl I2cClient {
    /// The address on the bus: 7 bits, or 10 bits if
    /// [`has_ten_bit_address`](Self::has_ten_bit_address) says so.
    ///
    /// Context: any context.
    ///
    /// Not in Linux 7.3.
    pub fn addr(&self) -> u16 {
        // SAFETY: the read requires a live client and a field that nobody writes; DEV-LIVE gives
        // the first, and C set the field before it added the client.
        unsafe { (*self.as_raw()).addr }
    }

    /// Whether the address has ten bits. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn has_ten_bit_address(&self) -> bool {
        self.flags() & bindings::I2C_CLIENT_TEN as u16 != 0
    }

    /// The client's flags, for C.
    pub(super) fn flags(&self) -> u16 {
        // SAFETY: the read requires a live client and a field that nobody writes meanwhile;
        // DEV-LIVE gives the first. The I2C core changes the flags before it calls a driver's
        // `probe`, and never while a driver is bound.
        unsafe { (*self.as_raw()).flags }
    }

    /// The name of the client's type, by which I2C ids match. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn type_name(&self) -> &CStr {
        // SAFETY: the field's address requires a live client: DEV-LIVE.
        let name = unsafe { &raw const (*self.as_raw()).name };
        // SAFETY: `from_char_ptr` requires a C string that does not change; the I2C core ends the
        // name with a zero byte when it makes the client, and does not change it later.
        unsafe { CStr::from_char_ptr(name.cast()) }
    }
}

impl I2cClient<Bound> {
    /// The adapter of the client's bus. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn adapter(&self) -> &I2cAdapter {
        // SAFETY: the read requires a live client and a field that nobody writes; DEV-LIVE gives
        // the first, and C set the field before it added the client.
        let adapter = unsafe { (*self.as_raw()).adapter };
        // SAFETY: `from_raw` requires an adapter that lives while `self` is borrowed. A bound
        // client is registered below its adapter's device, so it holds a reference to that device.
        unsafe { Device::from_raw(adapter) }
    }

    /// The number of the client's interrupt, if it has one. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn irq(&self) -> Option<u32> {
        // SAFETY: the read requires a live client and a field that nobody writes meanwhile;
        // DEV-LIVE gives the first, and the I2C core sets the field before `probe` and keeps it
        // until the client is unbound.
        let irq = unsafe { (*self.as_raw()).irq };
        u32::try_from(irq).ok().filter(|&irq| irq > 0)
    }
}

impl I2cClient<Core<'_>> {
    /// Disables the client's interrupt, if it has one.
    ///
    /// Context: process context; may sleep.
    pub(super) fn disable_irq(&self) {
        if let Some(irq) = self.irq() {
            // SAFETY: `disable_irq` accepts any number, and requires a context that may sleep,
            // because it waits for handlers; `Core` exists only in callbacks that may sleep.
            unsafe { bindings::disable_irq(irq) };
        }
    }
}
