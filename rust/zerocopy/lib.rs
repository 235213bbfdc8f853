// SPDX-License-Identifier: GPL-2.0

//! What a driver gets under the name `zerocopy`: zerocopy, without the macros that hand its `unsafe` to anybody.
//!
//! These macros are hidden in zerocopy's documentation, and made for its own use and for one other crate. No derive and
//! no documented macro names them by way of the driver's `zerocopy`.

#![no_std]

#[doc(no_inline)]
pub use ::zerocopy::*;

/// Refused. The genuine one implements traits for a type of whose definition it has the caller's word alone: a
/// condition on the definition takes that away, and the impls are another type's.
#[doc(hidden)]
#[macro_export]
macro_rules! cryptocorrosion_derive_traits {
    ($($input:tt)*) => {
        ::core::compile_error! { "not for drivers: derive zerocopy's traits" }
    };
}

/// Refused. The genuine one takes the word `unsafe` out of its input, where the lint `unsafe_code` does not see it.
#[doc(hidden)]
#[macro_export]
macro_rules! define_cast {
    ($($input:tt)*) => {
        ::core::compile_error! { "not for drivers: zerocopy's `transmute!` is checked" }
    };
}
