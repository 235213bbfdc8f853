// SPDX-License-Identifier: GPL-2.0

//! Initialisers of arrays, element by element.

use crate::{Init, PinInit, init_from_closure, pin_init_from_closure};

/// Returns an initialiser of an array whose elements can be moved.
///
/// `make_init` is called with the indices from 0 to `N - 1`, in this order, each time just before
/// its initialiser runs.
///
/// # Errors
///
/// The initialiser fails with the error of the first element that fails. The elements before it are
/// dropped, the last one first.
///
/// # Examples
///
/// ```
/// use pin_init::{init_array_from_fn, stack_pin_init};
///
/// stack_pin_init!(let squares: [usize; 4] = init_array_from_fn(|i| i * i));
/// assert_eq!(*squares, [0, 1, 4, 9]);
/// ```
pub fn init_array_from_fn<I, const N: usize, T, E>(
    mut make_init: impl FnMut(usize) -> I,
) -> impl Init<[T; N], E>
where
    I: Init<T, E>,
{
    let f = move |slot: *mut [T; N]| {
        let mut elements = Elements::new(slot);
        while let Some((index, element)) = elements.next() {
            let init = make_init(index);
            // SAFETY: `__init` requires memory for a `T`; `element` is `slot`'s element at `index`.
            unsafe { init.__init(element) }?;
            // SAFETY: `advance` requires that the element at `index` is initialised; `__init`
            // returned `Ok`.
            unsafe { elements.advance() };
        }
        core::mem::forget(elements);
        Ok(())
    };
    // SAFETY: the function requires that `f` initialises `*slot` or leaves nothing. `f` returns
    // `Ok` when there is no next element; otherwise the guard drops the elements made so far.
    unsafe { init_from_closure(f) }
}

/// Returns an initialiser of a pinned array.
///
/// `make_init` is called with the indices from 0 to `N - 1`, in this order, each time just before
/// its initialiser runs.
///
/// # Errors
///
/// The initialiser fails with the error of the first element that fails. The elements before it are
/// dropped, the last one first.
pub fn pin_init_array_from_fn<I, const N: usize, T, E>(
    mut make_init: impl FnMut(usize) -> I,
) -> impl PinInit<[T; N], E>
where
    I: PinInit<T, E>,
{
    let f = move |slot: *mut [T; N]| {
        let mut elements = Elements::new(slot);
        while let Some((index, element)) = elements.next() {
            let init = make_init(index);
            // SAFETY: `__pinned_init` requires memory for a `T` that is pinned after `Ok`.
            // `element` is `slot`'s element at `index`. The array is pinned, or the guard drops the
            // element in place.
            unsafe { init.__pinned_init(element) }?;
            // SAFETY: `advance` requires that the element at `index` is initialised;
            // `__pinned_init` returned `Ok`.
            unsafe { elements.advance() };
        }
        core::mem::forget(elements);
        Ok(())
    };
    // SAFETY: the function requires that `f` initialises `*slot` or leaves nothing. `f` returns
    // `Ok` when there is no next element; otherwise the guard drops the elements made so far.
    unsafe { pin_init_from_closure(f) }
}

/// Owns the elements of an array as they are initialised.
///
/// # Invariants
///
/// The first `len` elements at `first` are initialised and owned by this value; `len <= N`.
struct Elements<T, const N: usize> {
    first: *mut T,
    len: usize,
}

impl<T, const N: usize> Elements<T, N> {
    /// Starts with no element.
    fn new(array: *mut [T; N]) -> Self {
        // INVARIANT: no element is claimed to be initialised.
        Self {
            first: array.cast(),
            len: 0,
        }
    }

    /// Returns the index and address of the first element not yet initialised.
    fn next(&mut self) -> Option<(usize, *mut T)> {
        (self.len < N).then(|| (self.len, self.first.wrapping_add(self.len)))
    }

    /// Takes the next element over.
    ///
    /// # Safety
    ///
    /// The element that `next` names must be initialised, and nobody else may drop it.
    unsafe fn advance(&mut self) {
        // OVERFLOW: none: `next` named an element, so `len < N`.
        // INVARIANT: the caller promises that the added element is initialised.
        self.len = self.len.wrapping_add(1);
    }
}

impl<T, const N: usize> Elements<T, N> {
    /// Drops the last element; returns whether there was one.
    fn drop_last(&mut self) -> bool {
        let Some(last) = self.len.checked_sub(1) else {
            return false;
        };
        // INVARIANT: the element is given up before its destructor runs, so a panic cannot repeat
        // it.
        self.len = last;
        // SAFETY: `drop_in_place` requires an initialised value that is not used again; the element
        // was one of the first `len` until the line above.
        unsafe { self.first.wrapping_add(last).drop_in_place() };
        true
    }
}

impl<T, const N: usize> Drop for Elements<T, N> {
    fn drop(&mut self) {
        /// Continues after a destructor that panics: pinned elements must not be left behind.
        struct GoOn<'a, T, const N: usize>(&'a mut Elements<T, N>);

        impl<T, const N: usize> Drop for GoOn<'_, T, N> {
            fn drop(&mut self) {
                while self.0.drop_last() {}
            }
        }

        let go_on = GoOn(self);
        while go_on.0.drop_last() {}
    }
}
