// SPDX-License-Identifier: GPL-2.0

//! A module that consists of a Rust and a C file.

use kernel::prelude::*;

module! {
    type: Mixed,
    name: "mixed",
    license: "GPL",
}

struct Mixed;

unsafe extern "C" {
    safe fn mixed_answer() -> c_int;
}

impl kernel::Module for Mixed {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("the C part says {}\n", mixed_answer());
        Ok(Self)
    }
}
