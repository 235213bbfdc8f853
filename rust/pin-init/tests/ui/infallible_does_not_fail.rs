// SPDX-License-Identifier: GPL-2.0

//! Without an error type, no entry can fail.

use pin_init::{Init, init};

pub struct One {
    pub a: u8,
}

#[cfg(not(reject))]
pub fn one(text: &str) -> impl Init<One, std::num::ParseIntError> {
    init!(One { a: text.parse()? }? std::num::ParseIntError)
}

#[cfg(reject)]
pub fn one(text: &str) -> impl Init<One> {
    init!(One { a: text.parse()? }) //~ E0277 `?` couldn't convert the error to `Infallible`
}
