// SPDX-License-Identifier: GPL-2.0

//! The device of a USB interface is asked for by `as_ref`, of which it has two.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device},
    prelude::*,
    usb,
};

pub fn parent<'a>(interface: &'a usb::Interface<Bound>) -> &'a Device<Bound> {
    #[cfg(not(reject))]
    let parent: &Device<Bound> = interface.as_ref();
    #[cfg(reject)]
    let parent = interface.as_ref();
    dev_info!(parent, "parent\n");
    interface.as_ref()
}
