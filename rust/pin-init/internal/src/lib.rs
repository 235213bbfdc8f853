// SPDX-License-Identifier: GPL-2.0

//! Procedural macros of the `pin_init` crate.
//!
//! Every macro is documented, with examples, at its re-export in `pin_init`. The expansions name
//! one macro of that crate, as `::pin_init`. So a crate that uses them needs it under this name.
//! See `authority`.
//!
//! These rules keep an expansion separate from the code around it:
//!
//! - Tokens made here carry mixed-site spans. Locals are invisible to the tokens of the caller. The
//!   lints of the caller's crate, `unsafe_code` among them, treat the tokens as another crate's.
//! - Items next to tokens of the caller have names that these tokens cannot name. See
//!   `util::unnameable`.
//! - The expansion has no attribute about a lint of the compiler's: under `#![forbid(..)]` an
//!   `allow` would be an error.
//! - Code of the caller is never placed inside an `unsafe` block.

#![feature(proc_macro_def_site)]
#![deny(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used
)]

mod authority;
mod initializer;
mod initializer_expand;
mod operands;
mod pin_data;
mod pin_data_expand;
mod pinned_drop;
mod util;
mod zeroable;

use proc_macro::TokenStream;
use proc_macro2::Span;

use authority::{ask, grant};
use initializer_expand::Flavor;

/// The crate that all the macros are for.
const HOME: &str = "pin_init";

/// Makes a struct known to `pin_init!`, gives it structural pinning and a `project` method.
#[proc_macro_attribute]
pub fn pin_data(args: TokenStream, input: TokenStream) -> TokenStream {
    ask(HOME, "pin_data", args.into(), input.into()).into()
}

/// Turns an `impl PinnedDrop` into the destructor of a `#[pin_data(PinnedDrop)]` type.
#[proc_macro_attribute]
pub fn pinned_drop(args: TokenStream, input: TokenStream) -> TokenStream {
    ask(HOME, "pinned_drop", args.into(), input.into()).into()
}

/// Implements `Zeroable` for a struct or union all of whose fields are `Zeroable`.
#[proc_macro_derive(Zeroable)]
pub fn derive_zeroable(input: TokenStream) -> TokenStream {
    ask(HOME, "zeroable", Default::default(), input.into()).into()
}

/// Implements `Zeroable` for a struct or union if all its fields are `Zeroable`, and nothing
/// otherwise.
#[proc_macro_derive(MaybeZeroable)]
pub fn maybe_derive_zeroable(input: TokenStream) -> TokenStream {
    ask(HOME, "maybe_zeroable", Default::default(), input.into()).into()
}

/// Makes an `impl Init<T, E>` from a struct literal with initialisers.
#[proc_macro]
pub fn init(input: TokenStream) -> TokenStream {
    ask(HOME, Flavor::INIT.name, Default::default(), input.into()).into()
}

/// Makes an `impl Init<T, E>` from a struct literal with initialisers and an error type.
#[proc_macro]
pub fn try_init(input: TokenStream) -> TokenStream {
    ask(
        HOME,
        Flavor::TRY_INIT.name,
        Default::default(),
        input.into(),
    )
    .into()
}

/// Makes an `impl PinInit<T, E>` from a struct literal with initialisers.
#[proc_macro]
pub fn pin_init(input: TokenStream) -> TokenStream {
    ask(
        HOME,
        Flavor::PIN_INIT.name,
        Default::default(),
        input.into(),
    )
    .into()
}

/// Makes an `impl PinInit<T, E>` from a struct literal with initialisers and an error type.
#[proc_macro]
pub fn try_pin_init(input: TokenStream) -> TokenStream {
    ask(
        HOME,
        Flavor::TRY_PIN_INIT.name,
        Default::default(),
        input.into(),
    )
    .into()
}

/// The second step of all macros, for `pin_init::__expand_as_ours!`.
#[proc_macro]
pub fn __expand(input: TokenStream) -> TokenStream {
    grant(input.into(), expand)
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// Returns the expansion of the macro `name`.
fn expand(
    name: &str,
    args: proc_macro2::TokenStream,
    input: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    match name {
        "pin_data" => pin_data::expand(args, syn::parse2(input)?, pin_data_expand::expand),
        "pinned_drop" => Ok(pinned_drop::expand(args, syn::parse2(input)?)),
        "zeroable" => zeroable::derive(&syn::parse2(input)?),
        "maybe_zeroable" => zeroable::maybe_derive(&syn::parse2(input)?),
        _ => match Flavor::named(name) {
            Some(flavor) => Ok(initializer_expand::expand(input, flavor)),
            None => Err(syn::Error::new(Span::call_site(), "there is no such macro")),
        },
    }
}
