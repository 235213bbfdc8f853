// SPDX-License-Identifier: GPL-2.0

//! A value has the type of its field.

pub struct One {
    pub a: u8,
}

pub fn one() -> impl pin_init::Init<One> {
    pin_init::init!(One {
        #[cfg(not(reject))]
        a: 1,
        #[cfg(reject)]
        a: "1", //~ E0308 mismatched types
    })
}
