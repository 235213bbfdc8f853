// SPDX-License-Identifier: GPL-2.0

//! Files, as the drivers see them that have some.
//!
//! C header: [`include/linux/fs.h`](srctree/include/linux/fs.h)
//!
//! [`File`] is an open file, [`Kiocb`] one request to read or write it. What a driver's own files do is said in
//! [`miscdevice`](crate::miscdevice) and [`debugfs`](crate::debugfs).

pub mod file;
mod kiocb;

pub use self::{file::File, kiocb::Kiocb};

use crate::bindings;

/// File operations of this module without any functions.
pub(crate) const NO_OPERATIONS: bindings::file_operations = bindings::file_operations {
    // The module is not unloaded while a file is open. Each module has a symbol of this name for itself.
    owner: core::ptr::addr_of!(bindings::__this_module).cast_mut(),
    // SAFETY: null pointers and no flags are what a C initialiser leaves in these fields.
    ..unsafe { core::mem::zeroed() }
};
