// SPDX-License-Identifier: GPL-2.0

//! No safe function makes a device, a module or a window of I/O memory out of a number.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device},
    io::{MmioRaw, Region},
};

pub fn device<'a>(dev: &'a Device<Bound>) -> &'a Device<Bound> {
    #[cfg(reject)]
    let dev = Device::<Bound>::from_raw(core::ptr::null_mut()); //~ E0133
    dev
}

pub fn module(_: &'static kernel::ThisModule) {
    #[cfg(reject_2)]
    let _ = kernel::ThisModule::from_ptr(core::ptr::null_mut()); //~2 E0133
}

pub fn window(raw: MmioRaw<Region<4>>) -> usize {
    #[cfg(reject_3)]
    let raw = kernel::io::Mmio::from_raw(raw); //~3 E0133
    size_of_val(&raw)
}

pub fn no_unsafe_block() {
    #[cfg(reject_4)]
    unsafe {} //~4 usage of an `unsafe` block
}
