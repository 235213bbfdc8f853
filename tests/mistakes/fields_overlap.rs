// SPDX-License-Identifier: GPL-2.0

//! Fields of a register overlap.

#![forbid(unsafe_code)]

use kernel::{io::Io, io::register, pci};

register! {
    pub CONTROL(u32) @ 0x20 {
        7:4 interrupt;
        3:0 speed;
    }
}

#[cfg(reject)]
register! {
    pub STATUS(u32) @ 0x24 {
        7:3 errors;
        3:0 state;
    }
}

pub fn read(bar: &pci::Bar<'_, 0x100>) -> u32 {
    bar.read(CONTROL).into_raw()
}
