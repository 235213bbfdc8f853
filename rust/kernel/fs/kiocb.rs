// SPDX-License-Identifier: GPL-2.0

//! [`Kiocb`]: a request to read or write.

use core::marker::PhantomData;

use super::{File, file::Offset};
use crate::{bindings, types::ForeignOwnable};

/// A request to read or write a file that keeps a `T`.
///
/// # Invariants
///
/// KIOCB-LIVE: the C request and its file are valid for `'a`, and nobody else uses the position in
/// the request meanwhile. The file's data pointer is from `T::into_foreign`, and not taken back
/// during `'a`.
pub struct Kiocb<'a, T> {
    raw: *mut bindings::kiocb,
    _file: PhantomData<fn(&'a T) -> &'a T>,
}

impl<'a, T: ForeignOwnable> Kiocb<'a, T> {
    /// Wraps a C request.
    ///
    /// # Safety
    ///
    /// KIOCB-LIVE must hold for all of `'a`, which is the caller's choice. Hand the result on only
    /// under a lifetime that its user cannot choose. No `BorrowedMut` of the file's data may exist
    /// during `'a`.
    pub unsafe fn from_raw(kiocb: *mut bindings::kiocb) -> Self {
        // INVARIANT: the caller promises it.
        Self {
            raw: kiocb,
            _file: PhantomData,
        }
    }

    /// Returns the C pointer, valid for `'a`.
    pub fn as_raw(&self) -> *mut bindings::kiocb {
        self.raw
    }

    /// Returns the value that the file keeps, which `open` returned.
    ///
    /// Context: any context.
    pub fn file(&self) -> T::Borrowed<'a> {
        // SAFETY: `private_data` requires a live file whose data nobody writes; KIOCB-LIVE.
        let data = unsafe { super::private_data(self.raw_file()) };
        // SAFETY: `borrow` requires a pointer from `T::into_foreign` that is not taken back and
        // only borrowed shared. The first two hold by KIOCB-LIVE, and `from_raw` demands the third.
        unsafe { T::borrow(data) }
    }

    /// Returns the file. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn as_file(&self) -> &'a File {
        // SAFETY: `from_raw_file` requires a file that is live for `'a`; it is live by KIOCB-LIVE.
        unsafe { File::from_raw_file(self.raw_file()) }
    }

    /// Returns the position in the file at which to begin, in bytes.
    ///
    /// Context: any context.
    pub fn ki_pos(&self) -> Offset {
        // SAFETY: the read requires a live request, whose position nobody writes meanwhile;
        // KIOCB-LIVE says both.
        unsafe { (*self.raw).ki_pos }
    }

    /// Returns the position in the file at which to begin, to be moved on.
    ///
    /// Context: any context.
    pub fn ki_pos_mut(&mut self) -> &mut Offset {
        // SAFETY: the reference requires a live request, whose position nobody else uses meanwhile;
        // KIOCB-LIVE says both, and `self` is borrowed exclusively.
        unsafe { &mut (*self.raw).ki_pos }
    }

    fn raw_file(&self) -> *mut bindings::file {
        // SAFETY: the read requires a live request; it is live by KIOCB-LIVE.
        unsafe { (*self.raw).ki_filp }
    }
}
