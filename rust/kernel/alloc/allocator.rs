// SPDX-License-Identifier: GPL-2.0

//! The kernel's allocators, as types.
//!
//! C headers: [`include/linux/slab.h`](srctree/include/linux/slab.h),
//! [`include/linux/vmalloc.h`](srctree/include/linux/vmalloc.h).
//!
//! A driver names them through [`KBox`](super::KBox), [`VVec`](super::VVec) and so on. See the
//! table in [`alloc`](super) for the contexts that each may be used in.

pub(crate) mod dma;
#[cfg(not(target_os = "none"))]
mod host;
#[cfg(not(target_os = "none"))]
use host as sys;
#[cfg(target_os = "none")]
mod sys;

use core::{
    alloc::Layout,
    ptr::{self, NonNull},
};

use super::{
    AllocError, Allocator, Flags, NumaNode,
    flags::{__GFP_HIGHMEM, GFP_KERNEL},
};
use crate::bindings;

/// `kmalloc()`: contiguous physical memory.
///
/// Any alignment is kept. Large sizes may fail though memory is left. From a few pages on, such a
/// failure is rare. Above `KMALLOC_MAX_SIZE` (4 MiB on most machines), C warns and always fails.
pub struct Kmalloc;

/// `vmalloc()`: whole pages, contiguous for the CPU only.
///
/// The flags must include [`GFP_KERNEL`], and the alignment must be at most a page; otherwise the
/// allocation fails. Both allocating and freeing may sleep.
pub struct Vmalloc;

/// `kvmalloc()`: `kmalloc()` if it succeeds, `vmalloc()` otherwise.
///
/// `vmalloc()` is tried only if the flags include [`GFP_KERNEL`]. The alignment must be at most a
/// page. Freeing may sleep.
pub struct KVmalloc;

/// Returns the pointer that stands for an allocation of size 0.
fn dangling(layout: Layout) -> NonNull<[u8]> {
    let ptr = ptr::without_provenance_mut(layout.align());
    // PANIC: none: `new` fails for null only, and an alignment is at least 1.
    let ptr = NonNull::new(ptr).unwrap_or(NonNull::dangling());
    NonNull::slice_from_raw_parts(ptr, 0)
}

/// Makes the result of an allocation from the pointer that C returned.
fn finish(raw: *mut u8, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
    let ptr = NonNull::new(raw).ok_or(AllocError)?;
    Ok(NonNull::slice_from_raw_parts(ptr, layout.size()))
}

/// Returns the size to ask `kmalloc()` for.
///
/// C promises two alignments: `ARCH_KMALLOC_MINALIGN`, and the size itself if it is a power of two.
/// So a layout that needs a larger alignment gets such a size. C has few other sizes, so this costs
/// next to nothing.
#[inline]
const fn kmalloc_size(layout: Layout) -> Result<usize, AllocError> {
    let (size, align) = (layout.size(), layout.align());
    if align <= bindings::LB_ARCH_KMALLOC_MINALIGN {
        return Ok(size);
    }
    let size = if size < align { align } else { size };
    match size.checked_next_power_of_two() {
        Some(size) => Ok(size),
        None => Err(AllocError),
    }
}

/// Returns the size to ask `kvmalloc()` for. Up to a page, it is the size for `kmalloc()`. Above,
/// it is whole pages, which both ways align to a page.
fn kvmalloc_size(layout: Layout) -> Result<usize, AllocError> {
    if layout.align() <= bindings::LB_ARCH_KMALLOC_MINALIGN {
        return Ok(layout.size());
    }
    if layout.align() > bindings::LB_PAGE_SIZE {
        return Err(AllocError);
    }
    if layout.size() <= bindings::LB_PAGE_SIZE {
        return kmalloc_size(layout);
    }
    let size = layout
        .size()
        .checked_next_multiple_of(bindings::LB_PAGE_SIZE);
    size.ok_or(AllocError)
}

// SAFETY: the trait has these requirements for sizes other than 0. Size 0 does not reach C.
// 1. Size and alignment: `kmalloc_size` asks for enough.
// 2. Sole use until the memory is freed, and freeing on any thread: C's `kmalloc` and `kfree` allow
//    both.
// 3. Zeroes with `__GFP_ZERO`: C zeroes the memory.
// 4. `MIN_ALIGN`: it is the C constant of that meaning.
// 5. A `realloc` that keeps the content, or leaves it alone if it fails: C's `krealloc` does so.
unsafe impl Allocator for Kmalloc {
    const MIN_ALIGN: usize = bindings::LB_ARCH_KMALLOC_MINALIGN;

