// SPDX-License-Identifier: GPL-2.0

//! Alignments, and the size of the memory that a raw pointer points to, found without reading it.
//!
//! [`Alignment`] is a power of two, and [`Alignable`] rounds numbers to a multiple of one
//! (`ALIGN()`, `round_down()`, [`include/linux/align.h`](srctree/include/linux/align.h)).
//!
//! [`io`](crate::io) and DMA views require [`KnownSize`] of a type. It says how many bytes a
//! pointer covers, how many it covers at least, and its alignment.

mod alignment;

pub use crate::project_pointer as project;
pub use alignment::{Alignable, Alignment, const_align_up};

/// A type whose extent in bytes follows from a pointer to it alone.
///
/// The trait is implemented for every `Sized` type, for slices, and for
/// [`Region`](crate::io::Region).
///
/// # Safety
///
/// - `size(ptr)` depends on nothing but the metadata of `ptr`; it does not read through `ptr`.
/// - `ALIGN` is a power of two.
/// - The promises of a type's views follow from these constants. A pointer is a pointer to `Self`
///   if three things hold. It covers at least `MIN_SIZE` bytes by `size`, is aligned to `ALIGN`,
///   and is valid for the access at hand.
pub unsafe trait KnownSize {
    /// The smallest extent of any value, in bytes.
    const MIN_SIZE: usize;

    /// The alignment of every value, in bytes.
    const ALIGN: usize;

    /// Returns the number of bytes that `ptr` covers. `ptr` may be dangling or null.
    ///
    /// Context: any context.
    fn size(ptr: *const Self) -> usize;
}

// SAFETY: the trait requires a size that depends on the metadata only, and an `ALIGN` that is a
// power of two. The size is a constant of the type, and `align_of` is a power of two.
unsafe impl<T> KnownSize for T {
    const MIN_SIZE: usize = size_of::<T>();
    const ALIGN: usize = align_of::<T>();

    #[inline(always)]
    fn size(_ptr: *const Self) -> usize {
        size_of::<T>()
    }
}

// SAFETY: the trait requires the same. The length is the pointer's metadata, `align_of` is a power
// of two, and a slice may be empty.
unsafe impl<T> KnownSize for [T] {
    const MIN_SIZE: usize = 0;
    const ALIGN: usize = align_of::<T>();

    #[inline(always)]
    fn size(ptr: *const Self) -> usize {
        // OVERFLOW: none: a slice that exists has at most `isize::MAX` bytes. A made-up pointer may
        // claim more; the product saturates and stays too large to be believed.
        ptr.len().saturating_mul(size_of::<T>())
    }
}

#[macros::kunit_tests(lifebound_ptr)]
mod tests {
    use super::*;

    #[test]
    fn sized_types_have_their_own_size() {
        assert_eq!(<u64 as KnownSize>::size(core::ptr::null()), 8);
        assert_eq!(
            (<u16 as KnownSize>::MIN_SIZE, <u16 as KnownSize>::ALIGN),
            (2, 2)
        );
        assert_eq!(<() as KnownSize>::size(&()), 0);
    }

    #[test]
    fn slices_count_elements() {
        let ptr = core::ptr::slice_from_raw_parts(core::ptr::null::<u32>(), 3);
        assert_eq!(<[u32]>::size(ptr), 12);
        assert_eq!((<[u32]>::MIN_SIZE, <[u32]>::ALIGN), (0, 4));
        let absurd = core::ptr::slice_from_raw_parts(core::ptr::null::<u64>(), usize::MAX);
        assert_eq!(<[u64]>::size(absurd), usize::MAX);
    }
}
