// SPDX-License-Identifier: GPL-2.0

//! Memory of user space.
//!
//! C header: [`include/linux/uaccess.h`](srctree/include/linux/uaccess.h)
//!
//! A [`UserSlice`] is a range of the calling task's memory, for example the argument of an ioctl. A
//! [`UserSliceReader`] reads it from front to back, once; a [`UserSliceWriter`] writes it. This
//! memory is never borrowed, because other threads of the program may change it at any time. So
//! code that reads a place twice ([`UserSliceReader::clone_reader`], [`UserSlice::reader_writer`])
//! may find another value the second time, and has to check it again.
//!
//! All copying may sleep: the memory may have to be fetched first. A program that serves its pages
//! itself (`userfaultfd`, FUSE) can leave one unserved for as long as it lives; when it is killed,
//! the copy fails. A lock that is held during a copy is held as long as that. The end of a binding
//! waits for file operations that copy, see [`miscdevice`](crate::miscdevice).
//!
//! An address that the program may not use gives `EFAULT`, and has no other effect. Every address
//! does so in code that no program has called: in a job of a [`workqueue`](crate::workqueue), which
//! is a thread of the kernel's, or in an interrupt.

use core::ptr;

use crate::{
    alloc::{Allocator, Flags, Vec},
    error::Result,
    ffi::c_void,
};

#[cfg(test)]
mod host;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

/// The functions of C that copy.
#[cfg(not(test))]
use crate::bindings as sys;
#[cfg(test)]
use host as sys;

pub use self::{reader::UserSliceReader, writer::UserSliceWriter};

/// An address in user space, which may be any number. It refers to nothing in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct UserPtr(*mut c_void);

// SAFETY: `Send` requires that the use from another thread is sound. The address is a number here;
// C alone copies from and to it, and checks it.
unsafe impl Send for UserPtr {}

// SAFETY: `Sync` requires that shared use is sound; it is for the same reason.
unsafe impl Sync for UserPtr {}

impl UserPtr {
    /// Makes a pointer to the address `addr`, for example the argument of an ioctl.
    ///
    /// Context: any context.
    pub fn from_addr(addr: usize) -> Self {
        Self(ptr::without_provenance_mut(addr))
    }

    /// Makes a pointer to an address that C has as a pointer.
    ///
    /// Context: any context.
    pub fn from_ptr(addr: *mut c_void) -> Self {
        Self(addr)
    }

    /// Returns the address as C's `const void __user *`.
    ///
    /// Context: any context.
    pub fn as_const_ptr(self) -> *const c_void {
        self.0
    }

    /// Returns the address as C's `void __user *`.
    ///
    /// Context: any context.
    pub fn as_mut_ptr(self) -> *mut c_void {
        self.0
    }

    /// Returns the address `add` bytes on. It wraps around at the end of memory.
    ///
    /// Context: any context.
    pub fn wrapping_byte_add(self, add: usize) -> UserPtr {
        Self(self.0.wrapping_byte_add(add))
    }
}

/// `length` bytes of the calling task's memory, from an address on. Only their use shows whether
/// they can be accessed.
///
/// # Examples
///
/// An ioctl that adds to a number:
///
/// ```
/// use kernel::{prelude::*, uaccess::{UserPtr, UserSlice}};
///
/// fn add(arg: usize, what: u32) -> Result {
///     let (mut reader, mut writer) =
///         UserSlice::new(UserPtr::from_addr(arg), size_of::<u32>()).reader_writer();
///     let sum = reader.read::<u32>()?.checked_add(what).ok_or(EOVERFLOW)?;
///     writer.write(&sum)
/// }
/// ```
///
/// The compiler refuses types that have padding, or values that are not valid:
///
/// ```compile_fail,E0277
/// use kernel::{prelude::*, uaccess::UserSliceReader};
///
/// fn flag(reader: &mut UserSliceReader) -> Result<bool> {
///     reader.read::<bool>()
/// }
/// ```
///
/// ```compile_fail,E0277
/// use kernel::{prelude::*, uaccess::UserSliceWriter};
///
/// #[repr(C)]
/// struct Padded(u8, u32);
///
/// fn padded(writer: &mut UserSliceWriter) -> Result {
///     writer.write(&Padded(1, 2))
/// }
/// ```
#[derive(Debug)]
pub struct UserSlice {
    ptr: UserPtr,
    length: usize,
}

impl UserSlice {
    /// Makes a slice of the `length` bytes from `ptr` on. It checks nothing.
    ///
    /// Context: any context.
    #[doc(alias = "access_ok")]
    pub fn new(ptr: UserPtr, length: usize) -> Self {
        Self { ptr, length }
    }

    /// Appends all of the slice to `buf`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `EFAULT` if not all of the slice can be read. `buf` then has the content that it
    /// had before.
    #[doc(alias("memdup_user", "vmemdup_user"))]
    pub fn read_all<A: Allocator>(self, buf: &mut Vec<u8, A>, flags: Flags) -> Result {
        self.reader().read_all(buf, flags)
    }

    /// Returns a reader of the slice.
    ///
    /// Context: any context.
    pub fn reader(self) -> UserSliceReader {
        UserSliceReader::new(self.ptr, self.length)
    }

    /// Returns a writer of the slice.
    ///
    /// Context: any context.
    pub fn writer(self) -> UserSliceWriter {
        UserSliceWriter::new(self.ptr, self.length)
    }

    /// Returns a reader and a writer of the slice. Each begins at the front.
    ///
    /// Context: any context.
    pub fn reader_writer(self) -> (UserSliceReader, UserSliceWriter) {
        (
            UserSliceReader::new(self.ptr, self.length),
            UserSliceWriter::new(self.ptr, self.length),
        )
    }
}

/// Returns the index of `offset` in `data`, a file of `len` bytes; `None` at or past its end.
///
/// # Errors
///
/// `EINVAL` if `offset` is negative.
pub(crate) fn file_position(len: usize, offset: crate::fs::file::Offset) -> Result<Option<usize>> {
    if offset < 0 {
        return Err(crate::error::code::EINVAL);
    }
    Ok(usize::try_from(offset).ok().filter(|&start| start < len))
}

/// Moves a file's position on by the number of bytes that were copied.
pub(crate) fn advance(offset: &mut crate::fs::file::Offset, copied: usize) -> usize {
    // OVERFLOW: none: the position stays within a slice, which has at most `isize::MAX` bytes.
    *offset += copied as crate::fs::file::Offset;
    copied
}
