// SPDX-License-Identifier: GPL-2.0

//! Pages of memory, and their size.
//!
//! C header: [`include/asm/page.h`](srctree/arch/x86/include/asm/page.h),
//! [`include/linux/gfp.h`](srctree/include/linux/gfp.h)

#[cfg(lifebound_kunit)]
mod kunit;
mod owned;
mod size;

pub use owned::{AsPageIter, BorrowedPage, Page, VmallocPageIter};
pub use size::{PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, page_align};
