// SPDX-License-Identifier: GPL-2.0

//! The parts of a GPU borrow BAR 0 and the device. They end before both, and before the binding.

#![forbid(unsafe_code)]

use kernel::{device::Bound, io::Io, pci, prelude::*};

type Bar0<'bound> = pci::Bar<'bound, 0x10>;

/// A part that uses BAR 0 while it is dropped.
pub struct FlushPage<'bound> {
    bar: &'bound Bar0<'bound>,
    pdev: &'bound pci::Device<Bound>,
}

impl Drop for FlushPage<'_> {
    fn drop(&mut self) {
        self.bar.write32(0, 0x4);
        dev_info!(self.pdev, "taken back\n");
    }
}

pub fn taken_back(pdev: &pci::Device<Bound>, bar: Bar0<'_>) {
    let page = FlushPage { bar: &bar, pdev };
    #[cfg(reject)]
    drop(bar); //~ E0505
    drop(page);
}

/// A field cannot borrow from its neighbour; `Nest` is for that.
#[cfg(reject_2)]
pub fn neighbours(pdev: &pci::Device<Bound>, bar: Bar0<'_>) {
    let page = FlushPage { bar: &bar, pdev };
    let _both = (page, bar); //~2 E0505
}

/// A part is kept for as long as BAR 0 is lent.
#[cfg(not(reject_3))]
pub fn kept<'bound>(
    pdev: &'bound pci::Device<Bound>,
    bar: &'bound Bar0<'bound>,
) -> FlushPage<'bound> {
    FlushPage { bar, pdev }
}
#[cfg(reject_3)]
pub fn kept<'bound>(
    pdev: &'bound pci::Device<Bound>,
    bar: &'bound Bar0<'bound>,
) -> FlushPage<'static> {
    FlushPage { bar, pdev } //~3 lifetime may not live long enough
}
