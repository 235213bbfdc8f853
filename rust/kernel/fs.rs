// SPDX-License-Identifier: GPL-2.0

//! Files, as the drivers see them that have some.
//!
//! C header: [`include/linux/fs.h`](srctree/include/linux/fs.h)
//!
//! [`File`] is an open file, [`Kiocb`] one request to read or write it. What a driver's own files do is said in
//! [`miscdevice`](crate::miscdevice).

pub mod file;
mod kiocb;

pub use self::{file::File, kiocb::Kiocb};
