// SPDX-License-Identifier: GPL-2.0

//! Layouts of arrays whose length is known at run time only.
//!
//! C header: [`include/linux/overflow.h`](srctree/include/linux/overflow.h), whose `array_size()`
//! has the same purpose.

use core::{alloc::Layout, marker::PhantomData};

use super::AllocError;

/// The array is larger than an address space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LayoutError;

impl From<LayoutError> for AllocError {
    fn from(_: LayoutError) -> AllocError {
        AllocError
    }
}

/// The layout of `[T; len]`.
///
/// # Examples
///
/// ```
/// use kernel::alloc::layout::ArrayLayout;
///
/// assert_eq!(ArrayLayout::<u32>::new(10).map(|layout| layout.size()), Ok(40));
/// assert!(ArrayLayout::<u32>::new(usize::MAX / 4).is_err());
/// ```
///
/// # Invariants
///
/// `len * size_of::<T>()` is at most `isize::MAX`.
#[derive(Debug)]
pub struct ArrayLayout<T> {
    len: usize,
    element: PhantomData<fn() -> T>,
}

impl<T> Clone for ArrayLayout<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ArrayLayout<T> {}

impl<T> ArrayLayout<T> {
    /// Makes the layout of an array without elements.
    #[must_use]
    pub const fn empty() -> Self {
        // INVARIANT: 0 times anything is 0.
        Self {
            len: 0,
            element: PhantomData,
        }
    }

    /// Makes the layout of an array with `len` elements.
    ///
    /// # Errors
    ///
    /// [`LayoutError`]: the array would have more than `isize::MAX` bytes.
    pub const fn new(len: usize) -> Result<Self, LayoutError> {
        match len.checked_mul(size_of::<T>()) {
            // INVARIANT: checked in the guard.
            Some(size) if size <= isize::MAX as usize => Ok(Self {
                len,
                element: PhantomData,
            }),
            _ => Err(LayoutError),
        }
    }

    /// Makes the layout of an array with `len` elements, without a check.
    ///
    /// # Safety
    ///
    /// `len * size_of::<T>()` is at most `isize::MAX`.
    #[must_use]
    pub const unsafe fn new_unchecked(len: usize) -> Self {
        // INVARIANT: the caller promises it.
        Self {
            len,
            element: PhantomData,
        }
    }

    /// Returns the number of elements.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no elements.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the size in bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        // OVERFLOW: none, by the invariant.
        self.len * size_of::<T>()
    }
}

impl<T> From<ArrayLayout<T>> for Layout {
    fn from(array: ArrayLayout<T>) -> Layout {
        // SAFETY: `from_size_align_unchecked` requires a power of two, and a size that, rounded up
        // to it, is at most `isize::MAX`. `align_of` is a power of two and divides the size, which
        // is at most `isize::MAX` by the invariant.
        unsafe { Layout::from_size_align_unchecked(array.size(), align_of::<T>()) }
    }
}

#[macros::kunit_tests(lifebound_layout)]
mod tests {
    use super::*;

    #[test]
    fn sizes_up_to_the_limit() {
        let limit = isize::MAX as usize;
        assert_eq!(
            ArrayLayout::<u8>::new(limit).map(|layout| layout.size()),
            Ok(limit)
        );
        assert!(ArrayLayout::<u8>::new(limit + 1).is_err());
        assert_eq!(
            ArrayLayout::<u64>::new(limit / 8).map(|layout| layout.len()),
            Ok(limit / 8)
        );
        assert!(ArrayLayout::<u64>::new(limit / 8 + 1).is_err());
        assert!(ArrayLayout::<u64>::new(usize::MAX).is_err());
        assert_eq!(
            ArrayLayout::<()>::new(usize::MAX).map(|layout| layout.size()),
            Ok(0)
        );
    }

    #[test]
    fn layout_is_that_of_an_array() {
        let layout = Layout::from(ArrayLayout::<u32>::new(3).unwrap());
        assert_eq!(layout, Layout::new::<[u32; 3]>());
        assert!(ArrayLayout::<u32>::empty().is_empty());
    }
}
