// SPDX-License-Identifier: GPL-2.0

//! While a guard exists, the value does. Nothing that was read through the guard outlives it, and
//! it does not outlive the handle.

#![forbid(unsafe_code)]

use kernel::{
    devres::Devres,
    io::{IoBase, Mmio, Region},
    pci::DevresBar,
    prelude::*,
    revocable::Revocable,
};

#[cfg(not(reject))]
pub fn value(devres: &Devres<u8>) -> Option<u8> {
    let guard = devres.try_access()?;
    Some(*guard)
}

#[cfg(reject)]
pub fn value(devres: &Devres<u8>) -> Option<&u8> {
    let guard = devres.try_access()?;
    Some(&*guard) //~ E0515
}

pub fn handle(devres: Devres<u8>) -> Option<u8> {
    let guard = devres.try_access()?;
    #[cfg(reject_2)]
    drop(devres); //~2 E0505
    Some(*guard)
}

pub fn guard(devres: &DevresBar<0x10>) -> Option<usize> {
    let guard = devres.try_access()?;
    let view: Mmio<'_, Region<0x10>> = (&*guard).as_view();
    #[cfg(reject_3)]
    drop(guard); //~3 E0505
    Some(size_of_val(&view))
}

pub fn revocable(value: Pin<KBox<Revocable<u8>>>) -> Option<u8> {
    let guard = value.try_access()?;
    #[cfg(reject_4)]
    drop(value); //~4 E0505
    Some(*guard)
}

pub fn unguarded(value: &Revocable<u8>) -> Option<u8> {
    #[cfg(not(reject_5))]
    let value = value.try_access_with(|value| *value)?;
    #[cfg(reject_5)]
    let value = *value.access(); //~5 E0133
    Some(value)
}
