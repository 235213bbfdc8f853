// SPDX-License-Identifier: GPL-2.0
//@ code

//! A field takes values that fit, in size and in type.

#![forbid(unsafe_code)]

use kernel::{bitfield::bitfield, num::Bounded};

bitfield! { //~ E0080 the value does not fit in field `mode`
    pub struct Control(u32) {
        3:0 mode;
        4:4 enable;
        15:8 count => u8;
    }
}

#[inline(never)]
pub fn constant() -> Control {
    #[cfg(not(reject))]
    let value = Control::zeroed().with_const_mode::<15>();
    #[cfg(reject)]
    let value = Control::zeroed().with_const_mode::<16>();
    value
}

pub fn wider() -> Control {
    #[cfg(not(reject_2))]
    let value = Control::zeroed().with_mode(Bounded::<u32, 4>::new::<3>());
    #[cfg(reject_2)]
    let value = Control::zeroed().with_mode(3_u8); //~2 E0277
    value
}

pub fn boolean() -> Control {
    #[cfg(not(reject_3))]
    let value = Control::zeroed().with_enable(true);
    #[cfg(reject_3)]
    let value = Control::zeroed().with_enable(1_u32); //~3 E0277
    value
}

pub fn typed() -> Control {
    #[cfg(not(reject_4))]
    let value = Control::zeroed().with_count(3_u8);
    #[cfg(reject_4)]
    let value = Control::zeroed().with_count(300_u16); //~4 E0308
    value
}

#[inline(never)]
pub fn bounded() -> Bounded<u32, 4> {
    #[cfg(not(reject_5))]
    let value = Bounded::<u32, 4>::new::<15>();
    #[cfg(reject_5)]
    let value = Bounded::<u32, 4>::new::<16>(); //~5 E0080 the value does not fit in the number of bits
    value
}
