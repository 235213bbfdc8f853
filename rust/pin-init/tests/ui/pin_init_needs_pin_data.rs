// SPDX-License-Identifier: GPL-2.0

//! `pin_init!` has to know which fields are pinned.

#[cfg_attr(not(reject), pin_init::pin_data)]
pub struct One {
    pub a: u8,
}

pub fn one() -> impl pin_init::PinInit<One> {
    pin_init::pin_init!(One { a: 1 }) //~ E0277 `One` is not `#[pin_data]`
}
