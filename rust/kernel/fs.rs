// SPDX-License-Identifier: GPL-2.0

//! Files, as seen by drivers that implement them.
//!
//! C header: [`include/linux/fs.h`](srctree/include/linux/fs.h)
//!
//! [`File`] is an open file, [`Kiocb`] one request to read or write it. For the operations of a
//! driver's own files, see [`miscdevice`](crate::miscdevice) and [`debugfs`](crate::debugfs).

pub mod file;
mod kiocb;

pub use self::{file::File, kiocb::Kiocb};

use crate::{bindings, ffi::c_void};

/// File operations of this module without any functions.
pub(crate) const NO_OPERATIONS: bindings::file_operations = bindings::file_operations {
    // The module is not unloaded while a file is open. Each module has its own symbol of this name.
    owner: core::ptr::addr_of!(bindings::__this_module).cast_mut(),
    // SAFETY: `zeroed` requires a type of which zeroes are a value; a C initialiser also leaves
    // null pointers and no flags in these fields.
    ..unsafe { core::mem::zeroed() }
};

/// The private data of a file.
///
/// Context: any context.
///
/// # Safety
///
/// `file` must be live, and nobody may write its private data meanwhile.
#[inline]
pub(crate) unsafe fn private_data(file: *mut bindings::file) -> *mut c_void {
    let data = file
        .cast::<*mut c_void>()
        .wrapping_byte_add(bindings::LB_FILE_PRIVATE_DATA);
    // SAFETY: `read` requires that a pointer is there, which nobody writes meanwhile: C's compiler
    // says where it is, and the caller vouches for the rest.
    unsafe { data.read() }
}
