// SPDX-License-Identifier: GPL-2.0

//! A block of statements has no value.

use pin_init::{Init, init};

pub struct One {
    pub a: u8,
}

pub fn one() -> impl Init<One> {
    init!(One {
        a: 1,
        _: {
            #[cfg(reject)]
            *a //~ E0308 mismatched types
        },
    })
}