    fn alloc(layout: Layout, flags: Flags, nid: NumaNode) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: `realloc` requires `None` or an allocation; `None` is given.
        unsafe { Self::realloc(None, layout, layout, flags, nid) }
    }

    // The size is constant, so the compiler chooses C's cache, as it does for `kmalloc()`.
    #[inline]
    fn alloc_value<T>(flags: Flags) -> Result<NonNull<T>, AllocError> {
        let layout = const { Layout::new::<T>() };
        if layout.size() == 0 {
            return Ok(dangling(layout).cast());
        }
        let size = const { kmalloc_size(Layout::new::<T>()) }?;
        let raw = sys::kmalloc_constant(size, layout.align(), flags & !__GFP_HIGHMEM);
        NonNull::new(raw).map(NonNull::cast).ok_or(AllocError)
    }

    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let old = ptr.filter(|_| old_layout.size() != 0);
        if layout.size() == 0 {
            if let Some(old) = old {
                // SAFETY: `free` requires memory of this allocator that is not used any more; the
                // caller promises it.
                unsafe { Self::free(old, old_layout) };
            }
            return Ok(dangling(layout));
        }
        let size = kmalloc_size(layout)?;
        // SAFETY: `krealloc` requires null or an object of `kmalloc` that has `old_layout` and is
        // not used any more if this succeeds; the caller promises it. Memory that C does not move
        // keeps its alignment, which is that of `layout`.
        let raw = unsafe {
            sys::krealloc(
                old,
                old_layout,
                size,
                layout.align(),
                flags & !__GFP_HIGHMEM,
                nid,
            )
        };
        finish(raw, layout)
    }

    #[inline]
    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: `kfree` requires an object of `kmalloc` that is not used any more; the caller
            // promises it.
            unsafe { sys::kfree(ptr) };
        }
    }
}

// SAFETY: the trait has these requirements for sizes other than 0. Size 0 does not reach C.
// 1. Size and alignment: `vmalloc` gives whole pages, and larger alignments are refused.
// 2. Sole use until the memory is freed, and freeing on any thread: C's `vmalloc` and `vfree` allow
//    both.
// 3. Zeroes with `__GFP_ZERO`: C zeroes the memory.
// 4. `MIN_ALIGN`: the memory consists of pages.
// 5. A `realloc` that keeps the content: it is the trait's own.
unsafe impl Allocator for Vmalloc {
    const MIN_ALIGN: usize = bindings::LB_PAGE_SIZE;

    fn alloc(layout: Layout, flags: Flags, nid: NumaNode) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() == 0 {
            return Ok(dangling(layout));
        }
        // `vmalloc` may sleep whatever the flags are, and stops the machine if it is called in an
        // interrupt.
        if layout.align() > bindings::LB_PAGE_SIZE || !flags.contains(GFP_KERNEL) {
            return Err(AllocError);
        }
        let raw = sys::vmalloc(layout.size(), flags & !__GFP_HIGHMEM, nid);
        finish(raw, layout)
    }

    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: `vfree` requires memory of `vmalloc` that is not used any more; the caller
            // promises it.
            unsafe { sys::vfree(ptr) };
        }
    }
}

// SAFETY: the trait has these requirements for sizes other than 0. Size 0 does not reach C.
// 1. Size and alignment: `kvmalloc_size` asks for enough.
// 2. Sole use until the memory is freed, and freeing on any thread: C's `kvmalloc` and `kvfree`
//    allow both.
// 3. Zeroes with `__GFP_ZERO`: C zeroes the memory.
// 4. `MIN_ALIGN`: it is the smaller of the alignments that both ways of C promise.
// 5. A `realloc` that keeps the content: it is the trait's own.
unsafe impl Allocator for KVmalloc {
    const MIN_ALIGN: usize = bindings::LB_ARCH_KMALLOC_MINALIGN;

