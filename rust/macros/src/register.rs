// SPDX-License-Identifier: GPL-2.0

//! `register!` and `bitfield!`: integers with named bit fields, with and without a place in I/O
//! memory.
//!
//! Both read a *value*: a type name, its integer type, and fields with bit positions. The meaning
//! of a field's bits follows from the tokens alone, and so does whether fields overlap. So both are
//! checked here. Offsets, counts and strides may be any constants, so assertions in the expansion
//! check them. Either way, the message points at the user's own text.

mod field;
mod place;
mod value;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};

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
