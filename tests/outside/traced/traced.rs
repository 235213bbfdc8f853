// SPDX-License-Identifier: GPL-2.0

//! Warns from a function that another function calls: the kernel's unwinder has to unwind both.

use kernel::prelude::*;

module! {
    type: Traced,
    name: "traced",
    license: "GPL",
}

struct Traced;

#[inline(never)]
fn inner(depth: u32) -> u32 {
    if kernel::warn_on!(depth == 0) {
        return 1;
    }
    outer(depth - 1).wrapping_mul(3)
}

#[inline(never)]
fn outer(depth: u32) -> u32 {
    inner(depth).wrapping_add(1)
}

impl kernel::Module for Traced {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("back with {}\n", outer(1));
        Ok(Self)
    }
}
