// SPDX-License-Identifier: GPL-2.0

//! A field cannot borrow its sibling: the reference ends before the struct is moved or dropped.

use pin_init::{PinInit, pin_data, pin_init};

#[pin_data]
pub struct Siblings<'a> {
    pub a: u8,
    pub b: &'a u8,
}

#[cfg(not(reject))]
pub fn siblings(outside: &u8) -> impl PinInit<Siblings<'_>> {
    pin_init!(Siblings { a: 1, b: outside })
}

#[cfg(reject)]
pub fn siblings<'a>() -> impl PinInit<Siblings<'a>> {
    pin_init!(Siblings { a: 1, b: a }) //~ E0505 cannot move out of value because it is borrowed
}
