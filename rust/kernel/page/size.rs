// SPDX-License-Identifier: GPL-2.0

//! The size of a page of memory.
//!
//! C header: [`include/asm/page.h`](srctree/arch/x86/include/asm/page.h), `PAGE_ALIGN()` of
//! [`include/linux/mm.h`](srctree/include/linux/mm.h).

use crate::{
    bindings,
    ptr::{Alignment, const_align_up},
};

/// The number of bytes of a page.
pub const PAGE_SIZE: usize = bindings::LB_PAGE_SIZE;

/// The exponent of [`PAGE_SIZE`]: a page has `1 << PAGE_SHIFT` bytes.
pub const PAGE_SHIFT: usize = PAGE.log2() as usize;

/// The bits of the address of a page.
pub const PAGE_MASK: usize = !(PAGE_SIZE - 1);

/// The alignment of a page.
const PAGE: Alignment = Alignment::new::<PAGE_SIZE>();

/// The smallest multiple of [`PAGE_SIZE`] that is not below `addr`; `None` if there is no such
/// number.
///
/// Context: any context.
///
/// ```
/// use kernel::page::{PAGE_SIZE, page_align};
///
/// assert_eq!(page_align(1), Some(PAGE_SIZE));
/// assert_eq!(page_align(usize::MAX), None);
/// ```
#[doc(alias = "PAGE_ALIGN")]
pub const fn page_align(addr: usize) -> Option<usize> {
    const_align_up(addr, PAGE)
}

const _: () = assert!(1 << PAGE_SHIFT == PAGE_SIZE && PAGE_MASK == PAGE.mask());
