// SPDX-License-Identifier: GPL-2.0

//! [`DrainAll`]: all elements of a vector, taken out.

use core::{marker::PhantomData, ptr, slice};

/// An iterator that owns the elements that [`drain_all`](super::Vec::drain_all) took out of a
/// vector.
///
/// # Invariants
///
/// The elements left in `elements` are initialised and owned by the iterator.
pub struct DrainAll<'vec, T> {
    elements: slice::IterMut<'vec, T>,
    owned: PhantomData<T>,
}

impl<'vec, T> DrainAll<'vec, T> {
    /// Makes the iterator.
    ///
    /// # Safety
    ///
    /// `all` are initialised elements in memory that lasts for `'vec`. From now on they belong to
    /// the iterator, and nothing else uses them during `'vec`.
    pub(super) unsafe fn new(all: *mut [T]) -> Self {
        // SAFETY: the reference requires initialised values that nothing else uses for `'vec`; the
        // caller promises it.
        let all: &'vec mut [T] = unsafe { &mut *all };
        // INVARIANT: the caller promises it.
        Self {
            elements: all.iter_mut(),
            owned: PhantomData,
        }
    }
}

impl<T> Iterator for DrainAll<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let element: *mut T = self.elements.next()?;
        // SAFETY: `read` requires an initialised value, and makes a second owner of it. The element
        // was the iterator's by the invariant, and `next` has just taken it off.
        Some(unsafe { element.read() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.elements.size_hint()
    }
}

impl<T> ExactSizeIterator for DrainAll<'_, T> {}

impl<T> Drop for DrainAll<'_, T> {
    fn drop(&mut self) {
        let rest: *mut [T] = core::mem::take(&mut self.elements).into_slice();
        // SAFETY: `drop_in_place` requires initialised values that nobody else uses and that are
        // not used again. They are the iterator's by the invariant, and were just taken off.
        unsafe { ptr::drop_in_place(rest) };
    }
}
