// SPDX-License-Identifier: GPL-2.0

//! Procedural macros of the `pin_init` crate.
//!
//! Every macro is documented, with examples, at its re-export in `pin_init`. The expansions name that
//! crate as `::pin_init`, so a crate that uses them needs it under this name.
//!
//! How an expansion stays out of the way of the code around it:
//!
//! - Tokens made here carry mixed-site spans. Locals are invisible to the tokens of the caller, and the
//!   lints of the caller's crate, `unsafe_code` among them, treat the tokens as another crate's.
//! - No lint attribute is emitted: under `#![forbid(..)]` an `allow` would be an error.
//! - Code of the caller is never placed inside an `unsafe` block.

#![deny(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used
)]

use proc_macro::TokenStream;
use syn::parse_macro_input;

mod initializer;
mod initializer_expand;
mod pin_data;
mod pin_data_expand;
mod pinned_drop;
mod util;
mod zeroable;

/// Makes a struct known to `pin_init!`, gives it structural pinning and a `project` method.
#[proc_macro_attribute]
pub fn pin_data(args: TokenStream, input: TokenStream) -> TokenStream {
    let item = parse_macro_input!(input as syn::Item);
    finish(pin_data::expand(args.into(), item))
}

/// Turns an `impl PinnedDrop` into the destructor of a `#[pin_data(PinnedDrop)]` type.
#[proc_macro_attribute]
pub fn pinned_drop(args: TokenStream, input: TokenStream) -> TokenStream {
    let item = parse_macro_input!(input as syn::ItemImpl);
    pinned_drop::expand(args.into(), item).into()
}

/// Implements `Zeroable` for a struct or union all of whose fields are `Zeroable`.
#[proc_macro_derive(Zeroable)]
pub fn derive_zeroable(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as syn::DeriveInput);
    finish(zeroable::derive(&input))
}

/// Implements `Zeroable` for a struct or union if all its fields are `Zeroable`, and nothing otherwise.
#[proc_macro_derive(MaybeZeroable)]
pub fn maybe_derive_zeroable(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as syn::DeriveInput);
    finish(zeroable::maybe_derive(&input))
}

/// Makes an `impl Init<T, E>` from a struct literal with initialisers.
#[proc_macro]
pub fn init(input: TokenStream) -> TokenStream {
    initializer_expand::expand(input, initializer_expand::Flavor::INIT)
}

/// Makes an `impl Init<T, E>` from a struct literal with initialisers and an error type.
#[proc_macro]
pub fn try_init(input: TokenStream) -> TokenStream {
    initializer_expand::expand(input, initializer_expand::Flavor::TRY_INIT)
}

/// Makes an `impl PinInit<T, E>` from a struct literal with initialisers.
#[proc_macro]
pub fn pin_init(input: TokenStream) -> TokenStream {
    initializer_expand::expand(input, initializer_expand::Flavor::PIN_INIT)
}

/// Makes an `impl PinInit<T, E>` from a struct literal with initialisers and an error type.
#[proc_macro]
pub fn try_pin_init(input: TokenStream) -> TokenStream {
    initializer_expand::expand(input, initializer_expand::Flavor::TRY_PIN_INIT)
}

/// The tokens of an expansion, or its errors as `compile_error!` calls.
fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
