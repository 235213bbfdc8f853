// SPDX-License-Identifier: GPL-2.0

//! `Drop` would get `&mut self` and could move a pinned field away.

#[cfg_attr(reject, pin_init::pin_data)] //~ E0119 conflicting implementations of trait `pin_init::__internal::UsePinnedDropInsteadOfDrop`
pub struct Pair {
    pub first: u8,
}

impl Drop for Pair {
    fn drop(&mut self) {}
}
