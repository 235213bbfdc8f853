// SPDX-License-Identifier: GPL-2.0

//! A name is a `str`.

#![forbid(unsafe_code)]

use kernel::{device::Bound, pci, prelude::*};

pub fn map(pdev: &pci::Device<Bound>) -> Result<pci::Bar<'_>> {
    #[cfg(not(reject))]
    return pdev.iomap_region(0, c"mistake");
    #[cfg(reject)]
    pdev.iomap_region(0, "mistake")
}
