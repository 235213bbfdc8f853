// SPDX-License-Identifier: GPL-2.0

//! [`IntoIter`]: a vector that is used up element by element.

use core::{
    alloc::Layout,
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
};

use super::Vec;
use crate::alloc::{Allocator, Flags, NumaNode, layout::ArrayLayout};

/// An iterator that owns the elements of a vector, and its memory.
///
/// # Invariants
///
/// - `buf` and `layout` are as in the vector.
/// - The `len` elements at `next` are initialised, lie within the vector's memory, and belong to
///   the iterator.
pub struct IntoIter<T, A: Allocator> {
    next: NonNull<T>,
    len: usize,
    buf: NonNull<T>,
    layout: ArrayLayout<T>,
    allocator: PhantomData<A>,
}

// SAFETY: `Send` requires that the use from another thread is sound; the iterator owns the same
// values as a vector.
unsafe impl<T: Send, A: Allocator> Send for IntoIter<T, A> {}

// SAFETY: `Sync` requires that shared use by several threads is sound; a shared iterator gives only
// its length.
unsafe impl<T: Sync, A: Allocator> Sync for IntoIter<T, A> {}

impl<T, A: Allocator> IntoIter<T, A> {
    /// Makes a vector of the elements that are left, in the same memory.
    ///
    /// Frees the room of the elements that were taken out, if C can do that. This function never
    /// fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::alloc::flags::GFP_KERNEL;
    ///
    /// let mut numbers = kernel::kvec![1, 2, 3]?.into_iter();
    /// assert_eq!(numbers.next(), Some(1));
    /// assert_eq!(numbers.collect(GFP_KERNEL), [2, 3]);
    /// # Ok::<(), kernel::alloc::AllocError>(())
    /// ```
    pub fn collect(self, flags: Flags) -> Vec<T, A> {
        let this = ManuallyDrop::new(self);
        let (mut buf, mut layout) = (this.buf, this.layout);
        // SAFETY: `copy_to` requires `len` elements within the allocation at both ends, which may
        // overlap. Those at `next` are within it by the invariant, and `buf` is its start.
        unsafe { this.next.copy_to(buf, this.len) };
        if size_of::<T>() != 0 && this.len < layout.len() {
            // SAFETY: `new_unchecked` requires an array that is not too large; this one is smaller
            // than one that exists.
            let smaller = unsafe { ArrayLayout::<T>::new_unchecked(this.len) };
            let old = Some(buf.cast());
            // SAFETY: `realloc` requires memory of `A` with the old layout that is not used any
            // more if it succeeds, and the same alignment. The first holds by the invariant, and
            // both layouts are of `T`.
            let memory =
                unsafe { A::realloc(old, smaller.into(), layout.into(), flags, NumaNode::NO_NODE) };
            if let Ok(memory) = memory {
                (buf, layout) = (memory.cast(), smaller);
            }
        }
        let capacity = layout.len();
        // SAFETY: `from_raw_parts` requires memory of `A` for `capacity` elements that nobody else
        // uses, and that the first `len` are initialised. `realloc` keeps the elements, or left
        // everything as it was, and `this` does not drop. For elements of size 0, `buf` is aligned
        // as it was in the vector.
        unsafe { Vec::from_raw_parts(buf.as_ptr(), this.len, capacity) }
    }
}

impl<T, A: Allocator> Iterator for IntoIter<T, A> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let len = self.len.checked_sub(1)?;
        let element = self.next;
        // SAFETY: `add` requires a result within the allocation, or at its end; there is at least
        // one element at `next`.
        self.next = unsafe { element.add(1) };
        // INVARIANT: the range has one element less, and starts behind the first.
        self.len = len;
        // SAFETY: `read` requires an initialised value, and makes a second owner of it. The element
        // was the iterator's by the invariant, and was just taken off.
        Some(unsafe { element.read() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl<T, A: Allocator> ExactSizeIterator for IntoIter<T, A> {}

impl<T, A: Allocator> Drop for IntoIter<T, A> {
    fn drop(&mut self) {
        let rest = ptr::slice_from_raw_parts_mut(self.next.as_ptr(), self.len);
        // SAFETY: `drop_in_place` requires initialised values that nobody else uses and that are
        // not used again. They are the iterator's by the invariant, and the iterator ends.
        unsafe { ptr::drop_in_place(rest) };
        // SAFETY: `free` requires memory of `A` with that layout, or a pointer that stands for
        // none, that is not used any more; that holds by the invariant, and because the iterator
        // ends.
        unsafe { A::free(self.buf.cast(), Layout::from(self.layout)) };
    }
}

impl<T, A: Allocator> IntoIterator for Vec<T, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    fn into_iter(self) -> IntoIter<T, A> {
        let vec = ManuallyDrop::new(self);
        // INVARIANT: the vector's own invariant holds, and the vector does not drop.
        IntoIter {
            next: vec.ptr,
            len: vec.len,
            buf: vec.ptr,
            layout: vec.layout,
            allocator: PhantomData,
        }
    }
}
