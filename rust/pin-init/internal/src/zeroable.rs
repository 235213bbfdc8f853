// SPDX-License-Identifier: GPL-2.0

//! `#[derive(Zeroable)]` and `#[derive(MaybeZeroable)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{Data, DeriveInput, Error, Field, Generics, Member, parse_quote_spanned};

use crate::util::hidden_at;

/// Expands `#[derive(Zeroable)]`: an impl for a type all of whose fields are `Zeroable`.
pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let generics = bounded_generics(input);
    implement(input, &generics, "Zeroable")
}

/// Expands `#[derive(MaybeZeroable)]`: an impl that holds only if each field is `Zeroable`.
pub(crate) fn maybe_derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let span = Span::mixed_site();
    let mut generics = bounded_generics(input);
    // The compiler would decide, and refuse, a bound without a lifetime at this place.
    let predicates: Vec<syn::WherePredicate> = fields(input, "MaybeZeroable")?
        .into_iter()
        .map(|field| {
            let ty = &field.ty;
            parse_quote_spanned!(span=> for<'__field> #ty: __ours_root::Zeroable)
        })
        .collect();
    generics.make_where_clause().predicates.extend(predicates);
    implement(input, &generics, "MaybeZeroable")
}

/// Writes the impl, which proves its own claim.
///
/// `input` may contain the definition of another type than the one that its name means here. So the
/// impl only takes names from it: `Self` in the impl is the type that gets it, and the compiler
/// finds the types of the fields there.
fn implement(
    input: &DeriveInput,
    generics: &Generics,
    macro_name: &str,
) -> syn::Result<TokenStream> {
    let span = Span::mixed_site();
    let fields = fields(input, macro_name)?;
    let proof = match &input.data {
        Data::Union(_) => union_proof(&fields)?,
        _ => struct_proof(&fields),
    };
    let (imp, ty, wher) = generics.split_for_impl();
    let name = &input.ident;
    Ok(quote_spanned! {span=>
        // SAFETY: `Zeroable` requires that all zero bytes are a value of the type. `__all_fields`
        // compiles only for a struct each of whose fields has such a value, or for a union with a
        // field that has one.
        __ours_unsafe impl #imp __ours_root::Zeroable for #name #ty #wher __ours_body {
            // `inline` keeps the compiler from generating code for it.
            #[inline]
            fn __all_fields(this: &mut Self) {
                #proof
            }
        }
    })
}

/// Writes a proof that compiles if `Self` is a struct, has these fields and no others, and each is
/// `Zeroable`.
///
/// A pattern without `..` names every field. It binds none, since no reference can be made to a
/// field of a packed struct.
fn struct_proof(fields: &[&Field]) -> TokenStream {
    let span = Span::mixed_site();
    let members: Vec<Member> = members(fields);
    let checks = fields.iter().zip(&members).map(|(field, member)| {
        let place = hidden_at(syn::spanned::Spanned::span(&field.ty));
        let check = Ident::new("is_zeroable", place);
        quote_spanned!(span=> __ours_root::__internal::FieldType::of_raw(&raw mut this.#member).#check();)
    });
    quote_spanned! {span=>
        let Self { #(#members: _,)* } = this;
        #(#checks)*
    }
}

/// Writes a proof that compiles if `Self` is a union, or a struct of one field, that has these
/// fields, each of them `Zeroable`.
///
/// A union's value of one field that is `Zeroable` is written without `unsafe`. All zero bytes are
/// such a value, with zeroes in the bytes that the field does not use. So it does not matter
/// whether the union has more fields.
fn union_proof(fields: &[&Field]) -> syn::Result<TokenStream> {
    let span = Span::mixed_site();
    if fields.is_empty() {
        return Err(Error::new(Span::call_site(), "a union has a field"));
    }
    let members = members(fields);
    let literals = fields.iter().zip(&members).map(|(field, member)| {
        let place = hidden_at(syn::spanned::Spanned::span(&field.ty));
        let value = quote_spanned!(place=> zeroed);
        quote_spanned!(span=> let _ = || Self { #member: __ours_root::#value() };)
    });
    Ok(quote_spanned! {span=>
        let _ = this;
        #(#literals)*
    })
}

/// Returns the names of the fields, or the indices of a tuple struct's.
fn members(fields: &[&Field]) -> Vec<Member> {
    let numbered = (0_u32..).zip(fields);
    numbered
        .map(|(index, field)| match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(syn::Index {
                index,
                span: hidden_at(syn::spanned::Spanned::span(&field.ty)),
            }),
        })
        .collect()
}

/// Returns the fields of a struct or union.
fn fields<'a>(input: &'a DeriveInput, macro_name: &str) -> syn::Result<Vec<&'a Field>> {
    match &input.data {
        Data::Struct(data) => Ok(data.fields.iter().collect()),
        Data::Union(data) => Ok(data.fields.named.iter().collect()),
        Data::Enum(data) => {
            let message = format!("`{macro_name}` needs a struct or a union, not an enum");
            Err(Error::new_spanned(data.enum_token, message))
        }
    }
}

/// Returns the generics with a `Zeroable` bound on each type parameter.
fn bounded_generics(input: &DeriveInput) -> Generics {
    let span = Span::mixed_site();
    let mut generics = input.generics.clone();
    for param in generics.type_params_mut() {
        param
            .bounds
            .push(parse_quote_spanned!(span=> __ours_root::Zeroable));
    }
    generics
}
