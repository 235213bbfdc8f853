// SPDX-License-Identifier: GPL-2.0

//! A value made by `init!` can be moved, so all of its fields can.

use pin_init::{Init, init, pin_data};

#[pin_data]
pub struct Outer<T> {
    #[pin]
    pub inner: T,
}

#[cfg(not(reject))]
pub fn outer<T>(inner: impl Init<T>) -> impl Init<Outer<T>> {
    init!(Outer { inner <- inner })
}

#[cfg(reject)]
pub fn outer<T>(inner: impl pin_init::PinInit<T>) -> impl Init<Outer<T>> {
    init!(Outer::<T> { inner <- inner }) //~ E0277 is no initialiser of a movable `T`
}
