// SPDX-License-Identifier: GPL-2.0

//! C's types, as the target kernel is compiled.
//!
//! The kernel is built with `-funsigned-char`, and its `long` has the size of a pointer; the types
//! of [`core::ffi`] follow the host's C instead and do not fit.

pub use bindings::ffi::*;
