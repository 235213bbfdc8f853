// SPDX-License-Identifier: GPL-2.0

//! What `core` shows of an address.
//!
//! `core` has one function that writes an address, which all its impls of `Debug` and `Pointer` for
//! pointers and functions call, those that `#[derive(Debug)]` reaches among them.
//! `scripts/build-core` makes that function's symbol a weak one, so that a module is linked with
//! the one below.

use super::{Formatter, HashedPtr, Pointer, Result};

/// Takes the place of `core::fmt::pointer_fmt_inner`: shows a hash, as C's `%p` does. Any context.
// The name is one that another function has, in `core`: private to it, with this signature, and
// compiled by the same compiler. So its callers may call this one.
#[unsafe(export_name = env!("LIFEBOUND_ADDRESS_SYMBOL"))]
fn pointer_fmt_inner(address: usize, f: &mut Formatter<'_>) -> Result {
    HashedPtr::from(core::ptr::without_provenance::<()>(address)).fmt(f)
}
