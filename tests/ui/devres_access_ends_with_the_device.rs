// SPDX-License-Identifier: GPL-2.0

//! The access that `access` gives ends with the shown device, and with the handle.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    pci::DevresBar,
    prelude::*,
};

#[cfg(not(reject))]
pub fn access<'a>(devres: &'a Devres<u8>, dev: &'a Device<Bound>) -> Result<&'a u8> {
    devres.access(dev)
}

#[cfg(reject)]
pub fn access<'a>(devres: &'a Devres<u8>, dev: &Device<Bound>) -> Result<&'a u8> {
    devres.access(dev) //~ E0621
}

#[cfg(not(reject_2))]
pub fn handle<'a>(devres: &'a Devres<u8>, dev: &'a Device<Bound>) -> Result<&'a u8> {
    devres.access(dev)
}

#[cfg(reject_2)]
pub fn handle<'a>(devres: Devres<u8>, dev: &'a Device<Bound>) -> Result<&'a u8> {
    devres.access(dev) //~2 E0515
}

pub fn after_drop(devres: Devres<u8>, dev: &Device<Bound>) -> Result<u8> {
    let value = devres.access(dev)?;
    #[cfg(reject_3)]
    drop(devres); //~3 E0505
    Ok(*value)
}

pub fn bar_after_drop(devres: DevresBar, dev: &Device<Bound>) -> Result<usize> {
    let bar = devres.access(dev)?;
    #[cfg(reject_4)]
    drop(devres); //~4 E0505
    Ok(size_of_val(bar))
}

#[cfg(not(reject_5))]
pub fn bar<'a>(devres: &'a DevresBar, dev: &'a Device<Bound>) -> Result<&'a kernel::pci::Bar<'a>> {
    devres.access(dev)
}

#[cfg(reject_5)]
pub fn bar<'a>(
    devres: &'a DevresBar,
    dev: &'a Device<Bound>,
) -> Result<&'a kernel::pci::Bar<'static>> {
    devres.access(dev) //~5 lifetime may not live long enough
}
