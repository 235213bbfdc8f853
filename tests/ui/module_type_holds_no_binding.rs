// SPDX-License-Identifier: GPL-2.0

//! A module's type exists for as long as the module, so it cannot hold a value that ends with a
//! binding.

#![forbid(unsafe_code)]

use kernel::{pci, prelude::*};

pub struct Window<'a>(Option<pci::Bar<'a>>);

impl kernel::Module for Window<'static> {
    fn init(_: &'static ThisModule) -> Result<Self> {
        Ok(Self(None))
    }
}

#[cfg(reject_2)]
impl<'a> Window<'a> {
    pub fn fill(window: &mut Window<'static>, pdev: &'a pci::Device<kernel::device::Bound>) {
        window.0 = pdev.iomap_region(0, c"ui").ok(); //~2 lifetime may not live long enough
    }
}

#[cfg(not(reject))]
module! { type: Window<'static>, name: "ui", license: "GPL" }
#[cfg(reject)]
module! { type: Window<'_>, name: "ui", license: "GPL" }
//~^ E0106
