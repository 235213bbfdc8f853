// SPDX-License-Identifier: GPL-2.0

//! The code that `#[pinned_drop]` writes is not given to another attribute macro.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
pub struct Data {
    number: u8,
}

/// An attribute that is no macro can stand here.
#[pinned_drop]
#[allow(clippy::all)]
#[rustfmt::skip]
#[cfg(not(reject))]
impl PinnedDrop for Data {
    fn drop(self: Pin<&mut Self>) {
        *self.project().number = 0;
    }
}

#[cfg(reject)]
#[pinned_drop]
#[pin_data] //~ an attribute that may be a macro cannot stand here
impl PinnedDrop for Data {
    fn drop(self: Pin<&mut Self>) {}
}
