// SPDX-License-Identifier: GPL-2.0

//! The proof of success has a name, and nothing but that.

use pin_init::{Init, init};

pub struct Two {
    pub a: u8,
    pub b: u8,
}

pub fn two(stop: bool) -> impl Init<Two, ()> {
    init!(Two {
        a: 1,
        _: {
            if stop {
                #[cfg(not(reject))]
                return Err(());
                #[cfg(reject)]
                return Ok(pin_init::__internal::Done(())); //~ E0603 tuple struct constructor `Done` is private
            }
        },
        b: 2,
    }? ())
}
