// SPDX-License-Identifier: GPL-2.0

//! One of several modules in a directory.

#![forbid(unsafe_code)]

use kernel::prelude::*;

module! {
    type: Hello,
    name: "one",
    license: "GPL",
}

struct Hello;

impl kernel::Module for Hello {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("hello from one\n");
        Ok(Self)
    }
}
