// SPDX-License-Identifier: GPL-2.0

//! Success cannot be claimed from within an entry.

use pin_init::{PinInit, pin_data, pin_init};

#[pin_data]
pub struct Two {
    pub a: u8,
    pub b: u8,
}

pub fn two(stop: bool) -> impl PinInit<Two, ()> {
    pin_init!(Two {
        a: 1,
        _: {
            if stop {
                #[cfg(not(reject))]
                return Err(());
                #[cfg(reject)]
                return Ok(()); //~ E0308 mismatched types
            }
        },
        b: 2,
    }? ())
}
