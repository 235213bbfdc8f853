// SPDX-License-Identifier: GPL-2.0

//! A value on the stack stays there.

use std::marker::PhantomPinned;

use pin_init::{pin_data, pin_init, stack_pin_init};

#[pin_data]
pub struct One {
    #[pin]
    pub pinned: PhantomPinned,
}

pub fn one() {
    stack_pin_init!(let one = pin_init!(One { pinned: PhantomPinned }));
    #[cfg(not(reject))]
    let _ = one.as_mut().project();
    #[cfg(reject)]
    let _ = one.get_mut(); //~ E0277 `PhantomPinned` cannot be unpinned
}
