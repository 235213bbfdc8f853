// SPDX-License-Identifier: GPL-2.0

//! The error names a field that does not exist.

#[pin_init::pin_data]
pub struct Two {
    pub a: u8,
    #[pin]
    pub b: u8,
}

pub fn two() -> impl pin_init::PinInit<Two> {
    pin_init::pin_init!(Two {
        a: 1,
        b: 2,
        #[cfg(reject)]
        c: 3, //~ E0560 struct `Two` has no field named `c`
              //~^ E0599 no method named `c` found
    })
}
