// SPDX-License-Identifier: GPL-2.0

//! A `PinnedDrop` that nobody would call is refused.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[cfg_attr(not(reject), pin_data(PinnedDrop))]
#[cfg_attr(reject, pin_data)] //~ E0119 conflicting implementations of trait `pin_init::__internal::PinnedDropNeedsArgumentOfPinData`
pub struct Pair {
    pub first: u8,
}

#[pinned_drop]
impl PinnedDrop for Pair {
    fn drop(self: Pin<&mut Self>) {}
}
