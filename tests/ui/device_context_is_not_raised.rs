// SPDX-License-Identifier: GPL-2.0

//! No code can claim a context of a device that it does not know.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core, Device},
    pci,
    prelude::*,
};

fn with_bound(_: &Device<Bound>) {}
fn with_core(_: &pci::Device<Core<'_>>) {}

#[cfg(not(reject))]
pub fn to_bound(dev: &Device<Bound>) {
    with_bound(dev);
}

#[cfg(reject)]
pub fn to_bound(dev: &Device) {
    with_bound(dev); //~ E0308
}

#[cfg(not(reject_2))]
pub fn to_core(dev: &pci::Device<Core<'_>>) {
    with_core(dev);
}

#[cfg(reject_2)]
pub fn to_core(dev: &pci::Device<Bound>) {
    with_core(dev); //~2 E0308
}

pub fn by_word(dev: &Device<Bound>) {
    #[cfg(not(reject_3))]
    with_bound(dev);
    #[cfg(reject_3)]
    with_bound(dev.as_bound()); //~3 E0133
}

#[cfg(not(reject_4))]
pub fn converted<'a>(dev: &'a Device<Bound>) -> Result<&'a pci::Device<Bound>> {
    dev.try_into()
}

#[cfg(reject_4)]
pub fn converted<'a>(dev: &'a Device) -> Result<&'a pci::Device<Bound>> {
    dev.try_into() //~4 E0277

    //~4^^ E0271
}
