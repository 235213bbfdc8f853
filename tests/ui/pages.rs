// SPDX-License-Identifier: GPL-2.0

//! A page of memory is borrowed from it, and ends first.

use kernel::{
    page::{AsPageIter, BorrowedPage, Page},
    prelude::*,
};

module! {
    type: Ui,
    name: "ui",
    license: "GPL",
}

struct Ui(#[expect(dead_code, reason = "it is owned")] Page);

impl kernel::Module for Ui {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let page = Page::alloc_page(GFP_KERNEL)?;
        pr_info!("{}\n", page.nid());
        Ok(Ui(page))
    }
}

/// Returns the first page of a buffer.
pub fn first(buffer: &mut VVec<u8>) -> Option<BorrowedPage<'_>> {
    buffer.page_iter().next()
}

/// Returns a page of a buffer.
#[cfg(not(reject))]
pub fn node(mut buffer: VVec<u8>) -> Option<i32> {
    first(&mut buffer).map(|page| page.nid())
}

/// Returns a page of a buffer that is gone.
#[cfg(reject)]
pub fn node(mut buffer: VVec<u8>) -> Option<BorrowedPage<'static>> {
    first(&mut buffer) //~ E0515
}
