// SPDX-License-Identifier: GPL-2.0

//! A view of a BAR ends with the BAR, and the BAR with the device.

#![forbid(unsafe_code)]

use kernel::{
    device::Bound,
    io::{IoBase, Mmio, Region},
    pci,
    prelude::*,
};

#[cfg(not(reject))]
pub fn view<'a>(bar: &'a pci::Bar<'_, 0x10>) -> Mmio<'a, Region<0x10>> {
    bar.as_view()
}

#[cfg(reject)]
pub fn view<'a>(bar: &pci::Bar<'a, 0x10>) -> Mmio<'a, Region<0x10>> {
    bar.as_view() //~ E0621
}

pub fn use_after_drop(pdev: &pci::Device<Bound>) -> Result<usize> {
    let bar = pdev.iomap_region_sized::<0x10>(0, c"ui")?;
    let view = (&bar).as_view();
    #[cfg(reject_2)]
    drop(bar); //~2 E0505
    Ok(size_of_val(&view))
}
