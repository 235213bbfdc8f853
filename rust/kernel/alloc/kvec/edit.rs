// SPDX-License-Identifier: GPL-2.0

//! Adding elements to a [`Vec`] and taking them away.

use core::ptr;

use super::{DrainAll, InsertError, PushError, RemoveError, Vec};
use crate::alloc::{AllocError, Allocator, Flags};

impl<T, A: Allocator> Vec<T, A> {
    /// Adds `v` at the end.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory. `v` is dropped, the vector is as before.
    #[inline]
    pub fn push(&mut self, v: T, flags: Flags) -> Result<(), AllocError> {
        if self.len == self.capacity() {
            self.grow(flags)?;
        }
        // SAFETY: `write` requires room for the value that nobody else uses. There is room for one
        // more element, or they have size 0.
        unsafe { self.spare_ptr().write(v) };
        // SAFETY: `inc_len` requires that the next element is initialised; it was just written.
        unsafe { self.inc_len(1) };
        Ok(())
    }

    /// Makes room for one more element.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, flags: Flags) -> Result<(), AllocError> {
        self.reserve(1, flags)
    }

    /// Adds `v` at the end if there is room.
    ///
    /// # Errors
    ///
    /// [`PushError`]: the vector is full. The error holds `v`.
    pub fn push_within_capacity(&mut self, v: T) -> Result<(), PushError<T>> {
        match self.spare_capacity_mut().first_mut() {
            Some(slot) => slot.write(v),
            None => return Err(PushError(v)),
        };
        // SAFETY: `inc_len` requires that the next element is initialised; it was just written.
        unsafe { self.inc_len(1) };
        Ok(())
    }

    /// Puts `element` before the element number `index`, or at the end if `index` is the length.
    ///
    /// # Errors
    ///
    /// [`InsertError`], which holds `element`: `index` is larger than the length, or the vector is
    /// full.
    pub fn insert_within_capacity(
        &mut self,
        index: usize,
        element: T,
    ) -> Result<(), InsertError<T>> {
        if index > self.len {
            return Err(InsertError::IndexOutOfBounds(element));
        }
        if let Err(PushError(element)) = self.push_within_capacity(element) {
            return Err(InsertError::OutOfCapacity(element));
        }
        if let Some(tail) = self.get_mut(index..) {
            tail.rotate_right(1);
        }
        Ok(())
    }

    /// Takes the last element away.
    pub fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let last = self.dec_len(1).cast::<T>();
        // SAFETY: `read` requires an initialised value, and makes a second owner of it; the vector
        // has just given the value up.
        Some(unsafe { last.read() })
    }

    /// Takes the element number `i` away; those behind it move up.
    ///
    /// # Errors
    ///
    /// [`RemoveError`]: there is no such element.
    pub fn remove(&mut self, i: usize) -> Result<T, RemoveError> {
        let tail = self
            .get_mut(i..)
            .filter(|tail| !tail.is_empty())
            .ok_or(RemoveError)?;
        tail.rotate_left(1);
        self.pop().ok_or(RemoveError)
    }

    /// Drops all elements, first to last, and keeps the memory.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Drops the elements from number `len` on, first to last, and keeps the memory.
    pub fn truncate(&mut self, len: usize) {
        let Some(count) = self.len.checked_sub(len) else {
            return;
        };
        let tail = self.dec_len(count);
        // SAFETY: `drop_in_place` requires initialised values that nobody else uses and that are
        // not used again. They were elements, and the vector has just given them up.
        unsafe { ptr::drop_in_place(tail) };
    }

    /// Takes all elements away, as an iterator, and keeps the memory.
    ///
    /// Elements that the iterator has not given out are dropped with it. If the iterator is
    /// forgotten instead, these elements leak.
    pub fn drain_all(&mut self) -> DrainAll<'_, T> {
        let all = self.dec_len(self.len);
        // SAFETY: `new` requires initialised elements that it owns for as long as the vector is
        // borrowed. They were elements, and the vector has just given them up and cannot be used
        // before the borrow ends.
        unsafe { DrainAll::new(all) }
    }

    /// Keeps the elements for which `f` gives true, in their order. The others are dropped after
    /// `f` has seen all elements.
    pub fn retain(&mut self, mut f: impl FnMut(&mut T) -> bool) {
        let mut kept = 0;
        for index in 0..self.len {
            if self.get_mut(index).is_some_and(&mut f) {
                // PANIC: none: `kept` is at most `index`, which is less than the length.
                self.swap(kept, index);
                // OVERFLOW: none: `kept` is less than the length.
                kept += 1;
            }
        }
        self.truncate(kept);
    }
}
