// SPDX-License-Identifier: GPL-2.0

//! Parameters that are text or lists.

#![forbid(unsafe_code)]

use kernel::prelude::*;

struct Params;

impl kernel::Module for Params {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("label '{}'\n", module_parameters::label.read());
        let levels = &module_parameters::levels;
        let sum: u32 = levels.iter().map(u32::from).sum();
        pr_info!(
            "{} levels, sum {sum}, the last {:?}\n",
            levels.len(),
            levels.get(2)
        );
        Ok(Self)
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        pr_info!("'{}' ends\n", module_parameters::label.read());
    }
}

module! {
    type: Params,
    name: "module_params",
    description: "Parameters that are text or lists",
    license: "GPL",
    params: {
        label: &CStr { default: c"front", description: "What the panel is called" },
        levels: [u16; 3] { default: [1, 2], description: "The level of each channel" },
    },
}
