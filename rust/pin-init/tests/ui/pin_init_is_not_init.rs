// SPDX-License-Identifier: GPL-2.0

//! A value made by `pin_init!` stays where it is.

use pin_init::{pin_data, pin_init};

#[pin_data]
pub struct One {
    #[pin]
    pub a: u8,
}

#[cfg(not(reject))]
pub fn one() -> impl pin_init::PinInit<One> {
    pin_init!(One { a: 1 })
}

#[cfg(reject)]
pub fn one() -> impl pin_init::Init<One> {
    //~^ E0277 is no initialiser of a movable `One`
    pin_init!(One { a: 1 })
}
