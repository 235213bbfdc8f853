// SPDX-License-Identifier: GPL-2.0

//! Tests of pages, which need the kernel's memory.

use super::{AsPageIter, PAGE_SIZE, Page};
use crate::prelude::*;

#[kunit_tests(lifebound_page)]
mod tests {
    use super::*;

    /// Reads bytes of a page that nobody writes to meanwhile.
    fn bytes<const N: usize>(page: &Page, offset: usize) -> Result<[u8; N]> {
        let mut bytes = [0xff; N];
        // SAFETY: `read_raw` requires room for the bytes, and that nobody writes to the page; the
        // array is that room, and each test has its pages to itself.
        unsafe { page.read_raw(bytes.as_mut_ptr(), offset, N)? };
        Ok(bytes)
    }

    /// Writes bytes to a page.
    fn write(page: &Page, offset: usize, bytes: &[u8]) -> Result {
        // SAFETY: `write_raw` requires bytes to read, that nobody else accesses the page, and that
        // its lender is valid with any bytes. The tests lend `u8`s.
        unsafe { page.write_raw(bytes.as_ptr(), offset, bytes.len()) }
    }

    #[test]
    fn a_page_keeps_what_is_written() -> Result {
        let page = Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?;
        assert!(page.nid() >= 0);
        assert_eq!(bytes(&page, PAGE_SIZE - 4)?, [0; 4]);
        write(&page, PAGE_SIZE - 3, &[1, 2, 3])?;
        assert_eq!(bytes(&page, PAGE_SIZE - 4)?, [0, 1, 2, 3]);
        // SAFETY: `fill_zero_raw` requires that nobody else accesses the page; the test owns it.
        unsafe { page.fill_zero_raw(PAGE_SIZE - 2, 1)? };
        assert_eq!(bytes(&page, PAGE_SIZE - 4)?, [0, 1, 0, 3]);
        Ok(())
    }

    #[test]
    fn bytes_past_the_end_are_an_error() -> Result {
        let page = Page::alloc_page(GFP_KERNEL)?;
        write(&page, PAGE_SIZE, &[])?;
        for offset in [PAGE_SIZE - 1, PAGE_SIZE, usize::MAX, usize::MAX - 1] {
            assert_eq!(bytes::<2>(&page, offset), Err(EINVAL));
            assert_eq!(write(&page, offset, &[1, 2]), Err(EINVAL));
            // SAFETY: as above.
            assert_eq!(unsafe { page.fill_zero_raw(offset, 2) }, Err(EINVAL));
        }
        Ok(())
    }

    #[test]
    fn memory_lends_its_pages() -> Result {
        let mut memory = VVec::from_elem(0u8, PAGE_SIZE + 1, GFP_KERNEL)?;
        let capacity = memory.capacity();
        let mut count = 0u8;
        for page in memory.page_iter() {
            count += 1;
            write(&page, 0, &[count])?;
        }
        assert_eq!(usize::from(count), capacity.div_ceil(PAGE_SIZE));
        assert_eq!((memory[0], memory[PAGE_SIZE], memory[1]), (1, 2, 0));

        let mut number = VBox::new(7u64, GFP_KERNEL)?;
        let mut pages = number.page_iter();
        assert_eq!(pages.size_hint(), (1, Some(1)));
        let page = pages.next().ok_or(EINVAL)?;
        assert_eq!(bytes(&page, 0)?, 7u64.to_ne_bytes());
        assert!(pages.next().is_none());

        assert!(VVec::<u64>::new().page_iter().next().is_none());
        assert!(VBox::new((), GFP_KERNEL)?.page_iter().next().is_none());
        Ok(())
    }
}
