// SPDX-License-Identifier: GPL-2.0

//! A pinned value is dropped before its memory is reused, which a `MaybeUninit` would not do.

use std::cell::UnsafeCell;
use std::marker::PhantomPinned;
use std::mem::MaybeUninit;

use pin_init::{PinInit, Wrapper};

pub fn cell() -> impl PinInit<UnsafeCell<PhantomPinned>> {
    UnsafeCell::pin_init(PhantomPinned)
}

pub fn number() -> impl PinInit<MaybeUninit<u8>> {
    MaybeUninit::pin_init(1)
}

pub fn is_wrapper<W: Wrapper<T>, T>() {}

#[cfg(reject)]
pub fn raw() {
    is_wrapper::<MaybeUninit<PhantomPinned>, PhantomPinned>(); //~ E0277 `PhantomPinned` cannot be unpinned
}
