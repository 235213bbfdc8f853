// SPDX-License-Identifier: GPL-2.0
//@ code

//! A register outside of a BAR's compile-time size is refused, however its place is written.

#![forbid(unsafe_code)]

use kernel::{
    io::{
        Io, Mmio, Region,
        register::{Array, RegisterBase, WithBase},
    },
    pci,
};

pub struct Channel;
pub struct Second;

impl RegisterBase<Channel> for Second {
    #[cfg(not(reject_4))]
    const BASE: usize = 0x8;
    #[cfg(reject_4)]
    const BASE: usize = 0xc;
}

kernel::io::register! {
    LAST(u32) @ 0xc { 31:0 all; }
    #[allow(dead_code)]
    PAST(u32) @ 0x10 { 31:0 all; }
    #[allow(dead_code)]
    ACROSS(u64) @ 0x8 { 63:0 all; }
    QUEUE(u32)[3] @ 0x4 { 31:0 all; }
    CONTROL(u32) @ Channel + 0x4 { 31:0 all; }
}

pub fn read(bar: &pci::Bar<'_, 0x10>) -> u32 {
    #[cfg(not(reject))]
    let value = bar.read(LAST).into_raw();
    #[cfg(reject)]
    let value = bar.read(PAST).into_raw(); //~ E0080 register outside of the region's compile-time size
    value
}

pub fn write(bar: &pci::Bar<'_, 0x10>) {
    #[cfg(not(reject_2))]
    bar.write(LAST, LAST::zeroed());
    #[cfg(reject_2)]
    bar.write(PAST, PAST::zeroed()); //~2 E0080 register outside of the region's compile-time size
}

pub fn wide(io: Mmio<'_, Region<0x10>>, short: Mmio<'_, Region<0xc>>) -> u64 {
    let _ = short;
    #[cfg(not(reject_3))]
    let value = io.read(ACROSS).into_raw();
    #[cfg(reject_3)]
    let value = short.read(ACROSS).into_raw(); //~3 E0080 register outside of the region's compile-time size
    let _ = io;
    value
}

pub fn relative(bar: &pci::Bar<'_, 0x10>) -> u32 {
    bar.read(CONTROL::of::<Second>()).into_raw() //~4 E0080 register outside of the region's compile-time size
}

pub fn element(bar: &pci::Bar<'_, 0x10>) -> u32 {
    #[cfg(not(reject_5))]
    let value = bar.read(QUEUE::at(2));
    #[cfg(reject_5)]
    let value = bar.read(QUEUE::at(3)); //~5 undefined symbol lifebound_build_error
    value.into_raw()
}

pub fn at_run_time(bar: &pci::Bar<'_, 0x10>, offset: usize) -> Option<u32> {
    #[cfg(not(reject_6))]
    let value = bar.try_read32(offset).ok();
    #[cfg(reject_6)]
    let value = Some(bar.read32(offset)); //~6 undefined symbol lifebound_build_error
    value
}
