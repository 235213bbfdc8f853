// SPDX-License-Identifier: GPL-2.0

//! A guard gives access to the value only while the guard lives: unbinding waits no longer.

#![forbid(unsafe_code)]

use kernel::{devres::DevresLt, types::CovariantForLt};

type Number = CovariantForLt!(&'_ u32);

pub fn copied(handle: &DevresLt<Number>) -> Option<u32> {
    let guard = handle.try_access()?;
    Some(**guard.get())
}

#[cfg(reject)]
pub fn outlives<'h>(handle: &'h DevresLt<Number>) -> Option<&'h u32> {
    let guard = handle.try_access()?;
    let reference: &'h u32 = *guard.get(); //~ E0597
    drop(guard); //~ E0505
    Some(reference)
}

#[cfg(reject_2)]
pub fn dereferences<'h>(handle: &'h DevresLt<Number>) -> Option<&'h u32> {
    let guard = handle.try_access()?;
    let reference: &'h u32 = *guard; //~2 E0614
    Some(reference)
}
