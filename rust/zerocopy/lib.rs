// SPDX-License-Identifier: GPL-2.0

//! The crate that a driver gets under the name `zerocopy`: zerocopy without the macros that lend
//! its `unsafe` to any code.
//!
//! These macros are hidden in zerocopy's documentation. They are made for its own use and for one
//! other crate. No derive and no documented macro names them through the driver's `zerocopy`.

#![no_std]

#[doc(no_inline)]
pub use ::zerocopy::*;

/// This macro is refused. The genuine one implements traits for a type, and only has the caller's
/// word for the definition of that type. A condition on the definition can remove it; the impls are
/// then for another type.
#[doc(hidden)]
#[macro_export]
macro_rules! cryptocorrosion_derive_traits {
    ($($input:tt)*) => {
        ::core::compile_error! { "not for drivers: derive zerocopy's traits" }
    };
}

/// This macro is refused. The genuine one takes the word `unsafe` out of its input, where the lint
/// `unsafe_code` does not see it.
#[doc(hidden)]
#[macro_export]
macro_rules! define_cast {
    ($($input:tt)*) => {
        ::core::compile_error! { "not for drivers: zerocopy's `transmute!` is checked" }
    };
}
