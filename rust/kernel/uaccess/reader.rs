// SPDX-License-Identifier: GPL-2.0

//! Reading from user space.

use core::mem::MaybeUninit;

use super::{UserPtr, advance, file_position, sys};
use crate::{
    alloc::{Allocator, Flags, Vec, flags::__GFP_NOWARN},
    error::{
        Error, Result,
        code::{E2BIG, EFAULT},
    },
    ffi::{CStr, c_long},
    fs::file,
    transmute::{FromBytes, uninit_bytes},
};

/// The rest of a range of the calling task's memory that is still to be read.
#[derive(Debug)]
pub struct UserSliceReader {
    ptr: UserPtr,
    length: usize,
}

impl UserSliceReader {
    pub(super) fn new(ptr: UserPtr, length: usize) -> Self {
        Self { ptr, length }
    }

    /// Passes over `num_skip` bytes.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EFAULT` if fewer bytes are left; none is passed over then.
    pub fn skip(&mut self, num_skip: usize) -> Result {
        self.length = self.length.checked_sub(num_skip).ok_or(EFAULT)?;
        self.ptr = self.ptr.wrapping_byte_add(num_skip);
        Ok(())
    }

    /// Returns a second reader of the rest, for looking ahead. It may find other values there than
    /// this one.
    ///
    /// Context: any context.
    pub fn clone_reader(&self) -> UserSliceReader {
        Self::new(self.ptr, self.length)
    }

    /// Returns the number of bytes that are left.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Returns whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Fills `out`, whose bytes are initialised after `Ok`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if fewer bytes are left, or if they cannot be read. Nothing is used up then; the
    /// content of `out` is unspecified.
    pub fn read_raw(&mut self, out: &mut [MaybeUninit<u8>]) -> Result {
        if out.len() > self.length {
            return Err(EFAULT);
        }
        let from = self.ptr.as_const_ptr();
        // SAFETY: `copy_from_user()` requires memory of that size to write to; `out` is that. It
        // checks the source.
        let missing = unsafe { sys::lb_copy_from_user(out.as_mut_ptr().cast(), from, out.len()) };
        if missing != 0 {
            return Err(EFAULT);
        }
        self.skip(out.len())
    }

    /// Fills `out`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if fewer bytes are left, or if they cannot be read. Nothing is used up then; the
    /// content of `out` is unspecified.
    #[doc(alias = "copy_from_user")]
    pub fn read_slice(&mut self, out: &mut [u8]) -> Result {
        // SAFETY: `from_raw_parts_mut` requires memory of that size which nobody else uses; `out`
        // is that. C only ever writes initialised bytes to it, so `out` stays initialised.
        let out = unsafe { core::slice::from_raw_parts_mut(out.as_mut_ptr().cast(), out.len()) };
        self.read_raw(out)
    }

    /// Fills `out` from `offset` on, as far as there are bytes left and there is room. Returns how
    /// many bytes were read.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if the bytes cannot be read. Nothing is used up then.
    pub fn read_slice_partial(&mut self, out: &mut [u8], offset: usize) -> Result<usize> {
        let Some(room) = out.get_mut(offset..) else {
            return Ok(0);
        };
        let count = room.len().min(self.length);
        if let Some(room) = room.get_mut(..count) {
            self.read_slice(room)?;
        }
        Ok(count)
    }

    /// Writes to `out`, taken as the content of a file, at the position `offset`, and moves
    /// `offset` on. Returns how many bytes were read: 0 at or past the end.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `offset` is negative; `EFAULT` if the bytes cannot be read. The position stays
    /// then.
    #[doc(alias = "simple_write_to_buffer")]
    pub fn read_slice_file(&mut self, out: &mut [u8], offset: &mut file::Offset) -> Result<usize> {
        let Some(start) = file_position(out.len(), *offset)? else {
            return Ok(0);
        };
        let count = self.read_slice_partial(out, start)?;
        Ok(advance(offset, count))
    }

    /// Reads a value.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EFAULT` if fewer bytes are left, or if they cannot be read. Nothing is used up then.
    #[doc(alias = "get_user")]
    pub fn read<T: FromBytes>(&mut self) -> Result<T> {
        let mut value = MaybeUninit::<T>::uninit();
        self.read_raw(uninit_bytes(&mut value))?;
        // SAFETY: `assume_init` requires an initialised value; `read_raw` initialised all bytes,
        // and any bytes are a value.
        Ok(unsafe { value.assume_init() })
    }

    /// Appends the rest to `buf`. If there is not enough memory, the log does not report it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `EFAULT` if not all of the rest can be read. `buf` then has the content that it
    /// had before.
    pub fn read_all<A: Allocator>(mut self, buf: &mut Vec<u8, A>, flags: Flags) -> Result {
        let length = self.length;
        // The program may have decided how much that is, and learns of the error if it is too much.
        buf.reserve(length, flags | __GFP_NOWARN)?;
        // PANIC: none: `reserve` made room for `length` bytes.
        let room = buf.spare_capacity_mut().get_mut(..length).ok_or(EFAULT)?;
        self.read_raw(room)?;
        // SAFETY: `inc_len` requires that many initialised elements behind the last one; `read_raw`
        // wrote them.
        unsafe { buf.inc_len(length) };
        Ok(())
    }

    /// Copies a C string to `buf`. If there is no NUL in the rest, the string is all of it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `E2BIG` if the string and its NUL do not fit in `buf`; `EFAULT` if it cannot be read. The
    /// content of `buf` is unspecified then.
    #[doc(alias("strncpy_from_user", "strndup_user"))]
    pub fn strcpy_into_buf<'buf>(self, buf: &'buf mut [u8]) -> Result<&'buf CStr> {
        let limit = buf.len().min(self.length);
        // SAFETY: `strncpy_from_user()` requires memory of that size to write to; `buf` is that. It
        // checks the source.
        let count = unsafe {
            sys::lb_strncpy_from_user(
                buf.as_mut_ptr(),
                self.ptr.as_const_ptr().cast(),
                // CAST: a slice has at most `isize::MAX` bytes.
                limit as c_long,
            )
        };
        let Ok(count) = usize::try_from(count) else {
            // CAST: the number is an errno, which an `int` holds.
            return Err(Error::from_errno(count as i32));
        };
        // Without a NUL, `count` is `limit`, and the NUL still has to be added.
        *buf.get_mut(count).ok_or(E2BIG)? = 0;
        let text = buf.get(..=count).ok_or(E2BIG)?;
        Ok(CStr::from_bytes_with_nul(text)?)
    }
}
