// SPDX-License-Identifier: GPL-2.0
//! A driver in Rust and C, with parts that lie next to its directory.
use kernel::prelude::*;

#[path = "../common/words.rs"]
mod words;

unsafe extern "C" {
    safe fn drv_part() -> c_int;
    safe fn deep_part() -> c_int;
    safe fn common_part() -> c_int;
}

struct Drv;

impl kernel::Module for Drv {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!(
            "{} {}\n",
            words::ANSWERS,
            drv_part() + deep_part() + common_part()
        );
        Ok(Drv)
    }
}

module! { type: Drv, name: "drv", license: "GPL", description: "Parts beside the directory" }
