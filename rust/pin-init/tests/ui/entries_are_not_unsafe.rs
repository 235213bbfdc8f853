// SPDX-License-Identifier: GPL-2.0

//! The expansion does not put the caller's code into an `unsafe` block.

use pin_init::{Init, init};

pub struct Two {
    pub a: u8,
    pub b: u8,
}

pub fn two(pointer: *const u8) -> impl Init<Two> {
    init!(&this in Two {
        #[cfg(not(reject))]
        a: pointer.is_null().into(),
        #[cfg(reject)]
        a: *pointer, //~ E0133 dereference of raw pointer
        #[cfg(not(reject))]
        b: 1,
        #[cfg(reject)]
        b: pointer.read(), //~ E0133 call to unsafe function
        _: {
            #[cfg(reject)]
            this.drop_in_place(); //~ E0133 call to unsafe function
            #[cfg(not(reject))]
            let _ = this;
        },
    })
}
