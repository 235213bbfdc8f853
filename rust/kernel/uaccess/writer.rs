// SPDX-License-Identifier: GPL-2.0

//! Writing to user space.

use super::{UserPtr, advance, file_position, sys};
use crate::{
    error::{Result, code::EFAULT},
    fs::file,
    transmute::AsBytes,
};

/// What is left to be written of a range of the calling task's memory.
#[derive(Debug)]
pub struct UserSliceWriter {
    ptr: UserPtr,
    length: usize,
}

impl UserSliceWriter {
    pub(super) fn new(ptr: UserPtr, length: usize) -> Self {
        Self { ptr, length }
    }

    /// The number of bytes for which there is room.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no room left.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Writes all of `data`. May sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if there is less room, or if it cannot be written. The room counts as unused then, even if some of it was
    /// written.
    pub fn write_slice(&mut self, data: &[u8]) -> Result {
        // SAFETY: a slice is memory of that size.
        unsafe { self.write_raw(data.as_ptr(), data.len()) }
    }

    /// Writes memory that others may be changing. May sleep. Errors: as for [`write_slice`](Self::write_slice).
    ///
    /// # Safety
    ///
    /// There must be `length` initialised bytes at `data`.
    pub(crate) unsafe fn write_raw(&mut self, data: *const u8, length: usize) -> Result {
        if length > self.length {
            return Err(EFAULT);
        }
        let to = self.ptr.as_mut_ptr();
        // SAFETY: `copy_to_user()` wants memory of that size to read from: the caller. It checks the destination.
        let missing = unsafe { sys::lb_copy_to_user(to, data.cast(), length) };
        if missing != 0 {
            return Err(EFAULT);
        }
        // OVERFLOW: checked above.
        self.length -= length;
        self.ptr = self.ptr.wrapping_byte_add(length);
        Ok(())
    }

    /// Writes `data` from `offset` on, as far as there is room; returns how many bytes were written. May sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if they cannot be written. The room counts as unused then.
    pub fn write_slice_partial(&mut self, data: &[u8], offset: usize) -> Result<usize> {
        let rest = data.get(offset..).unwrap_or_default();
        let count = rest.len().min(self.length);
        if let Some(part) = rest.get(..count) {
            self.write_slice(part)?;
        }
        Ok(count)
    }

    /// Writes `data`, taken as a file's content, from the position `offset` on, which moves on. Returns how many bytes
    /// were written: 0 at or past the end. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `offset` is negative; `EFAULT` if the bytes cannot be written. The position stays then.
    pub fn write_slice_file(&mut self, data: &[u8], offset: &mut file::Offset) -> Result<usize> {
        let Some(start) = file_position(data.len(), *offset)? else {
            return Ok(0);
        };
        let count = self.write_slice_partial(data, start)?;
        Ok(advance(offset, count))
    }

    /// Writes a value. May sleep.
    ///
    /// # Errors
    ///
    /// As [`write_slice`](Self::write_slice).
    pub fn write<T: AsBytes>(&mut self, value: &T) -> Result {
        self.write_slice(value.as_bytes())
    }
}
