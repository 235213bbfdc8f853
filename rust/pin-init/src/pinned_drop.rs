// SPDX-License-Identifier: GPL-2.0

//! [`PinnedDrop`], the destructor of a type with pinned fields.

use core::pin::Pin;

use crate::__internal::{HasPinData, OnlyCallFromDrop};

/// The destructor of a [`#[pin_data(PinnedDrop)]`](crate::pin_data) type.
///
/// `Drop::drop` gets `&mut self` and could move a pinned field away; this method gets `Pin<&mut
/// Self>`. An implementation is written with [`pinned_drop`](crate::pinned_drop), which supplies
/// the second parameter.
///
/// # Safety
///
/// Only [`pinned_drop`](crate::pinned_drop) may write an implementation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is `#[pin_data(PinnedDrop)]` and has no `PinnedDrop`",
    note = "write `#[pinned_drop] impl PinnedDrop for {Self} {{ fn drop(self: Pin<&mut Self>) {{ .. }} }}`"
)]
pub unsafe trait PinnedDrop: HasPinData {
    /// Runs before the fields are dropped.
    ///
    /// The token keeps safe code from calling this method: only the generated `Drop` can make one.
    fn drop(self: Pin<&mut Self>, only_call_from_drop: OnlyCallFromDrop);
}
