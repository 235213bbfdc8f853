// SPDX-License-Identifier: GPL-2.0

//! [`Page`]: a page that code owns or borrows.

use core::{
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ops::Deref,
    ptr::{self, NonNull},
    slice,
};

use super::size::PAGE_SIZE;
use crate::{
    alloc::{AllocError, Flags, VBox, VVec},
    bindings,
    error::{Result, code::EINVAL},
    ffi::c_void,
    uaccess::UserSliceReader,
};

/// A page of memory. Dropping this frees the page.
///
/// A page gives no references to its bytes, because others may use the same page: a device, or the
/// code that lent it ([`BorrowedPage`]). Its methods copy bytes, and the caller excludes races.
///
/// ```no_run
/// use kernel::{page::Page, prelude::*};
///
/// fn page() -> Result<Page> {
///     Ok(Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?)
/// }
/// ```
///
/// # Invariants
///
/// PAGE-LIVE: the pointer is that of a page which has a kernel address, and which stays allocated
/// for as long as this value exists.
#[doc(alias("alloc_pages", "__free_page"))]
pub struct Page(NonNull<bindings::page>);

// SAFETY: `Send` requires that any thread may use and drop the page; C allows both on any thread.
unsafe impl Send for Page {}

// SAFETY: `Sync` requires that threads may share the page. Safe methods read what does not change;
// the callers of the others exclude races.
unsafe impl Sync for Page {}

impl Page {
    /// Allocates a page. Its content is undefined unless `flags` include `__GFP_ZERO`.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// `AllocError` if there is no memory.
    pub fn alloc_page(flags: Flags) -> Result<Self, AllocError> {
        // SAFETY: `lb_alloc_page` requires flags of C's; `Flags` has no others.
        let page = unsafe { bindings::lb_alloc_page(flags.as_raw()) };
        // INVARIANT: PAGE-LIVE: this value owns the page, and its flags give it an address.
        NonNull::new(page).map(Self).ok_or(AllocError)
    }

    /// The number of the NUMA node that has the page, from 0 on.
    ///
    /// Context: any context.
    #[doc(alias = "page_to_nid")]
    pub fn nid(&self) -> i32 {
        // SAFETY: `lb_page_to_nid` requires a live page: PAGE-LIVE.
        unsafe { bindings::lb_page_to_nid(self.0.as_ptr()) }
    }

    /// Copies `len` bytes to `dst`, from byte `offset` of the page on.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the page does not have all of these bytes.
    ///
    /// # Safety
    ///
    /// - `dst` must point to `len` writable bytes outside of the page.
    /// - Nobody may write to these bytes of the page during the call.
    pub unsafe fn read_raw(&self, dst: *mut u8, offset: usize, len: usize) -> Result {
        let from = self.part(offset, len)?;
        // SAFETY: `copy_nonoverlapping` requires (1) `len` readable bytes, (2) as many writable
        // ones, which are others. (1) `part` returns these bytes, and the caller excludes writers.
        // (2) This function's contract.
        unsafe { ptr::copy_nonoverlapping(from, dst, len) };
        Ok(())
    }

    /// Copies `len` bytes from `src`, to byte `offset` of the page on.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the page does not have all of these bytes.
    ///
    /// # Safety
    ///
    /// - `src` must point to `len` readable bytes outside of the page.
    /// - Nobody else may access these bytes of the page during the call. The value that lends the
    ///   page must be valid with the new bytes.
    pub unsafe fn write_raw(&self, src: *const u8, offset: usize, len: usize) -> Result {
        let to = self.part(offset, len)?;
        // SAFETY: `copy_nonoverlapping` requires (1) `len` readable bytes, (2) as many writable
        // ones, which are others. (1) This function's contract. (2) `part` returns these bytes, and
        // the caller excludes other accesses.
        unsafe { ptr::copy_nonoverlapping(src, to, len) };
        Ok(())
    }

    /// Fills `len` bytes with zeros, from byte `offset` of the page on.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the page does not have all of these bytes.
    ///
    /// # Safety
    ///
    /// Nobody else may access these bytes of the page during the call. The value that lends the
    /// page must be valid with the zeros.
    pub unsafe fn fill_zero_raw(&self, offset: usize, len: usize) -> Result {
        let to = self.part(offset, len)?;
        // SAFETY: `write_bytes` requires `len` writable bytes; `part` returns these, and the caller
        // excludes other accesses.
        unsafe { ptr::write_bytes(to, 0, len) };
        Ok(())
    }

    /// Copies `len` bytes from a program's memory, to byte `offset` of the page on.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the page does not have all of these bytes.
    /// - The errors of [`UserSliceReader::read_raw`]. Some of the bytes may have changed then.
    ///
    /// # Safety
    ///
    /// Nobody else may access these bytes of the page during the call. The value that lends the
    /// page must be valid with any bytes.
    pub unsafe fn copy_from_user_slice_raw(
        &self,
        reader: &mut UserSliceReader,
        offset: usize,
        len: usize,
    ) -> Result {
        let to = self.part(offset, len)?.cast::<MaybeUninit<u8>>();
        // SAFETY: `from_raw_parts_mut` requires `len` bytes that nobody else accesses while the
        // slice exists; `part` returns the bytes, and the caller excludes other accesses.
        reader.read_raw(unsafe { slice::from_raw_parts_mut(to, len) })
    }

