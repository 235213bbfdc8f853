// SPDX-License-Identifier: GPL-2.0

//! Which file of a crate imports which, and whether that is what Documentation/architecture.md allows.
//!
//! - [`source`] reads a file into what it imports, re-exports and defines;
//! - [`imports`] follows the names through re-exports and the prelude to the files that define them;
//! - [`table`] reads the layers from the documentation, and compares;
//! - [`picture`] draws them.
//!
//! An import that is only re-exported (`pub use`) is no import of the file that does so: a facade is not above what it
//! names. Tests are left out.

pub mod imports;
pub mod picture;
pub mod source;
pub mod table;
