// SPDX-License-Identifier: GPL-2.0

//! One of several modules in a directory, with a dash in its name.

#![forbid(unsafe_code)]

use kernel::prelude::*;

module! {
    type: Hello,
    name: "two_words",
    license: "GPL",
}

struct Hello;

impl kernel::Module for Hello {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("hello from two-words\n");
        Ok(Self)
    }
}
