// SPDX-License-Identifier: GPL-2.0

//! [`DmaKmalloc`]: memory of `kmalloc()` that a device may write to.
//!
//! C headers: [`include/linux/cache.h`](srctree/include/linux/cache.h) (`ARCH_DMA_MINALIGN`),
//! [`Documentation/core-api/dma-api.rst`](srctree/Documentation/core-api/dma-api.rst).
//!
//! # The rule
//!
//! Memory for DMA comes in whole cache lines. Some CPUs do not see a device's writes by themselves.
//! Such a CPU discards its own copy of a line before it reads those writes. Its own writes to other
//! data of that line are then lost. On such machines `kmalloc()` gives whole lines. On other
//! machines, such as x86, it gives eight bytes to a caller that asks for eight.
//!
//! The debugging of C's DMA API applies the rule to all machines. It reports two mappings that
//! begin in one line if a device may write to both.
//!
//! So a size is rounded up to a power of two of at least a line, for which C promises that size as
//! alignment. Other multiples of a line are not enough: C has objects of 96 bytes, the second of
//! which begins in the middle of a line.

use core::{alloc::Layout, ptr::NonNull};

use super::{Kmalloc, kmalloc_size};
use crate::{
    alloc::{AllocError, Allocator, Flags, NumaNode},
    bindings,
};

/// The unit of memory for DMA: a cache line, or more where the architecture says so.
///
/// `ARCH_DMA_MINALIGN` alone is too small: it is eight bytes where devices and CPUs see each
/// other's writes.
pub(crate) const DMA_LINE: usize = if bindings::LB_ARCH_DMA_MINALIGN > bindings::LB_L1_CACHE_BYTES {
    bindings::LB_ARCH_DMA_MINALIGN
} else {
    bindings::LB_L1_CACHE_BYTES
};

/// `kmalloc()` in whole cache lines, see the [module's documentation](self).
pub(crate) struct DmaKmalloc;

/// Returns the layout of the lines around memory of this layout.
fn whole_lines(layout: Layout) -> Result<Layout, AllocError> {
    let size = match layout.size() {
        0 => 0,
        size => size
            .max(DMA_LINE)
            .checked_next_power_of_two()
            .ok_or(AllocError)?,
    };
    Layout::from_size_align(size, layout.align().max(DMA_LINE)).map_err(|_| AllocError)
}

// SAFETY: the trait has these requirements. `Kmalloc` fulfils the first four for a layout of at
// least this size and alignment.
// 1. Size and alignment.
// 2. Sole use until the memory is freed, and freeing on any thread.
// 3. Zeroes with `__GFP_ZERO`.
// 4. A `realloc` that keeps the content, or leaves it alone if it fails.
// 5. `MIN_ALIGN`: it is the least alignment that `whole_lines` gives.
// 6. A layout of size 0: it stays one.
unsafe impl Allocator for DmaKmalloc {
    const MIN_ALIGN: usize = DMA_LINE;

    fn alloc(layout: Layout, flags: Flags, nid: NumaNode) -> Result<NonNull<[u8]>, AllocError> {
        let memory = Kmalloc::alloc(whole_lines(layout)?, flags, nid)?;
        Ok(NonNull::slice_from_raw_parts(memory.cast(), layout.size()))
    }

    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (new, old) = (whole_lines(layout)?, whole_lines(old_layout)?);
        // SAFETY: `Kmalloc::realloc` has these requirements.
        // 1. The pointer is `None`, or memory of `Kmalloc` for the old layout: the caller has
        //    memory of `alloc` or `realloc` above, which asked for `old`.
        // 2. The memory is not used any more if this succeeds: the caller promises it.
        // 3. Both layouts have one alignment: `whole_lines` makes the same alignment of the same
        //    one.
        let memory = unsafe { Kmalloc::realloc(ptr, new, old, flags, nid) }?;
        Ok(NonNull::slice_from_raw_parts(memory.cast(), layout.size()))
    }

    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        // The layout was valid when the memory was allocated.
        if let Ok(layout) = whole_lines(layout) {
            // SAFETY: `Kmalloc::free` requires memory of `Kmalloc` for this layout that is not used
            // any more. `alloc` and `realloc` above have asked for this layout, and the caller
            // promises the rest.
            unsafe { Kmalloc::free(ptr, layout) }
        }
    }
}

/// Returns whether memory of [`Kmalloc`] at `ptr` for `layout` shares no cache line with other
/// memory.
#[inline]
pub(crate) fn is_whole_lines(ptr: NonNull<u8>, layout: Layout) -> bool {
    // C has given at least the size that was requested.
    let size = kmalloc_size(layout).unwrap_or(layout.size());
    ptr.addr().get().is_multiple_of(DMA_LINE) && size.is_multiple_of(DMA_LINE)
}

