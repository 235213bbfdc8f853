// SPDX-License-Identifier: GPL-2.0

//! The zero variant of an enum, if there is one, is not looked for.

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
