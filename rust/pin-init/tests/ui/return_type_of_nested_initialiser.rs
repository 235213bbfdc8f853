// SPDX-License-Identifier: GPL-2.0

//! The success of an inner initialiser is not the success of the outer one.

use pin_init::{Init, init};

pub struct Inner {
    pub a: u8,
}

pub struct Outer {
    pub inner: Inner,
    pub b: u8,
}

pub fn outer() -> impl Init<Outer, ()> {
    init!(Outer {
        inner <- {
            let inner = init!(Inner { a: 1 }? ());
            #[cfg(reject)]
            if true {
                return inner; //~ E0308 mismatched types
            }
            inner
        },
        b: 2,
    }? ())
}