/// Moves memory of [`Kmalloc`] to whole cache lines, unless it already has them. Returns its new
/// place.
///
/// The result is memory of `Kmalloc` for the same layout, with the same content. Memory whose size
/// is a power of two of at least a line stays where it is.
///
/// # Safety
///
/// `ptr` comes from `Kmalloc` for `layout`, and was not given back. If this call succeeds, `ptr` is
/// not used any more unless it is the result.
///
/// # Errors
///
/// [`AllocError`]: no memory. The memory is as it was.
pub(crate) unsafe fn into_whole_lines(
    ptr: NonNull<u8>,
    layout: Layout,
    flags: Flags,
) -> Result<NonNull<u8>, AllocError> {
    if layout.size() == 0 || is_whole_lines(ptr, layout) {
        return Ok(ptr);
    }
    let lines = DmaKmalloc::alloc(layout, flags, NumaNode::NO_NODE)?.cast::<u8>();
    // SAFETY: `copy_to_nonoverlapping` requires the size at both ends, which do not overlap. Both
    // have at least the layout's size, and nobody else uses the memory that was just allocated.
    unsafe { ptr.copy_to_nonoverlapping(lines, layout.size()) };
    // SAFETY: `free` requires memory of `Kmalloc` for the layout that is not used any more; the
    // caller promises both.
    unsafe { Kmalloc::free(ptr, layout) };
    Ok(lines)
}

#[macros::kunit_tests(lifebound_dma_lines)]
mod tests {
    use super::*;
    use crate::alloc::{KVec, Vec, flags::GFP_KERNEL};

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn lines_are_powers_of_two() {
        assert!(DMA_LINE.is_power_of_two());
        assert!(DMA_LINE >= bindings::LB_L1_CACHE_BYTES);
        assert!(DMA_LINE >= bindings::LB_ARCH_DMA_MINALIGN);
        for (size, want) in [
            (1, DMA_LINE),
            (DMA_LINE, DMA_LINE),
            (DMA_LINE + 1, 2 * DMA_LINE),
            (3 * DMA_LINE / 2, 2 * DMA_LINE),
            (3 * DMA_LINE, 4 * DMA_LINE),
            (65535, 65536),
        ] {
            assert_eq!(whole_lines(layout(size, 1)), Ok(layout(want, DMA_LINE)));
        }
        assert_eq!(whole_lines(layout(0, 2)), Ok(layout(0, DMA_LINE)));
        assert_eq!(
            whole_lines(layout(8, 4096)).map(|lines| lines.align()),
            Ok(4096)
        );
        assert_eq!(whole_lines(layout(isize::MAX as usize, 1)), Err(AllocError));
    }

    #[test]
    fn memory_for_dma_shares_no_line() {
        let mut all = [const { None::<Vec<u8, DmaKmalloc>> }; 40];
        for size in [1, 8, 13, 48, 64, 65, 96, 130, 192, 200, 1500] {
            for memory in &mut all {
                *memory = Some(Vec::with_capacity(size, GFP_KERNEL).unwrap());
            }
            for memory in all.iter().flatten() {
                assert_eq!(memory.as_ptr().addr() % DMA_LINE, 0);
            }
            // Growing and shrinking keep to lines.
            for memory in all.iter_mut().flatten() {
                memory.reserve(size + 40, GFP_KERNEL).unwrap();
                assert_eq!(memory.as_ptr().addr() % DMA_LINE, 0);
            }
        }
    }

    /// Moves a vector of `size` bytes to lines; returns whether it had to.
    fn moves(size: usize) -> bool {
        let mut bytes = KVec::<u8>::with_capacity(size, GFP_KERNEL).unwrap();
        for index in 0..size {
            bytes.push(index as u8, GFP_KERNEL).unwrap();
        }
        let (old, length, capacity) = bytes.into_raw_parts();
        let at = NonNull::new(old).unwrap();
        // SAFETY: `into_whole_lines` requires memory of `Kmalloc` of this capacity; it is that, and
        // belongs to the vector again below.
        let new = unsafe { into_whole_lines(at, layout(capacity, 1), GFP_KERNEL) }.unwrap();
        // SAFETY: `from_raw_parts` requires memory of `Kmalloc` for that capacity, and initialised
        // elements; it has the same elements.
        let bytes = unsafe { KVec::from_raw_parts(new.as_ptr(), length, capacity) };
        assert_eq!(bytes.as_ptr().addr() % DMA_LINE, 0);
        assert!((0..size).all(|index| bytes[index] == index as u8));
        new.as_ptr() != old
    }

    #[test]
    fn what_shares_a_line_is_moved() {
        for size in [1, 8, 13, 48, 65, 96, 130, 200] {
            assert!(moves(size));
        }
        // Only in the kernel, alignments are those of `kmalloc()`.
        #[cfg(target_os = "none")]
        for size in [DMA_LINE, 2 * DMA_LINE, 4096] {
            assert!(!moves(size));
        }
    }

    #[test]
    fn no_memory_stays_none() {
        let at = NonNull::<u16>::dangling().cast();
        // SAFETY: `into_whole_lines` requires memory of `Kmalloc`; this pointer stands for memory
        // of size 0.
        let new = unsafe { into_whole_lines(at, layout(0, 2), GFP_KERNEL) };
        assert_eq!(new, Ok(at));
        let empty = Vec::<u8, DmaKmalloc>::with_capacity(0, GFP_KERNEL).unwrap();
        assert_eq!(empty.capacity(), 0);
    }
}
