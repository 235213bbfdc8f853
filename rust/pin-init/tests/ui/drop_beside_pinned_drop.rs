// SPDX-License-Identifier: GPL-2.0

//! With `PinnedDrop`, the macro implements `Drop`.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)] //~ E0119 conflicting implementations of trait `Drop`
pub struct Pair {
    pub first: u8,
}

#[pinned_drop]
impl PinnedDrop for Pair {
    fn drop(self: Pin<&mut Self>) {}
}

#[cfg(reject)]
impl Drop for Pair {
    fn drop(&mut self) {}
}
