// SPDX-License-Identifier: GPL-2.0

//! An initialiser that can fail needs `stack_try_pin_init!`.

use pin_init::{PinInit, stack_pin_init, stack_try_pin_init};

pub fn one(init: impl PinInit<u8, ()>) {
    #[cfg(not(reject))]
    stack_try_pin_init!(let one: u8 = init);
    #[cfg(reject)]
    stack_pin_init!(let one: u8 = init); //~ E0308 mismatched types
    let _ = one;
}

pub fn two() {
    stack_pin_init!(let two: u8 = 2);
    stack_try_pin_init!(let three: u8 = Ok::<_, ()>(3));
    let _ = (two, three);
}
