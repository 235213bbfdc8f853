// SPDX-License-Identifier: GPL-2.0

//! A module that brings two crates.

#![forbid(unsafe_code)]

use kernel::prelude::*;

module! {
    type: First,
    name: "first",
    license: "GPL",
}

struct First;

impl kernel::Module for First {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let message = message::Message::new(b"123456789")?;
        pr_info!("the checksum is {:x?}\n", message.checksum());
        Ok(First)
    }
}