    fn alloc(layout: Layout, flags: Flags, nid: NumaNode) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() == 0 {
            return Ok(dangling(layout));
        }
        let size = kvmalloc_size(layout)?;
        let raw = sys::kvmalloc(size, layout.align(), flags & !__GFP_HIGHMEM, nid);
        finish(raw, layout)
    }

    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: `kvfree` requires memory of `kvmalloc` that is not used any more; the caller
            // promises it.
            unsafe { sys::kvfree(ptr) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::flags::{__GFP_ZERO, GFP_ATOMIC};

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn kmalloc_sizes_carry_the_alignment() {
        for (size, align, want) in [
            (1, 1, 1),
            (13, 8, 13),
            (16, 16, 16),
            (48, 16, 64),
            (8, 64, 64),
            (6400, 64, 8192),
        ] {
            assert_eq!(
                kmalloc_size(layout(size, align)),
                Ok(want),
                "{size} {align}"
            );
        }
        assert_eq!(
            kmalloc_size(layout(isize::MAX as usize - 15, 16)),
            Ok(1 << 63)
        );
    }

    #[test]
    fn kvmalloc_sizes_carry_the_alignment() {
        for (size, align, want) in [
            (13, 8, 13),
            (48, 16, 64),
            (4096, 64, 4096),
            (4097, 64, 8192),
            (12289, 4096, 16384),
        ] {
            assert_eq!(
                kvmalloc_size(layout(size, align)),
                Ok(want),
                "{size} {align}"
            );
        }
        assert_eq!(kvmalloc_size(layout(1, 8192)), Err(AllocError));
    }

    #[test]
    fn size_zero_is_dangling_and_aligned() {
        for align in [1, 8, 4096, 1 << 20] {
            let ptr = Kmalloc::alloc(layout(0, align), GFP_ATOMIC, NumaNode::NO_NODE).unwrap();
            assert_eq!((ptr.len(), ptr.cast::<u8>().addr().get()), (0, align));
            let ptr = Vmalloc::alloc(layout(0, align), GFP_ATOMIC, NumaNode::NO_NODE).unwrap();
            assert_eq!((ptr.len(), ptr.cast::<u8>().addr().get()), (0, align));
        }
    }

    #[test]
    fn vmalloc_refuses_what_c_cannot_do() {
        let fails = |layout, flags| Vmalloc::alloc(layout, flags, NumaNode::NO_NODE).is_err();
        assert!(fails(layout(64, 8), GFP_ATOMIC));
        assert!(fails(layout(8192, 8192), GFP_KERNEL));
        assert!(!fails(layout(0, 8), GFP_ATOMIC));
    }

    /// Gives memory of `from` bytes to `realloc` for `to` bytes.
    fn resize<A: Allocator>(ptr: NonNull<u32>, from: usize, to: usize) -> NonNull<u32> {
        let (from, to) = (layout(from, 4), layout(to, 4));
        // SAFETY: `realloc` requires an allocation of that size that is not used any more; the
        // tests below give the memory that they got from `A` for that size, and use only the
        // result.
        let new = unsafe { A::realloc(Some(ptr.cast()), to, from, GFP_KERNEL, NumaNode::NO_NODE) };
        assert_eq!(new.unwrap().len(), to.size());
        new.unwrap().cast()
    }

    /// Grows, shrinks, empties and refills an allocation and looks at its content.
    fn content_survives<A: Allocator>() {
        let zeroed = A::alloc(layout(4, 4), GFP_KERNEL | __GFP_ZERO, NumaNode::NO_NODE);
        let first = zeroed.unwrap().cast::<u32>();
        // SAFETY: `read` requires initialised memory; the 4 bytes are zeroed.
        assert_eq!(unsafe { first.read() }, 0);
        // SAFETY: `write` requires room for the value; there are 4 bytes.
        unsafe { first.write(0x0403_0201) };
        let larger = resize::<A>(first, 4, 400);
        // SAFETY: `read` requires initialised memory; the first 4 of the 400 bytes are.
        assert_eq!(unsafe { larger.read() }, 0x0403_0201);
        let smaller = resize::<A>(larger, 400, 2);
        // SAFETY: `read` requires initialised memory; both bytes are.
        assert_eq!(unsafe { smaller.cast::<u16>().read() }, 0x0201);
        let empty = resize::<A>(smaller, 2, 0);
        assert_eq!(empty.addr().get(), 4);
        let last = resize::<A>(empty, 0, 8);
        // SAFETY: `free` requires memory of that layout that is not used again; it was allocated
        // just above.
        unsafe { A::free(last.cast(), layout(8, 4)) };
    }

    #[test]
    fn content_survives_in_each() {
        content_survives::<Kmalloc>();
        content_survives::<Vmalloc>();
        content_survives::<KVmalloc>();
    }
}
