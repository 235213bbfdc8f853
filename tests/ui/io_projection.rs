// SPDX-License-Identifier: GPL-2.0

//! A part of a structure in I/O memory is a part that exists, of a type of which any bytes are a
//! value.

#![forbid(unsafe_code)]

use kernel::io::{SysMem, io_project, io_read};
use zerocopy::{FromBytes, IntoBytes};

#[derive(FromBytes, IntoBytes)]
#[repr(C)]
pub struct Descriptor {
    address: u64,
    length: u32,
    flags: u32,
}

pub fn field(descriptor: SysMem<'_, Descriptor>) -> u32 {
    #[cfg(not(reject))]
    let value = io_read!(descriptor, .flags);
    #[cfg(reject)]
    let value = io_read!(descriptor, .missing); //~ E0609
    value
}

#[cfg(not(reject_2))]
pub fn lifetime<'a>(ring: SysMem<'a, [Descriptor; 4]>) -> SysMem<'a, Descriptor> {
    io_project!(ring, [0])
}

#[cfg(reject_2)]
pub fn lifetime<'a>(ring: SysMem<'a, [Descriptor; 4]>) -> SysMem<'static, Descriptor> {
    io_project!(ring, [0]) //~2 lifetime may not live long enough
}

#[cfg(not(reject_3))]
pub fn whole(descriptor: SysMem<'_, Descriptor>) -> u64 {
    io_read!(descriptor, .address)
}

#[cfg(reject_3)]
pub fn whole(descriptor: SysMem<'_, Descriptor>) -> bool {
    io_read!(descriptor, .length) //~3 E0308
}

/// A pair that lends one of its fields as if it were its own.
#[derive(FromBytes, IntoBytes)]
#[repr(C)]
pub struct Inner(u32, u32);

#[derive(FromBytes, IntoBytes)]
#[repr(C)]
pub struct Outer(Inner);

#[cfg(not(reject_4))]
pub fn nested(outer: SysMem<'_, Outer>) -> u32 {
    io_read!(outer, .0 .1)
}

// `.0.1` is one token to the compiler, and two fields: between them, a `Deref` of the driver's own
// could run on device memory.
#[cfg(reject_4)]
pub fn nested(outer: SysMem<'_, Outer>) -> u32 {
    io_read!(outer, .0.1) //~4 E0080 one field at a time
}
