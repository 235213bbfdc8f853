// SPDX-License-Identifier: GPL-2.0

//! A pinned field is projected pinned.

use std::marker::PhantomPinned;
use std::pin::Pin;

#[pin_init::pin_data]
pub struct Pair {
    #[pin]
    pub pinned: PhantomPinned,
    pub loose: u8,
}

#[cfg(not(reject))]
pub fn take(pair: Pin<&mut Pair>) -> &mut u8 {
    pair.project().loose
}

#[cfg(reject)]
pub fn take(pair: Pin<&mut Pair>) -> &mut PhantomPinned {
    pair.project().pinned //~ E0308 mismatched types
}
