// SPDX-License-Identifier: GPL-2.0

//! A module that brings the same crates, and has a part in C.

#![forbid(unsafe_code)]

use kernel::prelude::*;

module! {
    type: Second,
    name: "second",
    license: "GPL",
}

struct Second;

impl kernel::Module for Second {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let message = message::Message::new(b"123456789")?;
        pr_info!("the checksum is {:x?}\n", message.checksum());
        Ok(Second)
    }
}
