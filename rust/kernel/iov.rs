// SPDX-License-Identifier: GPL-2.0

//! The memory of a request to read or write a file.
//!
//! C header: [`include/linux/uio.h`](srctree/include/linux/uio.h)
//!
//! The memory may be several pieces of the calling program's memory, or memory of the kernel. A
//! driver copies from an [`IovIterSource`], or to an [`IovIterDest`], from front to back, once. As
//! in [`uaccess`](crate::uaccess), drivers never borrow the memory, and copying may sleep.

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

/// The rest of a request to write to a file, from which a driver reads.
///
/// # Invariants
///
/// IOV-SOURCE: this is a valid iterator for reads, and its memory may be read for `'data`.
#[repr(transparent)]
pub struct IovIterSource<'data> {
    raw: Opaque<bindings::iov_iter>,
    _data: PhantomData<&'data [u8]>,
}

/// The rest of a request to read a file, to which a driver writes.
///
/// # Invariants
///
/// IOV-DEST: this is a valid iterator for writes, and its memory may be written for `'data`.
#[repr(transparent)]
pub struct IovIterDest<'data> {
    raw: Opaque<bindings::iov_iter>,
    _data: PhantomData<&'data mut [u8]>,
}

/// Makes the methods that both iterators have.
macro_rules! common {
    ($iter:ident, $name:literal) => {
        impl<'data> $iter<'data> {
            /// Makes a reference from a C pointer.
            ///
            /// # Safety
            #[doc = concat!($name, " must hold for `'data`, and nobody else may use the iterator for `'a`; both are the ")]
            /// caller's choice. So the caller must pass the result on only under lifetimes that the
            /// receiver cannot choose.
            pub unsafe fn from_raw<'a>(raw: *mut bindings::iov_iter) -> &'a mut Self {
                // SAFETY: the reference requires a pointer to a live value that nobody else uses;
                // the type is a transparent wrapper, and the caller vouches for pointer and
                // lifetime.
                unsafe { &mut *raw.cast() }
            }

            /// The C pointer, valid as long as the reference.
            pub fn as_raw(&mut self) -> *mut bindings::iov_iter {
                self.raw.get()
            }

            /// The number of bytes that are left.
            ///
            /// Context: any context.
            #[inline]
            pub fn len(&self) -> usize {
                let count = self
                    .raw
                    .get()
                    .cast::<usize>()
                    .wrapping_byte_add(bindings::LB_IOV_ITER_COUNT);
                // SAFETY: `read` requires that a number is there: IOV-SOURCE, IOV-DEST, and C's
                // compiler says where it is.
                unsafe { count.read() }
            }

            /// Whether nothing is left.
            ///
            /// Context: any context.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }
    };
}

common!(IovIterSource, "IOV-SOURCE");
common!(IovIterDest, "IOV-DEST");

impl IovIterSource<'_> {
    /// Skips `bytes` bytes, or the rest if fewer bytes are left.
    ///
    /// Context: any context.
    pub fn advance(&mut self, bytes: usize) {
        let bytes = bytes.min(self.len());
        // SAFETY: `iov_iter_advance()` requires a valid iterator with that many bytes left;
        // IOV-SOURCE gives the first, and the line above limits the number.
        unsafe { bindings::iov_iter_advance(self.as_raw(), bytes) };
    }

    /// Copies bytes to `out`; returns the number of bytes copied. It is smaller than the size of
    /// `out` if no more bytes are left, or if memory cannot be read.
    ///
    /// Context: process context; may sleep.
    #[must_use = "fewer bytes may have been copied"]
    pub fn copy_from_iter(&mut self, out: &mut [u8]) -> usize {
        // SAFETY: `copy_from_iter()` requires a valid iterator and memory of the given size;
        // IOV-SOURCE gives the first, and `out` the second. C writes only initialised bytes.
        unsafe { bindings::lb_copy_from_iter(out.as_mut_ptr().cast(), out.len(), self.as_raw()) }
    }

    /// Copies bytes to `out`, as [`copy_from_iter`](Self::copy_from_iter) does; returns the filled
    /// part of `out`.
    ///
    /// Context: process context; may sleep.
    pub fn copy_from_iter_raw<'out>(&mut self, out: &'out mut [MaybeUninit<u8>]) -> &'out mut [u8] {
        // SAFETY: `copy_from_iter()` requires a valid iterator and memory of the given size;
        // IOV-SOURCE gives the first, and `out` the second.
        let count = unsafe {
            bindings::lb_copy_from_iter(out.as_mut_ptr().cast(), out.len(), self.as_raw())
        };
        let count = count.min(out.len());
        // SAFETY: `from_raw_parts_mut` requires initialised memory that is borrowed uniquely for
        // the lifetime; C has written `count` bytes of `out`, which is borrowed for it.
        unsafe { core::slice::from_raw_parts_mut(out.as_mut_ptr().cast(), count) }
    }

    /// Appends the rest to `out`; returns the number of bytes appended. If there is too little
    /// memory, C logs no message.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, and nothing is copied; `EFAULT` if not even the first byte can be read.
    pub fn copy_from_iter_vec<A: Allocator>(
        &mut self,
        out: &mut Vec<u8, A>,
        flags: Flags,
    ) -> Result<usize> {
        let wanted = self.len();
        // The program decides on the size, and gets an error if it is too large.
        out.reserve(wanted, flags | __GFP_NOWARN)?;
        let count = self.copy_from_iter_raw(out.spare_capacity_mut()).len();
        // SAFETY: `inc_len` requires that many initialised elements behind the last one; the line
        // above copied them.
        unsafe { out.inc_len(count) };
        if count == 0 && wanted != 0 {
            return Err(EFAULT);
        }
        Ok(count)
    }

    /// Copies a value. Not in Linux 7.3.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if too few bytes are left, and no byte is consumed; `EFAULT` if memory cannot be
    /// read.
    pub fn read<T: FromBytes>(&mut self) -> Result<T> {
        if self.len() < size_of::<T>() {
            return Err(EINVAL);
        }
        let mut value = MaybeUninit::<T>::uninit();
        if self.copy_from_iter_raw(uninit_bytes(&mut value)).len() < size_of::<T>() {
            return Err(EFAULT);
        }
        // SAFETY: `assume_init` requires a valid value; all bytes were copied, and any bytes are a
        // `T: FromBytes`.
        Ok(unsafe { value.assume_init() })
    }
}

impl IovIterDest<'_> {
    /// Copies `input`; returns the number of bytes copied. It is smaller than the size of `input`
    /// if there is no more room, or if memory cannot be written.
    ///
    /// Context: process context; may sleep.
    #[must_use = "fewer bytes may have been copied"]
    #[inline]
    pub fn copy_to_iter(&mut self, input: &[u8]) -> usize {
        // SAFETY: `copy_to_iter()` requires a valid iterator and memory of the given size; IOV-DEST
        // gives the first, and `input` the second.
        unsafe { bindings::lb_copy_to_iter(input.as_ptr().cast(), input.len(), self.as_raw()) }
    }

    /// Copies a part of `contents`, which stands for the content of a file, from the position
    /// `ppos` on, and advances `ppos`. Returns the number of bytes copied, which is 0 at or past
    /// the end.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the position is negative; `EFAULT` if there is room, but it cannot be written.
    /// The position does not change then.
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

    /// Copies a value. Not in Linux 7.3.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is too little room, and no room is consumed; `EFAULT` if memory cannot be
    /// written.
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
