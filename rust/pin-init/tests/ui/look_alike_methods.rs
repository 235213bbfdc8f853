// SPDX-License-Identifier: GPL-2.0

//! A trait of the caller cannot stand in for the methods that `#[pin_data]` makes. Where those are
//! not visible, the compiler finds the stand-in and refuses it.

use pin_init::{PinInit, pin_init};

mod inner {
    #[pin_init::pin_data]
    pub struct One {
        #[cfg(not(reject))]
        pub a: u8,
        #[cfg(reject)]
        a: u8,
    }
}

pub struct Fake;

impl Fake {
    pub fn write<T>(self, _: T) -> Self {
        self
    }
}

pub trait LookAlike: Sized {
    fn a<T>(self, _: *mut T) -> Fake {
        Fake
    }
}

impl<T> LookAlike for T {}

pub fn one() -> impl PinInit<inner::One> {
    pin_init!(inner::One { a: 1 })
    //~^ E0277 `Fake: pin_init::__internal::FieldSlot` is not satisfied
    //~^^ E0277 `Fake: pin_init::__internal::FieldGuard` is not satisfied
    //~^^^ E0277 `Fake: pin_init::__internal::FieldGuard` is not satisfied
}
