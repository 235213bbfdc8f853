// SPDX-License-Identifier: GPL-2.0

//! A forged bound would turn a short lifetime into a long one, through the bounds that it implies.

#![forbid(unsafe_code)]

use kernel::types::ForLt;

fn lengthen<'long, 'short>(_: Option<&'long &'short u8>, short: &'short u8) -> &'long u8 {
    short
}

#[cfg(not(reject))]
type Witness = ForLt!(Option<&'_ &'static u8>);
#[cfg(reject)]
type Witness = ForLt!(Option<&'static &'_ u8>); //~ lifetime may not live long enough

#[cfg(not(reject))]
pub fn use_it(short: &'static u8) -> &'static u8 {
    let none: <Witness as ForLt>::Of<'static> = None;
    lengthen(none, short)
}

#[cfg(reject)]
pub fn use_it<'a>(short: &'a u8) -> &'static u8 {
    let none: <Witness as ForLt>::Of<'a> = None;
    lengthen(none, short) //~ lifetime may not live long enough
}
