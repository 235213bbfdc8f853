// SPDX-License-Identifier: GPL-2.0

//! The second file: the registers.

use kernel::{io::Io, pci};

/// The registers of a device.
pub(crate) struct Registers<'bound>(pub(crate) pci::Bar<'bound, 0x10>);

impl Registers<'_> {
    /// Returns the offset of the test that is chosen.
    pub(crate) fn offset(&self) -> u32 {
        self.0.read32(0x4)
    }
}
