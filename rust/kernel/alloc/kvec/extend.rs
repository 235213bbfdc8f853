// SPDX-License-Identifier: GPL-2.0

//! Growing a [`Vec`] by clones.

use super::Vec;
use crate::alloc::{AllocError, Allocator, Flags};

impl<T: Clone, A: Allocator> Vec<T, A> {
    /// Adds `n` elements that are equal to `value`. They are clones, except for the last, which is
    /// `value` itself.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory. `value` is dropped, the vector is as before.
    pub fn extend_with(&mut self, n: usize, value: T, flags: Flags) -> Result<(), AllocError> {
        self.reserve(n, flags)?;
        let Some(clones) = n.checked_sub(1) else {
            return Ok(());
        };
        for _ in 0..clones {
            self.push(value.clone(), flags)?;
        }
        self.push(value, flags)
    }

    /// Adds clones of all elements of `other`.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory. Nothing was cloned, the vector is as before.
    #[doc(alias("kmemdup", "devm_kmemdup"))]
    pub fn extend_from_slice(&mut self, other: &[T], flags: Flags) -> Result<(), AllocError> {
        self.reserve(other.len(), flags)?;
        // There is room for all elements, so `push` does not allocate.
        other
            .iter()
            .try_for_each(|element| self.push(element.clone(), flags))
    }

    /// Makes a vector of `n` elements that are equal to `value`.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory. `value` is dropped.
    pub fn from_elem(value: T, n: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut vec = Self::with_capacity(n, flags)?;
        vec.extend_with(n, value, flags)?;
        Ok(vec)
    }

    /// Makes the vector `new_len` elements long. It drops elements at the end, or adds ones equal
    /// to `value`.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory. `value` is dropped, the vector is as before. The function never
    /// fails if the vector gets shorter.
    pub fn resize(&mut self, new_len: usize, value: T, flags: Flags) -> Result<(), AllocError> {
        match new_len.checked_sub(self.len()) {
            Some(additional) => self.extend_with(additional, value, flags),
            None => {
                self.truncate(new_len);
                Ok(())
            }
        }
    }
}
