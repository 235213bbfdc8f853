// SPDX-License-Identifier: GPL-2.0

//! `MaybeZeroable` gives nothing to a type with a field that is not `Zeroable`.

use pin_init::MaybeZeroable;

#[derive(MaybeZeroable)]
pub struct One<'a> {
    #[cfg(not(reject))]
    pub a: Option<&'a u8>,
    #[cfg(reject)]
    pub a: &'a u8,
}

pub fn one() {
    let _: One = pin_init::zeroed(); //~ E0277 all zero bytes are not known to be a value of `&u8`
}
