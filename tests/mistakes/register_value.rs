// SPDX-License-Identifier: GPL-2.0

//! A register's value, or a field of one bit, is a bare integer.

#![forbid(unsafe_code)]

use kernel::{io::Io, io::register, pci};

register! {
    pub CONTROL(u32) @ 0x20 {
        7:7 interrupt;
        3:0 speed;
    }
}

#[cfg(not(any(reject, reject_2)))]
pub fn start(bar: &pci::Bar<'_, 0x100>) {
    bar.write(CONTROL, CONTROL::zeroed().with_interrupt(true));
}

#[cfg(reject)]
pub fn start(bar: &pci::Bar<'_, 0x100>) {
    bar.write(CONTROL, 0x80);
}

#[cfg(reject_2)]
pub fn start(bar: &pci::Bar<'_, 0x100>) {
    bar.write(CONTROL, CONTROL::zeroed().with_interrupt(1));
}
