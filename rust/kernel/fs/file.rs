// SPDX-License-Identifier: GPL-2.0

//! An open file.
//!
//! C header: [`include/linux/fs.h`](srctree/include/linux/fs.h)

use crate::{bindings, ffi::c_uint, types::Opaque};

/// A position in a file, in bytes: C's `loff_t`.
pub type Offset = i64;

/// The modes in which a file can be opened. Several are or-ed together;
/// [`O_ACCMODE`](flags::O_ACCMODE) has two bits that are one of three.
pub mod flags {
    use crate::bindings;

    macro_rules! flags {
        ($($name:ident $doc:literal;)*) => { $(
            #[doc = $doc]
            // CAST: the flags are bits of an `int`, none negative.
            pub const $name: u32 = bindings::$name as u32;
        )* };
    }

    flags! {
        O_ACCMODE "The bits that say for what the file was opened.";
        O_APPEND "Write at the end.";
        O_CLOEXEC "Close it when another program is executed. Not seen in an open file.";
        O_DIRECT "Without caches.";
        O_DSYNC "Writing returns when the data is stored.";
        O_NONBLOCK "Never wait: fail with `EAGAIN` instead.";
        O_RDONLY "Opened for reading; all bits are 0.";
        O_RDWR "Opened for both.";
        O_SYNC "Writing returns when the data, and what is needed to find it, is stored.";
        O_WRONLY "Opened for writing.";
    }

    /// The same as [`O_NONBLOCK`].
    pub const O_NDELAY: u32 = O_NONBLOCK;
}

/// An open file, lent to one of its operations.
///
/// # Invariants
///
/// FILE-LIVE: the C structure is referenced at least as long as the Rust reference to it lives.
#[repr(transparent)]
pub struct File(Opaque<bindings::file>);

// SAFETY: `Sync` requires that shared use by several threads is sound; C allows on several threads
// everything that safe code can do with `&File`.
unsafe impl Sync for File {}

impl File {
    /// Makes a reference from a C pointer.
    ///
    /// # Safety
    ///
    /// FILE-LIVE must hold for all of `'a`, which is the caller's choice. Hand the result on only
    /// under a lifetime that its user cannot choose.
    pub unsafe fn from_raw_file<'a>(file: *const bindings::file) -> &'a File {
        // SAFETY: the reference requires a live file for `'a`; the caller promises it (FILE-LIVE).
        // `File` is a transparent wrapper.
        unsafe { &*file.cast() }
    }

    /// Returns the C pointer, valid as long as the reference.
    pub fn as_ptr(&self) -> *mut bindings::file {
        self.0.get()
    }

    /// Returns how the file was opened: bits of [`flags`]. User space may change some, such as
    /// `O_NONBLOCK`, at any time.
    ///
    /// Context: any context.
    pub fn flags(&self) -> u32 {
        // SAFETY: the shim requires a live file, of which it reads a field; it is live by
        // FILE-LIVE.
        let flags: c_uint = unsafe { bindings::lb_file_flags(self.as_ptr()) };
        flags
    }

    /// Returns whether a call on the file must not wait. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn is_nonblocking(&self) -> bool {
        self.flags() & flags::O_NONBLOCK != 0
    }
}
