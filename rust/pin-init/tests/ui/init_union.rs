// SPDX-License-Identifier: GPL-2.0

//! A union has no fields to be initialised one by one.

use pin_init::{Init, Zeroable};

#[derive(Zeroable, Clone, Copy)]
pub union Either {
    pub a: u8,
    pub b: u32,
}

pub fn either() -> impl Init<Either> {
    #[cfg(not(reject))]
    return pin_init::init_zeroed::<Either>();
    #[cfg(reject)]
    return pin_init::init!(Either { b: 2 }); //~ E0436 syntax requires a struct
}
