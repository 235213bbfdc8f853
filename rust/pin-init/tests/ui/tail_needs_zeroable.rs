// SPDX-License-Identifier: GPL-2.0

//! The rest is zeroed only if all zero bytes are a value.

use pin_init::{Init, Zeroable, init};

#[cfg_attr(not(reject), derive(Zeroable))]
pub struct Two {
    pub a: u8,
    pub b: Option<std::num::NonZero<u8>>,
}

pub fn two() -> impl Init<Two> {
    init!(Two {
        a: 1,
        ..Zeroable::init_zeroed() //~ E0277 all zero bytes are not known to be a value of `Two`
    })
}
