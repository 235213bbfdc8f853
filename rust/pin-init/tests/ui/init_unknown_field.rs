// SPDX-License-Identifier: GPL-2.0

//! The error names a field that does not exist.

pub struct Two {
    pub a: u8,
    pub b: u8,
}

pub fn two() -> impl pin_init::Init<Two> {
    pin_init::init!(Two {
        a: 1,
        b: 2,
        #[cfg(reject)]
        c: 3, //~ E0560 struct `Two` has no field named `c`
              //~^ E0609 no field `c` on type
    })
}
