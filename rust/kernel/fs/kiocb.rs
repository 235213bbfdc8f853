// SPDX-License-Identifier: GPL-2.0

//! [`Kiocb`]: a request to read or write.

use core::marker::PhantomData;

use super::{File, file::Offset};
use crate::{bindings, types::ForeignOwnable};

/// A request to read or write a file that keeps a `T`.
///
/// # Invariants
///
/// KIOCB-LIVE: the C request and its file are valid for `'a`, nobody else uses the position in it meanwhile, and the
/// file's data pointer is from `T::into_foreign`, and not taken back during `'a`.
pub struct Kiocb<'a, T> {
    raw: *mut bindings::kiocb,
    _file: PhantomData<fn(&'a T) -> &'a T>,
}

impl<'a, T: ForeignOwnable> Kiocb<'a, T> {
    /// Wraps a C request.
    ///
    /// # Safety
    ///
    /// KIOCB-LIVE must hold for all of `'a`, which is the caller's choice: hand the result on only under a lifetime that
    /// its user cannot choose. No `BorrowedMut` of the file's data may exist during `'a`.
    pub unsafe fn from_raw(kiocb: *mut bindings::kiocb) -> Self {
        // INVARIANT: the caller promises it.
        Self {
            raw: kiocb,
            _file: PhantomData,
        }
    }

    /// The C pointer, valid for `'a`.
    pub fn as_raw(&self) -> *mut bindings::kiocb {
        self.raw
    }

    /// What the file keeps: what `open` returned. Any context.
    pub fn file(&self) -> T::Borrowed<'a> {
        // SAFETY: KIOCB-LIVE.
        let data = unsafe { bindings::lb_file_private_data(self.raw_file()) };
        // SAFETY: KIOCB-LIVE: from `T::into_foreign`, and not taken back; `from_raw` demands that it be only borrowed
        // shared.
        unsafe { T::borrow(data) }
    }

    /// The file. Any context. (Not in Linux's own crate.)
    pub fn as_file(&self) -> &'a File {
        // SAFETY: KIOCB-LIVE, for `'a`.
        unsafe { File::from_raw_file(self.raw_file()) }
    }

    /// Where in the file to begin, in bytes. Any context.
    pub fn ki_pos(&self) -> Offset {
        // SAFETY: KIOCB-LIVE.
        let position = unsafe { bindings::lb_kiocb_pos(self.raw) };
        // SAFETY: KIOCB-LIVE: nobody else writes it during `'a`.
        unsafe { *position }
    }

    /// Where in the file to begin, to be moved on. Any context.
    pub fn ki_pos_mut(&mut self) -> &mut Offset {
        // SAFETY: KIOCB-LIVE.
        let position = unsafe { bindings::lb_kiocb_pos(self.raw) };
        // SAFETY: KIOCB-LIVE: nobody else uses it during `'a`, and `self` is borrowed exclusively.
        unsafe { &mut *position }
    }

    fn raw_file(&self) -> *mut bindings::file {
        // SAFETY: KIOCB-LIVE.
        unsafe { bindings::lb_kiocb_file(self.raw) }
    }
}
