// SPDX-License-Identifier: GPL-2.0

//! One of several modules in a directory.

#![forbid(unsafe_code)]

use kernel::prelude::*;

module! {
    type: Hello,
    name: "two",
    license: "GPL",
}

struct Hello;

impl kernel::Module for Hello {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("hello from two\n");
        Ok(Self)
    }
}
