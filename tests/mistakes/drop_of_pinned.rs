// SPDX-License-Identifier: GPL-2.0

//! `Drop` for a type with pinned fields.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::{Mutex, new_mutex},
};

#[cfg_attr(not(reject), pin_data(PinnedDrop))]
#[cfg_attr(reject, pin_data)]
pub struct Data {
    #[pin]
    pub count: Mutex<u32>,
}

#[cfg(not(reject))]
#[pinned_drop]
impl PinnedDrop for Data {
    fn drop(self: Pin<&mut Self>) {
        *self.count.lock() = 0;
    }
}

#[cfg(reject)]
impl Drop for Data {
    fn drop(&mut self) {
        *self.count.lock() = 0;
    }
}

impl Data {
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self { count <- new_mutex!(0) })
    }
}
