// SPDX-License-Identifier: GPL-2.0

//! An error is a number.

#![forbid(unsafe_code)]

use kernel::prelude::*;

#[cfg(not(reject))]
pub fn start() -> Result {
    Err(EIO)
}

#[cfg(reject)]
pub fn start() -> Result {
    Err(-5)
}
