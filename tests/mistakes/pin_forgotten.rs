// SPDX-License-Identifier: GPL-2.0

//! A lock is in a field without `#[pin]`, or its struct without `#[pin_data]`.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::{Mutex, new_mutex},
};

#[cfg_attr(not(reject_2), pin_data)]
pub struct Data {
    #[cfg(not(any(reject, reject_2)))]
    #[pin]
    pub count: Mutex<u32>,
    #[cfg(any(reject, reject_2))]
    pub count: Mutex<u32>,
}

impl Data {
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self { count <- new_mutex!(0) })
    }
}
