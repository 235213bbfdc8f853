// SPDX-License-Identifier: GPL-2.0

//! The fields of a packed struct cannot be borrowed, which entries do.

use pin_init::{Init, init};

#[cfg_attr(reject, repr(packed))]
pub struct Perhaps {
    pub a: u8,
    pub b: u32,
}

pub fn perhaps() -> impl Init<Perhaps> {
    init!(Perhaps {
        a: 1,
        b: 2, //~ E0793 reference to field of packed struct is unaligned
    })
}
