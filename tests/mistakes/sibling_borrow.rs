// SPDX-License-Identifier: GPL-2.0

//! A field borrows from the field beside it.

#![forbid(unsafe_code)]

use kernel::{device::Bound, pci, prelude::*};

pub struct Ring<'a> {
    pub bar: &'a pci::Bar<'a, 0x10>,
}

#[cfg(not(reject))]
pub fn ring<'a>(bar: &'a pci::Bar<'a, 0x10>) -> Ring<'a> {
    Ring { bar }
}

#[cfg(reject)]
pub struct Data<'bound> {
    pub ring: Ring<'bound>,
    pub bar: pci::Bar<'bound, 0x10>,
}

#[cfg(reject)]
pub fn data<'bound>(pdev: &'bound pci::Device<Bound>) -> Result<Data<'bound>> {
    let bar = pdev.iomap_region_sized(0, c"mistake")?;
    let ring = Ring { bar: &bar };
    Ok(Data { ring, bar })
}

pub fn vendor(pdev: &pci::Device<Bound>) -> Result<pci::Vendor> {
    Ok(pdev.vendor_id())
}
