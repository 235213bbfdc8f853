// SPDX-License-Identifier: GPL-2.0

//! The destructor gets a pinned reference.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
pub struct Pair {
    pub first: u8,
}

pub type This<'a> = Pin<&'a mut Pair>;

#[cfg(not(reject))]
#[pinned_drop]
impl PinnedDrop for Pair {
    fn drop(self: This<'_>) {}
}

#[cfg(reject)]
#[pinned_drop]
impl PinnedDrop for Pair {
    fn drop(&mut self) {} //~ E0053 incompatible type
}
