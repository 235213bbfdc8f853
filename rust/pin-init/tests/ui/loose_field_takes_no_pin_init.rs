// SPDX-License-Identifier: GPL-2.0

//! A field that is not `#[pin]` can be moved later, so its initialiser must not rely on its staying
//! in place.

use pin_init::{PinInit, pin_data, pin_init};

#[pin_data]
pub struct Outer<T> {
    #[pin]
    #[cfg(not(reject))]
    pub inner: T,
    #[cfg(reject)]
    pub inner: T,
}

pub fn outer<T>(inner: impl PinInit<T>) -> impl PinInit<Outer<T>> {
    pin_init!(Outer::<T> { inner <- inner }) //~ E0277 is no initialiser of a movable `T`
}
