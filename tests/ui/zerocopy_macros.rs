// SPDX-License-Identifier: GPL-2.0

//! zerocopy has hidden macros that lend its `unsafe` to any code. A driver's zerocopy lacks them,
//! and has the rest.

#![forbid(unsafe_code)]

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned, transmute};

#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned, Clone, Copy)]
#[repr(C)]
pub struct Plain {
    pub bytes: [u8; 8],
}

#[repr(C)]
pub struct Reference {
    pub reference: &'static u64,
}

pub fn plain(number: u64) -> Option<Plain> {
    let plain: Plain = transmute!(number);
    let mut other = Plain::new_zeroed();
    other.as_mut_bytes().copy_from_slice(plain.as_bytes());
    Plain::read_from_bytes(other.as_bytes()).ok()
}

#[cfg(reject)]
zerocopy::cryptocorrosion_derive_traits! { //~ not for drivers
    #[repr(C)]
    #[cfg(any())]
    pub struct Reference {
        pub reference: u64,
    }
}

#[cfg(reject)]
pub fn peek(address: u64) -> Option<u64> {
    let value = Reference::read_from_bytes(&address.to_ne_bytes()); //~ E0599
    value.ok().map(|value: Reference| *value.reference)
}

#[cfg(reject_2)]
zerocopy::define_cast!(unsafe { pub Cast = u64 => &'static u64 }); //~2 not for drivers

// The crates that this crate consists of cannot be reached in another way.
#[cfg(reject_3)]
use kernel::zerocopy as genuine; //~3 E0432

#[cfg(reject_4)]
extern crate driver_zerocopy; //~4 E0463
