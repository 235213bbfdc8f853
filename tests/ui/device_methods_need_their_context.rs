// SPDX-License-Identifier: GPL-2.0

//! Enabling a device belongs in its bus' callbacks, and a BAR exists while a driver is bound.

#![forbid(unsafe_code)]

use kernel::{device::Bound, device::Core, pci, prelude::*};

#[cfg(not(reject))]
pub fn enable(pdev: &pci::Device<Core<'_>>) -> Result {
    pdev.enable_device_mem()
}

#[cfg(reject)]
pub fn enable(pdev: &pci::Device<Bound>) -> Result {
    pdev.enable_device_mem() //~ E0599
}

#[cfg(not(reject_2))]
pub fn master(pdev: &pci::Device<Core<'_>>) {
    pdev.set_master();
}

#[cfg(reject_2)]
pub fn master(pdev: &pci::Device<Bound>) {
    pdev.set_master(); //~2 E0599
}

#[cfg(not(reject_3))]
pub fn map(pdev: &pci::Device<Bound>) -> Result {
    pdev.iomap_region(0, c"ui").map(drop)
}

#[cfg(reject_3)]
pub fn map(pdev: &pci::Device) -> Result {
    pdev.iomap_region(0, c"ui").map(drop) //~3 E0599
}

#[cfg(not(reject_4))]
pub fn config(pdev: &pci::Device<Bound>) -> usize {
    size_of_val(&pdev.config_space())
}

#[cfg(reject_4)]
pub fn config(pdev: &pci::Device) -> usize {
    size_of_val(&pdev.config_space()) //~4 E0599
}

#[cfg(not(reject_5))]
pub fn functions(pdev: &pci::Device<Core<'_>>) -> bool {
    pdev.sriov_get_totalvfs().is_some()
}

#[cfg(reject_5)]
pub fn functions(pdev: &pci::Device<Bound>) -> bool {
    pdev.sriov_get_totalvfs().is_some() //~5 E0599
}
