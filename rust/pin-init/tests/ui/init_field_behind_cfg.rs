// SPDX-License-Identifier: GPL-2.0

//! An entry that `cfg` removes does not count.

pub struct Two {
    pub a: u8,
    pub b: u8,
}

pub fn two() -> impl pin_init::Init<Two> {
    #[rustfmt::skip]
    let init = pin_init::init!(Two { //~ E0063 missing field `b`
        a: 1,
        #[cfg(not(reject))]
        b: 2,
    });
    init
}
