// SPDX-License-Identifier: GPL-2.0

//! Each field has to be initialised.

pub struct Two {
    pub a: u8,
    pub b: u8,
}

pub fn two() -> impl pin_init::Init<Two> {
    #[cfg(not(reject))]
    return pin_init::init!(Two { a: 1, b: 2 });
    #[cfg(reject)]
    return pin_init::init!(Two { a: 1 }); //~ E0063 missing field `b`
}
