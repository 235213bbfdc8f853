// SPDX-License-Identifier: GPL-2.0

//! All malformed entries are reported, each at its place.

use pin_init::{Init, init};

pub struct Two {
    pub a: u8,
    pub b: u8,
}

#[cfg(not(reject))]
pub fn two() -> impl Init<Two> {
    init!(Two { a: 1, b: 2, _: {} })
}

#[cfg(reject)]
pub fn two() -> impl Init<Two> {
    init!(Two {
        a = 1, //~ expected `:` or `<-`
        _: 5, //~ expected a block: `_: { statements }`
        &b: 2, //~ expected a field name
        #[inline]
        //~^ only `cfg` and lint attributes can stand here
        b: 2,
        b: 1 2, //~ expected `,`
    } else) //~ expected `? ErrorType` or the end of the macro
}
