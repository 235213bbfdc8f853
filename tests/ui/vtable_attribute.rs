// SPDX-License-Identifier: GPL-2.0

//! `#[vtable]` stands on a trait and on each implementation.

#![forbid(unsafe_code)]

use kernel::prelude::*;

#[vtable]
pub trait Operations {
    fn open(&self) -> bool {
        false
    }
}

pub struct Ui;

#[cfg(not(any(reject, reject_2)))]
#[vtable]
impl Operations for Ui {}

#[cfg(reject)]
impl Operations for Ui {} //~ E0046 `ATTRIBUTE_VTABLE_IS_MISSING_ABOVE_THIS_IMPL`

#[cfg(reject_2)]
#[vtable] //~2 E0438
impl Operations for Ui {
    fn close(&self) {} //~2 E0407
}

#[cfg(reject_3)]
#[vtable]
pub struct Other; //~3 `#[vtable]` belongs on a trait or on the implementation of one

#[cfg(reject_4)]
#[vtable]
impl Ui {} //~4 `#[vtable]` belongs on a trait or on the implementation of one

#[cfg(reject_5)]
#[vtable(all)] //~5 `#[vtable]` takes no arguments
pub trait More {}

#[cfg(reject_6)]
pub fn object(_: &dyn Operations) {} //~6 E0038
