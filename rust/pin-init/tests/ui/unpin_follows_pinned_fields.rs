// SPDX-License-Identifier: GPL-2.0

//! A struct is not `Unpin` if one of its pinned fields is not.

use std::marker::PhantomPinned;

#[pin_init::pin_data]
pub struct Pair<T> {
    #[pin]
    pub pinned: T,
    pub loose: PhantomPinnedOnPurpose,
}

pub type PhantomPinnedOnPurpose = PhantomPinned;

pub fn needs_unpin<T: Unpin>() {}

pub fn check() {
    #[cfg(not(reject))]
    needs_unpin::<Pair<u8>>();
    #[cfg(reject)]
    needs_unpin::<Pair<PhantomPinned>>(); //~ E0277 `PhantomPinned` cannot be unpinned
}
