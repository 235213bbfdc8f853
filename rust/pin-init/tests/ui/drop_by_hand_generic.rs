// SPDX-License-Identifier: GPL-2.0

//! `Drop` is refused on a generic struct too.

#[cfg_attr(reject, pin_init::pin_data)] //~ E0119 conflicting implementations of trait `pin_init::__internal::UsePinnedDropInsteadOfDrop`
pub struct Pair<'a, T: Copy> {
    pub first: &'a T,
}

impl<T: Copy> Drop for Pair<'_, T> {
    fn drop(&mut self) {}
}
