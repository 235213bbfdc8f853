// SPDX-License-Identifier: GPL-2.0

//! The module that carries the crate's suites of tests. KUnit runs them when it is loaded.

#![forbid(unsafe_code)]

use kernel::{kunit::TestBus, prelude::*};

module! {
    type: Suites,
    name: "lifebound_kunit",
    authors: ["The Lifebound developers"],
    description: "The tests of the crate",
    license: "GPL",
}

struct Suites {
    _bus: TestBus,
}

impl kernel::Module for Suites {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self {
            _bus: TestBus::register()?,
        })
    }
}
