// SPDX-License-Identifier: GPL-2.0

//! `register!` refuses fields that overlap, end before they begin or leave the register, and places
//! that cannot exist.

#![forbid(unsafe_code)]

use kernel::io::register;

register! {
    CONTROL(u32) @ 0x10 {
        4:0 mode;
        5:5 enable;
    }
    QUEUE(u32)[4, stride = 8] @ 0x20 { 31:0 all; }
    LAST(u32) => QUEUE[3] { 31:0 all; }
}

#[cfg(reject)]
register!(A(u32) @ 0x10 { 4:0 mode; 4:4 enable; }); //~ the bits of `enable` overlap with those of `mode`

#[cfg(reject_2)]
register!(A(u32) @ 0x10 { 0:4 mode; }); //~2 the highest bit comes first: `4:0`

#[cfg(reject_3)]
register!(A(u32) @ 0x10 { 32:0 mode; }); //~3 the type has 32 bits: the highest is 31

#[cfg(reject_4)]
register!(A(u32) @ 0x10 { 3:0 mode; 4:4 mode; }); //~4 there is another field `mode`

#[cfg(reject_5)]
register!(A(u24) @ 0x10 { 3:0 mode; }); //~5 the type must be `u8`, `u16`, `u32` or `u64`

#[cfg(reject_6)]
register!(A(u32) @ 0x12 { 3:0 mode; }); //~6 E0080 the offset is not a multiple of the register's size

#[cfg(reject_7)]
register!(A(u32)[4, stride = 6] @ 0x10 { 3:0 mode; }); //~7 E0080 the stride is not a multiple

#[cfg(reject_8)]
register!(A(u64)[4, stride = 4] @ 0x10 { 3:0 mode; }); //~8 E0080 the stride is not a multiple

#[cfg(reject_9)]
register!(A(u32) => QUEUE[4] { 31:0 all; }); //~9 E0080 the register array has no such element

#[cfg(reject_10)]
register!(A(u64) => CONTROL { 31:0 all; }); //~10 E0271

#[cfg(reject_11)]
register!(A(u32)[0] @ 0x10 { 3:0 mode; }); //~11 E0080 the register array has no elements

#[cfg(reject_12)]
register!(A(u32) @ 0x10 { 3:0 into_raw; }); //~12 a field cannot be called `into_raw`

#[cfg(reject_13)]
register!(A(u32) @ 0x10 { 3:0 mode => Undefined; });
//~13^ E0425 cannot find type `Undefined`

fn use_all() -> (CONTROL, QUEUE, LAST) {
    (
        CONTROL::zeroed().with_enable(true),
        QUEUE::zeroed(),
        LAST::zeroed(),
    )
}
