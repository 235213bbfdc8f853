// SPDX-License-Identifier: GPL-2.0

//! The lifetime of a callback is neither lengthened nor shortened, so a `Core` stays in its
//! callback.

#![forbid(unsafe_code)]

use kernel::device::{Core, Device};

#[cfg(not(any(reject, reject_2)))]
pub fn same<'a, 'b>(dev: &'b Device<Core<'a>>) -> &'b Device<Core<'a>> {
    dev
}

#[cfg(reject)]
pub fn longer<'a, 'b>(dev: &'b Device<Core<'a>>) -> &'b Device<Core<'static>> {
    dev //~ lifetime may not live long enough
}

#[cfg(reject_2)]
pub fn shorter<'a: 'b, 'b>(dev: &'b Device<Core<'a>>) -> &'b Device<Core<'b>> {
    dev //~2 lifetime may not live long enough
}
