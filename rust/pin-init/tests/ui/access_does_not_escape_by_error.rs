// SPDX-License-Identifier: GPL-2.0

//! The reference to an earlier field ends with the initialiser. The error does not carry it out.

use pin_init::{Init, init};

pub struct Two {
    pub a: u8,
    pub b: u8,
}

#[cfg(not(reject))]
pub fn two() -> impl Init<Two, u8> {
    init!(Two {
        a: 1,
        b: if *a == 1 { return Err(*a) } else { 2 },
    }? u8)
}

#[cfg(reject)]
pub fn two<'a>() -> impl Init<Two, &'a mut u8> {
    init!(Two {
        a: 1, //~ E0505 cannot move out of value because it is borrowed
        b: if *a == 1 { return Err(a) } else { 2 },
    }? &'a mut u8)
}
