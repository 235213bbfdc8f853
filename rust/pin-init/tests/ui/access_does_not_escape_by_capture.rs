// SPDX-License-Identifier: GPL-2.0

//! The reference to an earlier field ends with the initialiser. A captured variable does not keep
//! it.

use std::cell::Cell;

use pin_init::{Init, init};

pub struct Two {
    pub a: u8,
    pub b: u8,
}

#[cfg(not(reject))]
pub fn two(out: &Cell<Option<u8>>) -> impl Init<Two> {
    init!(Two {
        a: 1,
        _: { out.set(Some(*a)) },
        b: 2,
    })
}

#[cfg(reject)]
pub fn two<'a>(out: &'a Cell<Option<&'a mut u8>>) -> impl Init<Two> {
    init!(Two {
        a: 1, //~ E0505 cannot move out of value because it is borrowed
        _: { out.set(Some(a)) },
        b: 2,
    })
}
