// SPDX-License-Identifier: GPL-2.0
//@ code

//! A plain offset past a BAR's compile-time size is refused when the module is linked.

#![forbid(unsafe_code)]

use kernel::{io::Io, pci};

pub fn last(bar: &pci::Bar<'_, 0x10>) -> u32 {
    #[cfg(not(any(reject, reject_2, reject_3)))]
    let offset = 0xc;
    #[cfg(reject)]
    let offset = 0x10;
    #[cfg(reject_2)]
    let offset = 0xe;
    #[cfg(reject_3)]
    let offset = usize::MAX - 3;
    bar.read32(offset)
    //~^ undefined symbol lifebound_build_error
    //~2^^ undefined symbol lifebound_build_error
    //~3^^^ undefined symbol lifebound_build_error
}
