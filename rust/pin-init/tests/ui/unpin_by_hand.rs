// SPDX-License-Identifier: GPL-2.0

//! `Unpin` cannot be implemented by hand for a struct with pinned fields.

use std::marker::PhantomPinned;

#[cfg_attr(reject, pin_init::pin_data)] //~ E0119 conflicting implementations of trait `Unpin`
pub struct Pair {
    pub first: Option<PhantomPinned>,
}

impl Unpin for Pair {}
