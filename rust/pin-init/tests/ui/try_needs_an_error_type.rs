// SPDX-License-Identifier: GPL-2.0

//! The `try_` macros do not guess the error type.

use pin_init::{Init, try_init};

pub struct One {
    pub a: u8,
}

pub fn one() -> impl Init<One, ()> {
    #[cfg(not(reject))]
    return try_init!(One { a: 1 }?());
    #[cfg(reject)]
    return try_init!(One { a: 1 }); //~ `try_init!` needs an error type
}
