// SPDX-License-Identifier: GPL-2.0

//! A struct with a pinned field that is not `Unpin` is not either.

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
