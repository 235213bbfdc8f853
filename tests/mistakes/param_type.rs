// SPDX-License-Identifier: GPL-2.0

//! A parameter has a type that none can have.

#![forbid(unsafe_code)]

use kernel::prelude::*;

pub struct Mistake;

impl kernel::Module for Mistake {
    fn init(_: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

#[cfg(not(reject))]
module! {
    type: Mistake,
    name: "mistake",
    license: "GPL",
    params: { speed: u32 { default: 3, description: "How fast" } },
}

#[cfg(reject)]
module! {
    type: Mistake,
    name: "mistake",
    license: "GPL",
    params: { speed: f32 { default: 3, description: "How fast" } },
}
