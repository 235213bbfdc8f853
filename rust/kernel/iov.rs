// SPDX-License-Identifier: GPL-2.0

//! What a request to read or write a file reads from, or writes to.
//!
//! C header: [`include/linux/uio.h`](srctree/include/linux/uio.h)
//!
//! It may be several pieces of the calling program's memory, or memory of the kernel: an [`IovIterSource`] is copied from
//! front to back, once, an [`IovIterDest`] filled so. As in [`uaccess`](crate::uaccess), nothing is ever borrowed, and
//! copying may sleep.

use core::{marker::PhantomData, mem::MaybeUninit};

use crate::{
    alloc::{Allocator, Flags, Vec, flags::__GFP_NOWARN},
    bindings,
    error::{
        Result,
        code::{EFAULT, EINVAL},
    },
    fs::file,
    transmute::{AsBytes, FromBytes, uninit_bytes},
    types::Opaque,
};

/// What is left to be read of a request to write to a file.
///
/// # Invariants
///
/// IOV-SOURCE: it is a valid iterator that is read from, and its memory may be read for `'data`.
#[repr(transparent)]
pub struct IovIterSource<'data> {
    raw: Opaque<bindings::iov_iter>,
    _data: PhantomData<&'data [u8]>,
}

/// What is left to be written of a request to read a file.
///
/// # Invariants
///
/// IOV-DEST: it is a valid iterator that is written to, and its memory may be written for `'data`.
#[repr(transparent)]
pub struct IovIterDest<'data> {
    raw: Opaque<bindings::iov_iter>,
    _data: PhantomData<&'data mut [u8]>,
}

/// What both have.
macro_rules! common {
    ($iter:ident, $name:literal) => {
        impl<'data> $iter<'data> {
            /// Makes a reference of a C pointer.
            ///
            /// # Safety
            ///
            #[doc = concat!($name, " must hold for `'data`, and nobody else may use the iterator for `'a`; both are the ")]
            /// caller's choice: hand the result on only under lifetimes that its user cannot choose.
            pub unsafe fn from_raw<'a>(raw: *mut bindings::iov_iter) -> &'a mut Self {
                // SAFETY: a transparent wrapper; the caller vouches for pointer and lifetime.
                unsafe { &mut *raw.cast() }
            }

            /// The C pointer, valid as long as the reference.
            pub fn as_raw(&mut self) -> *mut bindings::iov_iter {
                self.raw.get()
            }

            /// The number of bytes that are left. Any context.
            pub fn len(&self) -> usize {
                // SAFETY: the shim reads a field of a valid iterator.
                unsafe { bindings::lb_iov_iter_count(self.raw.get()) }
            }

            /// Whether nothing is left. Any context.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }
    };
}

common!(IovIterSource, "IOV-SOURCE");
common!(IovIterDest, "IOV-DEST");

impl IovIterSource<'_> {
    /// Passes over `bytes` bytes, or what is left if that is less. Any context.
    pub fn advance(&mut self, bytes: usize) {
        let bytes = bytes.min(self.len());
        // SAFETY: `iov_iter_advance()` wants a valid iterator (IOV-SOURCE), with that many bytes left.
        unsafe { bindings::iov_iter_advance(self.as_raw(), bytes) };
    }

    /// Copies to `out`; returns how many bytes were copied: fewer than there is room for if no more are left, or if
    /// memory cannot be read. May sleep.
    #[must_use = "fewer bytes may have been copied"]
    pub fn copy_from_iter(&mut self, out: &mut [u8]) -> usize {
        // SAFETY: `copy_from_iter()` wants a valid iterator (IOV-SOURCE) and memory of that size: `out`. It writes
        // initialised bytes only.
        unsafe { bindings::lb_copy_from_iter(out.as_mut_ptr().cast(), out.len(), self.as_raw()) }
    }

    /// Copies to `out`; returns what was filled of it, as [`copy_from_iter`](Self::copy_from_iter). May sleep.
    pub fn copy_from_iter_raw<'out>(&mut self, out: &'out mut [MaybeUninit<u8>]) -> &'out mut [u8] {
        // SAFETY: `copy_from_iter()` wants a valid iterator (IOV-SOURCE) and memory of that size: `out`.
        let count = unsafe {
            bindings::lb_copy_from_iter(out.as_mut_ptr().cast(), out.len(), self.as_raw())
        };
        let count = count.min(out.len());
        // SAFETY: `from_raw_parts_mut` wants initialised memory that is borrowed for the lifetime: C has written `count`
        // bytes of `out`.
        unsafe { core::slice::from_raw_parts_mut(out.as_mut_ptr().cast(), count) }
    }

    /// Appends what is left to `out`; returns how many bytes that were. May sleep. That there is not so much memory is no
    /// reason for a message.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, and nothing is copied; `EFAULT` if memory cannot be read, and none before it.
    pub fn copy_from_iter_vec<A: Allocator>(
        &mut self,
        out: &mut Vec<u8, A>,
        flags: Flags,
    ) -> Result<usize> {
        let wanted = self.len();
        // The program decides how much that is, and is told if it is too much.
        out.reserve(wanted, flags | __GFP_NOWARN)?;
        let count = self.copy_from_iter_raw(out.spare_capacity_mut()).len();
        // SAFETY: `inc_len` wants that many initialised elements behind the last one: just copied.
        unsafe { out.inc_len(count) };
        if count == 0 && wanted != 0 {
            return Err(EFAULT);
        }
        Ok(count)
    }

    /// Copies a value. May sleep. (Not in Linux's own crate.)
    ///
    /// # Errors
    ///
    /// `EINVAL` if fewer bytes are left, and nothing is used up; `EFAULT` if memory cannot be read.
    pub fn read<T: FromBytes>(&mut self) -> Result<T> {
        if self.len() < size_of::<T>() {
            return Err(EINVAL);
        }
        let mut value = MaybeUninit::<T>::uninit();
        if self.copy_from_iter_raw(uninit_bytes(&mut value)).len() < size_of::<T>() {
            return Err(EFAULT);
        }
        // SAFETY: `assume_init` wants an initialised value: all bytes were copied, and any are one.
        Ok(unsafe { value.assume_init() })
    }
}

