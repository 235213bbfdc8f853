// SPDX-License-Identifier: GPL-2.0

//! The trait with the accesses to registers is not imported, or the prelude is not.

#![forbid(unsafe_code)]

#[cfg(not(any(reject, reject_2)))]
use kernel::io::Io;
use kernel::pci;
#[cfg(not(reject_2))]
use kernel::prelude::*;

pub fn read(bar: &pci::Bar<'_, 0x100>) -> Result<u32> {
    if bar.read32(0) == 0 {
        return Err(ENODEV);
    }
    Ok(bar.read32(4))
}
