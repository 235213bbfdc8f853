// SPDX-License-Identifier: GPL-2.0

//! The macro does not look for the zero variant of an enum, even if there is one.

use pin_init::Zeroable;

#[cfg(not(reject))]
#[derive(Zeroable)]
pub struct Kind(pub u8);

#[cfg(reject)]
#[derive(Zeroable)]
pub enum Kind {
    //~^ `Zeroable` needs a struct or a union, not an enum
    A,
}
