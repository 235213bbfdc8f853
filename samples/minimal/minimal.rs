// SPDX-License-Identifier: GPL-2.0

//! The smallest module: parameters and messages.
//!
//! To run it: `make run SAMPLE=minimal`.

#![forbid(unsafe_code)]

use kernel::prelude::*;

module! {
    type: Minimal,
    name: "minimal",
    authors: ["The Lifebound developers"],
    description: "Says hello as often as it is told",
    license: "GPL",
    params: {
        times: u8 {
            default: 1,
            description: "How often to say hello",
        },
        offset: i64 {
            default: -1,
            description: "A number to show",
        },
        quiet: bool {
            default: false,
            description: "Say nothing at exit",
        },
    },
}

struct Minimal {
    said: KVec<u8>,
}

impl kernel::Module for Minimal {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut said = KVec::new();
        for time in 1..=module_parameters::times.value() {
            pr_info!("hello, time {time}\n");
            said.push(time, GFP_KERNEL)?;
        }
        pr_info!("offset is {}\n", module_parameters::offset.value());
        Ok(Self { said })
    }
}

impl Drop for Minimal {
    fn drop(&mut self) {
        if !module_parameters::quiet.value() {
            pr_info!("goodbye after {} times\n", self.said.len());
        }
    }
}
