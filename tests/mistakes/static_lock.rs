// SPDX-License-Identifier: GPL-2.0

//! A lock is made in a `static`.
//@ no twin

#![forbid(unsafe_code)]

use kernel::{prelude::*, sync::Mutex};

#[cfg(reject)]
static LINES: Mutex<KVec<u8>> = Mutex::new(KVec::new());

#[cfg(reject)]
pub fn lines() -> usize {
    LINES.lock().len()
}
