// SPDX-License-Identifier: GPL-2.0

//! An allocator for unit tests. It checks layouts, counts live allocations, and fails on demand;
//! all of this is per thread.

use core::{alloc::Layout, cell::Cell, cell::RefCell, ptr::NonNull};
use std::collections::HashMap;

use super::{AllocError, Allocator, Flags, NumaNode, flags::__GFP_ZERO};

/// The allocator.
pub(crate) struct Checked;

thread_local! {
    static LIVE: RefCell<HashMap<usize, Layout>> = RefCell::default();
    static GRANTS: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Returns how many allocations of this thread live.
pub(crate) fn live() -> usize {
    LIVE.with_borrow(HashMap::len)
}

/// Runs `f` while only the first `grants` allocations of this thread succeed.
pub(crate) fn with_grants<R>(grants: usize, f: impl FnOnce() -> R) -> R {
    GRANTS.set(Some(grants));
    let result = f();
    GRANTS.set(None);
    result
}

// SAFETY: the trait's requirements hold because the host's allocator gives the same for the same
// layout. `free` insists on the very layout, and `realloc` is the trait's own. Only tests use this
// allocator, each on one thread.
unsafe impl Allocator for Checked {
    const MIN_ALIGN: usize = 1;

    fn alloc(layout: Layout, flags: Flags, _nid: NumaNode) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() == 0 {
            let ptr = NonNull::new(core::ptr::without_provenance_mut(layout.align())).unwrap();
            return Ok(NonNull::slice_from_raw_parts(ptr, 0));
        }
        if let Some(grants) = GRANTS.get() {
            GRANTS.set(Some(grants.checked_sub(1).ok_or(AllocError)?));
        }
        // SAFETY: `alloc` requires a layout of a size other than 0; that was checked above.
        let ptr = NonNull::new(unsafe { std::alloc::alloc(layout) }).unwrap();
        let fill = if flags.contains(__GFP_ZERO) { 0 } else { 0xa5 };
        // SAFETY: `write_bytes` requires that many bytes to write to; they were just allocated.
        unsafe { ptr.write_bytes(fill, layout.size()) };
        LIVE.with_borrow_mut(|live| live.insert(ptr.addr().get(), layout));
        Ok(NonNull::slice_from_raw_parts(ptr, layout.size()))
    }

    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
            return;
        }
        let known = LIVE.with_borrow_mut(|live| live.remove(&ptr.addr().get()));
        assert_eq!(known, Some(layout), "freed twice, or with another layout");
        // SAFETY: `dealloc` requires memory of `alloc` with this layout; `known` says that it is.
        unsafe { std::alloc::dealloc(ptr.as_ptr(), layout) };
    }
}

/// A value that counts its drops.
#[derive(Clone)]
pub(crate) struct Counted(pub(crate) u32, pub(crate) std::rc::Rc<Cell<u32>>);

impl Counted {
    /// Makes a counter and a function that makes values which use it.
    pub(crate) fn source() -> (std::rc::Rc<Cell<u32>>, impl Fn(u32) -> Counted) {
        let drops = std::rc::Rc::new(Cell::new(0));
        let counter = drops.clone();
        (drops, move |value| Counted(value, counter.clone()))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.set(self.1.get() + 1);
    }
}