    /// The address of `len` bytes of the page, from byte `offset` on; `EINVAL` unless the page has
    /// them all.
    fn part(&self, offset: usize, len: usize) -> Result<*mut u8> {
        if offset.checked_add(len).is_none_or(|end| end > PAGE_SIZE) {
            return Err(EINVAL);
        }
        // SAFETY: `lb_page_address` requires a live page: PAGE-LIVE.
        let page = unsafe { bindings::lb_page_address(self.0.as_ptr()) };
        // OVERFLOW: none: the result lies in the page, or at its end.
        Ok(page.cast::<u8>().wrapping_add(offset))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: `lb_free_page` requires a page that nobody uses afterwards; the value owns it. A
        // `BorrowedPage` never drops its `Page`.
        unsafe { bindings::lb_free_page(self.0.as_ptr()) }
    }
}

/// A page of somebody else's memory, for as long as that is borrowed.
pub struct BorrowedPage<'a>(ManuallyDrop<Page>, PhantomData<&'a Page>);

impl Deref for BorrowedPage<'_> {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.0
    }
}

/// Memory that consists of whole pages: [`VBox`], and [`VVec`] with all of its capacity.
pub trait AsPageIter {
    /// The pages.
    type Iter<'a>: Iterator<Item = BorrowedPage<'a>>
    where
        Self: 'a;

    /// Goes through the pages, in the order of their addresses.
    ///
    /// Context: any context.
    fn page_iter(&mut self) -> Self::Iter<'_>;
}

/// The pages of memory of `vmalloc()`. See [`AsPageIter`].
///
/// # Invariants
///
/// `next` is the address of the first of `left` pages of `vmalloc()`. They stay
/// allocated for `'a`.
pub struct VmallocPageIter<'a> {
    next: *mut c_void,
    left: usize,
    memory: PhantomData<&'a mut [u8]>,
}

// SAFETY: `Send` requires that another thread may go on; all that is done is a look at the tables
// of pages.
unsafe impl Send for VmallocPageIter<'_> {}

// SAFETY: `Sync` requires that threads may share the iterator; a shared one has no methods but
// `size_hint`.
unsafe impl Sync for VmallocPageIter<'_> {}

impl VmallocPageIter<'_> {
    /// Goes through the pages of `size` bytes from `start` on.
    ///
    /// # Safety
    ///
    /// The bytes must be all of an allocation of `vmalloc()`, and stay allocated for the lifetime
    /// that the caller picks. If `size` is 0, there need not be any.
    unsafe fn new(start: NonNull<u8>, size: usize) -> Self {
        // INVARIANT: this function's contract; C allocates whole pages.
        Self {
            next: start.as_ptr().cast(),
            left: size.div_ceil(PAGE_SIZE),
            memory: PhantomData,
        }
    }
}

impl<'a> Iterator for VmallocPageIter<'a> {
    type Item = BorrowedPage<'a>;

    fn next(&mut self) -> Option<BorrowedPage<'a>> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: `vmalloc_to_page` requires an address of `vmalloc()`; `next` is one by the
        // type's invariant.
        let page = NonNull::new(unsafe { bindings::vmalloc_to_page(self.next) })?;
        // OVERFLOW: none: the result lies in the memory, or at its end.
        self.next = self.next.wrapping_byte_add(PAGE_SIZE);
        // INVARIANT: PAGE-LIVE: the pages of `vmalloc()` have addresses, and stay for `'a`.
        Some(BorrowedPage(ManuallyDrop::new(Page(page)), PhantomData))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> AsPageIter for VBox<T> {
    type Iter<'a>
        = VmallocPageIter<'a>
    where
        T: 'a;

    fn page_iter(&mut self) -> VmallocPageIter<'_> {
        let start = NonNull::from(&mut **self).cast();
        // SAFETY: `new` requires all of an allocation of `vmalloc()`, borrowed meanwhile; the box
        // has one, unless its value has no bytes.
        unsafe { VmallocPageIter::new(start, size_of::<T>()) }
    }
}

impl<T> AsPageIter for VVec<T> {
    type Iter<'a>
        = VmallocPageIter<'a>
    where
        T: 'a;

    fn page_iter(&mut self) -> VmallocPageIter<'_> {
        let start = NonNull::from(self.as_mut_slice()).cast();
        // OVERFLOW: the product is the size of memory that exists. A vector of values without bytes
        // has none, and the product is 0.
        let size = self.capacity().wrapping_mul(size_of::<T>());
        // SAFETY: `new` requires all of an allocation of `vmalloc()`, borrowed meanwhile; the
        // vector has one for its capacity, unless that has no bytes.
        unsafe { VmallocPageIter::new(start, size) }
    }
}
