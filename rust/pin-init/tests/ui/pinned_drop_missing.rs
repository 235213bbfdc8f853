// SPDX-License-Identifier: GPL-2.0

//! `#[pin_data(PinnedDrop)]` needs the `PinnedDrop`.

#[pin_init::pin_data(PinnedDrop)] //~ E0277 `Pair` is `#[pin_data(PinnedDrop)]` and has no `PinnedDrop`
pub struct Pair {
    pub first: u8,
}

#[cfg(not(reject))]
#[pin_init::pinned_drop]
impl PinnedDrop for Pair {
    fn drop(self: std::pin::Pin<&mut Self>) {}
}
