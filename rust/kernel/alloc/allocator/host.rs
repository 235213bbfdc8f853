// SPDX-License-Identifier: GPL-2.0

//! The stand-in for the kernel's allocators in programs of the host, that is, in tests and in
//! examples of the docs.

use core::{
    alloc::Layout,
    ffi::c_void,
    ptr::{self, NonNull},
};

use crate::alloc::{Flags, NumaNode, flags::__GFP_ZERO};

// The host's C library.
unsafe extern "C" {
    fn aligned_alloc(align: usize, size: usize) -> *mut c_void;
    fn free(ptr: *mut c_void);
}

/// Allocates memory; returns null on failure. `align` is a power of two.
fn alloc(size: usize, align: usize, flags: Flags) -> *mut u8 {
    let align = align.max(size_of::<usize>());
    let Some(size) = size.checked_next_multiple_of(align) else {
        return ptr::null_mut();
    };
    // SAFETY: `aligned_alloc` requires a power of two, and a size that is a multiple of it; the
    // caller gives the first, and the size is rounded up.
    let raw = unsafe { aligned_alloc(align, size) }.cast::<u8>();
    if !raw.is_null() {
        // Without `__GFP_ZERO`, a pattern exposes code that relies on the content.
        let fill = if flags.contains(__GFP_ZERO) { 0 } else { 0xa5 };
        // SAFETY: `write_bytes` requires `size` bytes to write to; they were just allocated.
        unsafe { raw.write_bytes(fill, size) };
    }
    raw
}

/// Allocates memory; returns null on failure.
pub(super) fn kmalloc_constant(size: usize, align: usize, flags: Flags) -> *mut u8 {
    alloc(size, align, flags)
}

/// Allocates memory, or changes the size of `old`; returns null on failure.
///
/// # Safety
///
/// `old` is `None`, or memory of this function for `old_layout` that is not used any more if this
/// succeeds.
pub(super) unsafe fn krealloc(
    old: Option<NonNull<u8>>,
    old_layout: Layout,
    size: usize,
    align: usize,
    flags: Flags,
    _nid: NumaNode,
) -> *mut u8 {
    let raw = alloc(size, align, flags);
    if let Some(old) = old
        && !raw.is_null()
    {
        let kept = size.min(old_layout.size());
        // SAFETY: `copy_nonoverlapping` requires `kept` bytes at both ends; neither allocation is
        // smaller.
        unsafe { ptr::copy_nonoverlapping(old.as_ptr(), raw, kept) };
        // SAFETY: `kfree` requires memory of this function; the caller promises it.
        unsafe { kfree(old) };
    }
    raw
}

/// Allocates memory; returns null on failure.
pub(super) fn vmalloc(size: usize, flags: Flags, _nid: NumaNode) -> *mut u8 {
    alloc(size, crate::bindings::LB_PAGE_SIZE, flags)
}

/// Allocates memory; returns null on failure.
pub(super) fn kvmalloc(size: usize, align: usize, flags: Flags, _nid: NumaNode) -> *mut u8 {
    alloc(size, align, flags)
}

/// Frees the memory.
///
/// # Safety
///
/// `ptr` comes from one of the functions above and is not used any more.
pub(super) unsafe fn kfree(ptr: NonNull<u8>) {
    // SAFETY: `free` requires memory of `aligned_alloc`; the caller promises it.
    unsafe { free(ptr.as_ptr().cast()) }
}

pub(super) use kfree as kvfree;
pub(super) use kfree as vfree;
