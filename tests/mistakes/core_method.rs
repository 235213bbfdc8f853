// SPDX-License-Identifier: GPL-2.0

//! A method of `Core` is called on a device that is bound.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
};

#[cfg(not(reject))]
pub fn start(pdev: &pci::Device<Core<'_>>) -> Result {
    pdev.enable_device_mem()
}

#[cfg(reject)]
pub fn start(pdev: &pci::Device<Bound>) -> Result {
    pdev.enable_device_mem()
}

pub fn vendor(pdev: &pci::Device<Bound>, _: &pci::Device<Core<'_>>) -> pci::Vendor {
    pdev.vendor_id()
}
