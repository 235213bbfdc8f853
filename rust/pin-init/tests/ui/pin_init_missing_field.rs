// SPDX-License-Identifier: GPL-2.0

//! Each field has to be initialised, pinned or not.

#[pin_init::pin_data]
pub struct Two {
    #[pin]
    pub a: u8,
    pub b: u8,
}

pub fn two() -> impl pin_init::PinInit<Two> {
    #[cfg(not(reject))]
    return pin_init::pin_init!(Two { a: 1, b: 2 });
    #[cfg(reject)]
    return pin_init::pin_init!(Two { b: 1 }); //~ E0063 missing field `a`
}
