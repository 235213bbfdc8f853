// SPDX-License-Identifier: GPL-2.0

//! Vectors of boxed arrays, and boxed slices that are built as vectors.

use core::pin::Pin;

use pin_init::PinInit;

use super::Vec;
use crate::alloc::{AllocError, Allocator, Box, Flags};

impl<T, A: Allocator, const N: usize> From<Box<[T; N], A>> for Vec<T, A> {
    fn from(array: Box<[T; N], A>) -> Self {
        // SAFETY: `from_raw_parts` requires memory of `A` for `N` elements, all initialised, which
        // nobody else uses. A box of an array is that, and `into_raw` gives it up. An array has at
        // most `isize::MAX` bytes.
        unsafe { Self::from_raw_parts(Box::into_raw(array).cast(), N, N) }
    }
}

impl<T, A: Allocator> Box<T, A> {
    /// Makes a pinned slice of `len` elements, each from the initialiser that `init` gives for its
    /// index.
    ///
    /// # Errors
    ///
    /// [`AllocError`] as an `E` if there is no memory; nothing was called. Otherwise the error of
    /// the first initialiser that fails; the elements made before it are dropped, first to last.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{alloc::{KBox, flags::GFP_KERNEL}, error::Error};
    ///
    /// let squares = KBox::<usize>::pin_slice(|i| Ok::<_, Error>(i * i), 4, GFP_KERNEL)?;
    /// assert_eq!(*squares, [0, 1, 4, 9]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pin_slice<Func, Item, E>(
        mut init: Func,
        len: usize,
        flags: Flags,
    ) -> Result<Pin<Box<[T], A>>, E>
    where
        Func: FnMut(usize) -> Item,
        Item: PinInit<T, E>,
        E: From<AllocError>,
    {
        let mut elements = Vec::<T, A>::with_capacity(len, flags)?;
        for index in 0..len {
            let Some(slot) = elements.spare_capacity_mut().first_mut() else {
                // PANIC: none: `with_capacity` made room for `len` elements, and fewer are there.
                return Err(AllocError.into());
            };
            // SAFETY: `__pinned_init` requires three things.
            // 1. The slot is memory for a `T` that nobody else uses: the vector owns it.
            // 2. The slot may stay uninitialised on `Err`: the vector does not count it yet.
            // 3. The value does not move on `Ok`: the vector has room for all and does not grow,
            //    and its elements are dropped where they are.
            unsafe { init(index).__pinned_init(slot.as_mut_ptr()) }?;
            // SAFETY: `inc_len` requires that the next element within the capacity is initialised;
            // `__pinned_init` returned `Ok`.
            unsafe { elements.inc_len(1) };
        }
        let (ptr, _, _) = elements.into_raw_parts();
        let slice = core::ptr::slice_from_raw_parts_mut(ptr, len);
        // SAFETY: `from_raw` requires `len` initialised elements in memory of `A` with the layout
        // of `[T; len]`. The vector had exactly that capacity (or elements of size 0, which have no
        // memory), and gave its memory up.
        Ok(Box::into_pin(unsafe { Box::from_raw(slice) }))
    }
}
