// SPDX-License-Identifier: GPL-2.0

//! `#[pin_data]`: the input that it accepts.
//!
//! The generated code is in [`pin_data_expand`](crate::pin_data_expand).

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::{Attribute, Error, Field, Fields, Ident, Item, ItemStruct, Meta, Type, Visibility};

use crate::util::{Errors, hidden_at};

/// A struct that passed the checks, without its `#[pin]` attributes.
pub(crate) struct PinStruct {
    /// The struct as it is emitted.
    pub(crate) item: ItemStruct,
    /// The facts about each field that the generated code needs.
    pub(crate) fields: Vec<PinField>,
    /// The place of `PinnedDrop` in the attribute's arguments.
    pub(crate) pinned_drop: Option<Span>,
}

/// One field of a [`PinStruct`].
pub(crate) struct PinField {
    /// The name, or the index of a tuple struct's field.
    pub(crate) member: syn::Member,
    /// The name of the generated method and projection field.
    pub(crate) accessor: Ident,
    /// The `cfg` attributes, repeated wherever the field is mentioned.
    pub(crate) cfgs: Vec<Attribute>,
    /// The visibility, repeated on the items that give access to the field.
    pub(crate) vis: Visibility,
    /// The declared type.
    pub(crate) ty: Type,
    /// Whether the field carries `#[pin]`.
    pub(crate) pinned: bool,
}

/// Expands `#[pin_data(args)] item`: checks the item, and has `write` write the code.
pub(crate) fn expand(
    args: TokenStream,
    item: Item,
    write: impl FnOnce(&PinStruct) -> TokenStream,
) -> syn::Result<TokenStream> {
    let item = match item {
        Item::Struct(item) => item,
        Item::Enum(item) => return Err(not_a_struct(&item.enum_token, "an enum")),
        Item::Union(item) => return Err(not_a_struct(&item.union_token, "a union")),
        other => return Err(not_a_struct(&other, "this item")),
    };
    let mut errors = Errors::default();
    let pinned_drop = parse_args(args, &mut errors);
    check_packed(&item, &mut errors);
    let parsed = take_fields(item, pinned_drop, &mut errors);
    match errors.into_result() {
        Ok(()) => Ok(write(&parsed)),
        // The struct stays, so that the rest of the crate does not fail for lack of it.
        Err(error) => {
            let (item, error) = (&parsed.item, error.into_compile_error());
            Ok(quote::quote!(#item #error))
        }
    }
}

/// Returns the error for an item that cannot be pinned field by field.
fn not_a_struct(tokens: &dyn quote::ToTokens, what: &str) -> Error {
    let message = format!("`#[pin_data]` needs a struct, not {what}");
    Error::new_spanned(tokens.to_token_stream(), message)
}

/// Accepts no arguments or `PinnedDrop`; returns the place of the latter.
fn parse_args(args: TokenStream, errors: &mut Errors) -> Option<Span> {
    if args.is_empty() {
        return None;
    }
    match syn::parse2::<Ident>(args.clone()) {
        Ok(ident) if ident == "PinnedDrop" => Some(ident.span()),
        _ => {
            errors.at(args, "expected `#[pin_data]` or `#[pin_data(PinnedDrop)]`");
            None
        }
    }
}

/// Refuses `repr(packed)`: a destructor would move a misaligned field before it runs.
fn check_packed(item: &ItemStruct, errors: &mut Errors) {
    for attr in item.attrs.iter().filter(|a| a.path().is_ident("repr")) {
        // The compiler reports a malformed `repr`.
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("packed") {
                errors.at(&meta.path, "a packed struct cannot pin its fields");
            }
            if meta.input.peek(syn::token::Paren) {
                meta.input.parse::<proc_macro2::Group>()?;
            }
            Ok(())
        });
    }
}

/// Takes the `#[pin]` attributes off the fields and notes which fields had one.
fn take_fields(mut item: ItemStruct, pinned_drop: Option<Span>, errors: &mut Errors) -> PinStruct {
    let fields = match &mut item.fields {
        Fields::Named(named) => &mut named.named,
        Fields::Unnamed(unnamed) => &mut unnamed.unnamed,
        Fields::Unit => {
            return PinStruct {
                item,
                fields: Vec::new(),
                pinned_drop,
            };
        }
    };
    let fields = fields
        .iter_mut()
        .enumerate()
        .map(|(index, field)| take_field(index, field, errors))
        .collect();
    PinStruct {
        item,
        fields,
        pinned_drop,
    }
}

/// Reads one field and takes its `#[pin]` off.
fn take_field(index: usize, field: &mut Field, errors: &mut Errors) -> PinField {
    let (pins, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut field.attrs)
        .into_iter()
        .partition(|attr| attr.path().is_ident("pin"));
    field.attrs = rest;
    check_pin_attrs(&pins, errors);
    let pinned = !pins.is_empty();
    if !pinned && is_phantom_pinned(&field.ty) {
        let message = "`PhantomPinned` has no effect without `#[pin]`";
        errors.at(&field.ty, message);
    }
    let place = syn::spanned::Spanned::span(&field.ty);
    let member = match &field.ident {
        Some(ident) => syn::Member::Named(ident.clone()),
        None => syn::Member::Unnamed(syn::Index {
            // OVERFLOW: none: rustc refuses a struct with 2^32 fields long before.
            index: index as u32,
            span: hidden_at(place),
        }),
    };
    let accessor = match &field.ident {
        Some(ident) => crate::util::hidden_ident(ident),
        None => format_ident!("_{}", index, span = hidden_at(place)),
    };
    PinField {
        member,
        accessor,
        cfgs: crate::util::cfgs(&field.attrs)
            .into_iter()
            .cloned()
            .collect(),
        vis: field.vis.clone(),
        ty: field.ty.clone(),
        pinned,
    }
}

/// Refuses `#[pin(..)]` and a second `#[pin]`.
fn check_pin_attrs(pins: &[Attribute], errors: &mut Errors) {
    for pin in pins {
        if !matches!(pin.meta, Meta::Path(_)) {
            errors.at(pin, "`#[pin]` takes no arguments");
        }
    }
    for second in pins.iter().skip(1) {
        errors.at(second, "this field is already `#[pin]`");
    }
}

/// Returns whether the type is spelled `PhantomPinned`, with any path.
fn is_phantom_pinned(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "PhantomPinned"),
        _ => false,
    }
}
