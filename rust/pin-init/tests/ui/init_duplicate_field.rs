// SPDX-License-Identifier: GPL-2.0

//! A field is initialised once: a second value would leak the first.

pub struct Two {
    pub a: u8,
    pub b: u8,
}

pub fn two() -> impl pin_init::Init<Two> {
    pin_init::init!(Two {
        a: 1,
        b: 2,
        #[cfg(reject)]
        a: 3, //~ E0062 field `a` specified more than once
    })
}
