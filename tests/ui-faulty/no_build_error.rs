// SPDX-License-Identifier: GPL-2.0
//@ finds ^accepted with `--cfg reject`
//@ code

//! Nothing is left in the machine code.

use kernel::{io::Io, pci};

pub fn read(bar: &pci::Bar<'_, 0x10>) -> u32 {
    #[cfg(not(reject))]
    let offset = 0x8;
    #[cfg(reject)]
    let offset = 0xc;
    bar.read32(offset) //~ undefined symbol lifebound_build_error
}
