// SPDX-License-Identifier: GPL-2.0

//! Writing to user space.

use super::{UserPtr, advance, file_position, sys};
use crate::{
    error::{Result, code::EFAULT},
    fs::file,
    transmute::AsBytes,
};

/// The rest of a range of the calling task's memory that is still to be written.
#[derive(Debug)]
pub struct UserSliceWriter {
    ptr: UserPtr,
    length: usize,
}

impl UserSliceWriter {
    pub(super) fn new(ptr: UserPtr, length: usize) -> Self {
        Self { ptr, length }
    }

    /// Returns the number of bytes for which there is room.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Returns whether there is no room left.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Writes all of `data`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if there is less room, or if the room cannot be written. The room counts as unused
    /// then, even if some of it was written.
    #[doc(alias = "copy_to_user")]
    #[inline]
    pub fn write_slice(&mut self, data: &[u8]) -> Result {
        // SAFETY: `write_raw` requires that many initialised bytes; a slice has them.
        unsafe { self.write_raw(data.as_ptr(), data.len()) }
    }

    /// Writes memory that other code may be changing. The errors are those of
    /// [`write_slice`](Self::write_slice).
    ///
    /// Context: process context; may sleep.
    ///
    /// # Safety
    ///
    /// There must be `length` initialised bytes at `data`.
    #[inline]
    pub(crate) unsafe fn write_raw(&mut self, data: *const u8, length: usize) -> Result {
        if length > self.length {
            return Err(EFAULT);
        }
        let to = self.ptr.as_mut_ptr();
        // SAFETY: `copy_to_user()` requires memory of that size to read from; the caller promises
        // it. It checks the destination.
        let missing = unsafe { sys::lb_copy_to_user(to, data.cast(), length) };
        if missing != 0 {
            return Err(EFAULT);
        }
        // OVERFLOW: none: checked above.
        self.length -= length;
        self.ptr = self.ptr.wrapping_byte_add(length);
        Ok(())
    }

    /// Writes `data` from `offset` on, as far as there is room. Returns how many bytes were
    /// written.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if the bytes cannot be written. The room counts as unused then.
    pub fn write_slice_partial(&mut self, data: &[u8], offset: usize) -> Result<usize> {
        let rest = data.get(offset..).unwrap_or_default();
        let count = rest.len().min(self.length);
        if let Some(part) = rest.get(..count) {
            self.write_slice(part)?;
        }
        Ok(count)
    }

    /// Writes `data`, taken as the content of a file, from the position `offset` on, and moves
    /// `offset` on. Returns how many bytes were written: 0 at or past the end.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `offset` is negative; `EFAULT` if the bytes cannot be written. The position
    /// stays then.
    #[doc(alias = "simple_read_from_buffer")]
    pub fn write_slice_file(&mut self, data: &[u8], offset: &mut file::Offset) -> Result<usize> {
        let Some(start) = file_position(data.len(), *offset)? else {
            return Ok(0);
        };
        let count = self.write_slice_partial(data, start)?;
        Ok(advance(offset, count))
    }

    /// Writes a value.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors are those of [`write_slice`](Self::write_slice).
    #[doc(alias = "put_user")]
    #[inline]
    pub fn write<T: AsBytes>(&mut self, value: &T) -> Result {
        self.write_slice(value.as_bytes())
    }
}
