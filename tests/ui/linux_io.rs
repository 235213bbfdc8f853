// SPDX-License-Identifier: GPL-2.0
//@ code

//! Paths into device memory and memory for DMA in the spelling of Linux 7.3: a step says when it is
//! checked, and the base is taken by value or by reference.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device},
    dma::{Coherent, CoherentBox, CoherentHandle},
    io::{io_project, io_read, io_write},
    prelude::*,
};

#[derive(FromBytes, IntoBytes, zerocopy::Immutable)]
#[repr(C)]
pub struct Entry {
    address: u64,
    length: u32,
    flags: [u32; 3],
}

kernel::io::register! {
    /// Constants say where a field is, and `inner` is the integer.
    pub CONTROL(u32) @ 0x8 {
        7:4 level;
        0:0 run => bool;
    }
}

pub fn bits(control: CONTROL) -> u32 {
    let _: core::ops::RangeInclusive<u8> = CONTROL::LEVEL_RANGE;
    (control.inner & CONTROL::LEVEL_MASK) >> CONTROL::LEVEL_SHIFT
}

pub struct Rings {
    entries: Coherent<[Entry]>,
    one: Coherent<Entry>,
    _hidden: CoherentHandle,
}

pub fn rings(dev: &Device<Bound>) -> Result<Rings> {
    let mut entries = CoherentBox::<[Entry]>::zeroed_slice(dev, 16, GFP_KERNEL)?;
    entries[0].length = 7;
    Ok(Rings {
        entries: entries.into(),
        one: Coherent::zeroed(dev, GFP_KERNEL)?,
        _hidden: CoherentHandle::alloc(dev, 4096, GFP_KERNEL)?,
    })
}

pub fn paths(rings: &Rings, index: usize) -> Result<u32> {
    io_write!(rings.entries, [try: index].length, 3);
    io_write!(rings.one, .flags[build: 2], 4);
    let flags = io_project!(rings.one, .flags);
    let first: u32 = io_read!(flags, [panic: index]);
    let some = io_project!(rings.entries, [try: 1..index]);
    #[cfg(not(reject))]
    let last = io_read!(rings.one, .flags[build: 2]);
    #[cfg(reject)]
    let last = io_read!(rings.one, .flags[build: 3]); //~ undefined symbol lifebound_build_error
    #[cfg(not(reject_2))]
    let length: u32 = io_read!(&rings.entries, [try: index].length);
    #[cfg(reject_2)]
    let length = (|| io_read!(&rings.entries, [try: index].length))(); //~2 E0277
    Ok(first + last + length + io_read!(some, [try: 0].length))
}
