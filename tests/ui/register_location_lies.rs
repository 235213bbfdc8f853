// SPDX-License-Identifier: GPL-2.0
//@ code

//! A location of the driver's own making is not trusted: both the claim made while compiling and
//! the value are checked.

#![forbid(unsafe_code)]

use kernel::{
    io::{Io, IoLoc, Region},
    pci,
};

pub struct Liar;

impl<const SIZE: usize> IoLoc<Region<SIZE>, u32> for Liar {
    type IoType = u32;

    const CONST_OFFSET: Option<usize> = Some(0);

    #[inline(always)]
    fn offset(self) -> usize {
        #[cfg(not(reject))]
        let offset = 0xc;
        #[cfg(reject)]
        let offset = 0x1000;
        offset
    }
}

pub fn read(bar: &pci::Bar<'_, 0x10>) -> u32 {
    bar.read(Liar)
    //~^ undefined symbol lifebound_build_error
}
