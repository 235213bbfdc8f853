// SPDX-License-Identifier: GPL-2.0

//! A later entry cannot move a pinned field.

use std::marker::PhantomPinned;

use pin_init::{PinInit, pin_data, pin_init};

#[pin_data]
pub struct Pair {
    #[pin]
    pub first: PhantomPinned,
    pub second: Option<PhantomPinned>,
}

pub fn pair() -> impl PinInit<Pair> {
    pin_init!(Pair {
        first: PhantomPinned,
        second: Some(PhantomPinned),
        _: {
            #[cfg(not(reject))]
            std::mem::swap(second, &mut None);
            #[cfg(reject)]
            std::mem::swap(&mut *first, &mut PhantomPinned); //~ E0596
        },
    })
}
