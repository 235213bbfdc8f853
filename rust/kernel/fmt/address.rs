// SPDX-License-Identifier: GPL-2.0

//! How `core` shows an address.
//!
//! `core` has one function that writes an address. All impls of `Debug` and `Pointer` for pointers
//! and functions call it, even those that `#[derive(Debug)]` reaches. `scripts/build-core` makes
//! the symbol of that function a weak one, so a module is linked with the function below.

use super::{Formatter, HashedPtr, Pointer, Result};

/// Takes the place of `core::fmt::pointer_fmt_inner`, and shows a hash, as C's `%p` does.
///
/// Context: any context.
// The name belongs to a function in `core`, which is private, has this signature, and is compiled
// by the same compiler. So its callers may call this function instead.
#[unsafe(export_name = env!("LIFEBOUND_ADDRESS_SYMBOL"))]
fn pointer_fmt_inner(address: usize, f: &mut Formatter<'_>) -> Result {
    HashedPtr::from(core::ptr::without_provenance::<()>(address)).fmt(f)
}