impl IovIterDest<'_> {
    /// Copies `input`; returns how many bytes were copied: fewer than all if there is no more room, or if memory cannot be
    /// written. May sleep.
    #[must_use = "fewer bytes may have been copied"]
    pub fn copy_to_iter(&mut self, input: &[u8]) -> usize {
        // SAFETY: `copy_to_iter()` wants a valid iterator (IOV-DEST) and memory of that size: `input`.
        unsafe { bindings::lb_copy_to_iter(input.as_ptr().cast(), input.len(), self.as_raw()) }
    }

    /// Copies `contents`, taken as a file's content, from the position `ppos` on, which moves on. Returns how many bytes
    /// were copied: 0 at or past the end. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the position is negative; `EFAULT` if there is room and it cannot be written. It stays then.
    pub fn simple_read_from_buffer(
        &mut self,
        ppos: &mut file::Offset,
        contents: &[u8],
    ) -> Result<usize> {
        if *ppos < 0 {
            return Err(EINVAL);
        }
        let rest = usize::try_from(*ppos)
            .ok()
            .and_then(|start| contents.get(start..))
            .unwrap_or_default();
        if rest.is_empty() || self.is_empty() {
            return Ok(0);
        }
        let count = self.copy_to_iter(rest);
        if count == 0 {
            return Err(EFAULT);
        }
        // OVERFLOW: the position stays within `contents`, which has at most `isize::MAX` bytes.
        *ppos += count as file::Offset;
        Ok(count)
    }

    /// Copies a value. May sleep. (Not in Linux's own crate.)
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is less room, and nothing is used up; `EFAULT` if memory cannot be written.
    pub fn write<T: AsBytes>(&mut self, value: &T) -> Result {
        let bytes = value.as_bytes();
        if self.len() < bytes.len() {
            return Err(EINVAL);
        }
        if self.copy_to_iter(bytes) < bytes.len() {
            return Err(EFAULT);
        }
        Ok(())
    }
}
