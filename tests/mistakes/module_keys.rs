// SPDX-License-Identifier: GPL-2.0

//! Keys of `module!`, and a license, that are none.

#![forbid(unsafe_code)]

//@ no twin
use kernel::prelude::*;

struct Mistake;

impl kernel::Module for Mistake {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

#[cfg(reject)]
module! {
    type: Mistake,
    name: "mistake",
    licence: "GPL",
}

#[cfg(reject_2)]
module! {
    type: Mistake,
    name: "mistake",
    author: "A. Author",
    license: "GPL",
}

#[cfg(reject_3)]
module! {
    type: Mistake,
    name: "mistake",
    license: "MIT",
}
