// SPDX-License-Identifier: GPL-2.0

//! Nothing but zeroes can fill the rest.

use pin_init::{Init, Zeroable, init};

#[derive(Zeroable, Default)]
pub struct Two {
    pub a: u8,
    pub b: u8,
}

#[cfg(not(reject))]
pub fn two() -> impl Init<Two> {
    init!(Two {
        a: 1,
        ..Zeroable::init_zeroed()
    })
}

#[cfg(reject)]
pub fn two() -> impl Init<Two> {
    init!(Two {
        a: 1,
        ..Default::default() //~ expected `..Zeroable::init_zeroed()` or `..pin_init::zeroed()`
    })
}

#[cfg(reject)]
pub fn three() -> impl Init<Two> {
    init!(Two { a: 1, ..Zeroable::init_zeroed(), b: 2 }) //~ the `..` part has to be the last
}

#[cfg(reject)]
pub fn four() -> impl Init<Two> {
    init!(Two { a: 1, .. }) //~ expected `..Zeroable::init_zeroed()` or `..pin_init::zeroed()`
}
