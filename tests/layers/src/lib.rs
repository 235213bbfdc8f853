// SPDX-License-Identifier: GPL-2.0

//! The imports between the files of a crate, compared with the layers in
//! Documentation/architecture.md.
//!
//! - [`source`] reads a file and finds its imports, re-exports and definitions;
//! - [`imports`] follows the names through re-exports and the prelude to the files that define
//!   them;
//! - [`table`] reads the layers from the documentation, and compares;
//! - [`picture`] draws them.
//!
//! An import that is only re-exported (`pub use`) does not count as an import of that file: a
//! facade is not above the files that it names. Tests are left out.

pub mod imports;
pub mod picture;
pub mod source;
pub mod table;
