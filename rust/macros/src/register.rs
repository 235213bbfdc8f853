// SPDX-License-Identifier: GPL-2.0

//! `register!` and `bitfield!`: integers with named bit fields, with and without a place in I/O
//! memory.
//!
//! Both read a *value*: a type name, its integer type, and fields with bit positions. What a
//! field's bits mean and that fields do not overlap is checked here, since it follows from the
//! tokens alone. Offsets, counts and strides may be any constants, so they are checked by
//! assertions in the expansion. Either way the message points at what the user wrote.

mod field;
mod place;
mod value;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser};

use place::Place;
use value::{Head, Value};

/// Expands `register! { .. }`: any number of registers.
pub(crate) fn register(input: TokenStream) -> syn::Result<TokenStream> {
    expand_all(input, |input| {
        let head: Head = input.parse()?;
        let place: Place = input.parse()?;
        let value = Value::parse_fields(head, place.extra_reserved(), input)?;
        let place = place.expand(&value);
        Ok(quote!(#value #place))
    })
}

/// Expands `bitfield! { .. }`: any number of structs.
pub(crate) fn bitfield(input: TokenStream) -> syn::Result<TokenStream> {
    expand_all(input, |input| {
        let head = Head::parse_struct(input)?;
        let value = Value::parse_fields(head, &[], input)?;
        Ok(quote!(#value))
    })
}

/// Expands each item of `input` by `item`.
fn expand_all(
    input: TokenStream,
    item: impl Fn(ParseStream<'_>) -> syn::Result<TokenStream>,
) -> syn::Result<TokenStream> {
    let items = |input: ParseStream<'_>| {
        let mut expanded = TokenStream::new();
        while !input.is_empty() {
            expanded.extend(item(input)?);
        }
        Ok(expanded)
    };
    items.parse2(input)
}

/// Parses a `T` if `input` goes on with one, as `peek` tells.
fn parse_if<T: Parse>(input: ParseStream<'_>, peek: bool) -> syn::Result<Option<T>> {
    peek.then(|| input.parse()).transpose()
}
