// SPDX-License-Identifier: GPL-2.0

//! A format of C's.

#![forbid(unsafe_code)]

use kernel::{device::Device, prelude::*};

pub fn say(dev: &Device, value: u32) {
    #[cfg(not(reject))]
    dev_info!(dev, "value {value:#x}\n");
    #[cfg(reject)]
    dev_info!(dev, "value %x\n", value);
}
