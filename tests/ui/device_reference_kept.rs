// SPDX-License-Identifier: GPL-2.0

//! A reference to a bound device ends with the binding; a counted one, which may be kept, does not
//! say that it is bound.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core, Device},
    pci,
    sync::{Mutex, aref::ARef},
};

type Kept<T> = &'static Mutex<Option<T>>;

#[cfg(not(reject))]
pub fn keep(dev: &Device<Bound>, slot: Kept<ARef<Device>>) {
    *slot.lock() = Some(dev.into());
}

#[cfg(reject)]
pub fn keep(dev: &Device<Bound>, slot: Kept<&'static Device<Bound>>) {
    *slot.lock() = Some(dev); //~ E0521
}

#[cfg(not(reject_2))]
pub fn count(dev: &Device<Bound>) -> ARef<Device> {
    dev.into()
}

#[cfg(reject_2)]
pub fn count(dev: &Device<Bound>) -> ARef<Device<Bound>> {
    //~2^ E0277
    dev.into() //~2 E0277
}

#[cfg(not(reject_3))]
pub fn count_core(dev: &pci::Device<Core<'_>>) -> ARef<pci::Device> {
    dev.into()
}

#[cfg(reject_3)]
pub fn count_core<'a>(dev: &pci::Device<Core<'a>>) -> ARef<pci::Device<Core<'a>>> {
    //~3^ E0277
    dev.into() //~3 E0277
}

#[cfg(not(reject_4))]
pub fn normal(dev: &pci::Device<Bound>, slot: &mut Option<ARef<pci::Device>>) {
    *slot = Some(dev.into());
}

#[cfg(reject_4)]
pub fn normal(dev: &pci::Device<Bound>, slot: &mut Option<&'static pci::Device>) {
    *slot = Some(dev); //~4 lifetime may not live long enough
}
