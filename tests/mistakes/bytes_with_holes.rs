// SPDX-License-Identifier: GPL-2.0

//! A type with padding, or with bits that mean nothing, is read from bytes.

#![forbid(unsafe_code)]

use kernel::prelude::*;
use zerocopy::{Immutable, KnownLayout};

#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Command {
    #[cfg(not(reject_2))]
    pub urgent: u8,
    #[cfg(reject_2)]
    pub urgent: bool,
    #[cfg(not(reject))]
    pub reserved: [u8; 3],
    pub code: u32,
}
