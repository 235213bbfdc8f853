// SPDX-License-Identifier: GPL-2.0

//! Exports functions to a module in C.

use kernel::prelude::*;

/// Twice a number: `u32 export_symbol_twice(u32 x)`.
#[export(gpl)]
pub extern "C" fn export_symbol_twice(x: u32) -> u32 {
    x.wrapping_mul(2)
}

/// Half of a number: `u64 export_symbol_half(u64 x)`.
#[export(all)]
pub extern "C" fn export_symbol_half(x: u64) -> u64 {
    x / 2
}

struct ExportSymbol;

impl kernel::Module for ExportSymbol {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("loaded\n");
        Ok(Self)
    }
}

module! {
    type: ExportSymbol,
    name: "export_symbol",
    description: "Exports functions to a module in C",
    license: "GPL",
}
