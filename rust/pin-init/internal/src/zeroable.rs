// SPDX-License-Identifier: GPL-2.0

//! `#[derive(Zeroable)]` and `#[derive(MaybeZeroable)]`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Data, DeriveInput, Error, Field, Generics, parse_quote_spanned};

use crate::util::hidden_at;

/// Expands `#[derive(Zeroable)]`: the impl, and a check that names each field that is not `Zeroable`.
pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let span = Span::mixed_site();
    let fields = fields(input, "Zeroable")?;
    let generics = bounded_generics(input);
    let (imp, ty, wher) = generics.split_for_impl();
    let name = &input.ident;
    let checks = fields.iter().map(|field| {
        let ty = &field.ty;
        let place = hidden_at(syn::spanned::Spanned::span(ty));
        quote_spanned!(place=> __ours_root::__internal::is_zeroable::<#ty>();)
    });
    Ok(quote_spanned! {span=>
        // SAFETY: `Zeroable` demands that all zero bytes be a value of the type. They are one of each
        // field, or `all_zeroable` does not compile.
        __ours_unsafe impl #imp __ours_root::Zeroable for #name #ty #wher __ours_body {}

        const _: () = {
            trait AllZeroable {
                fn all_zeroable();
            }

            impl #imp AllZeroable for #name #ty #wher {
                fn all_zeroable() {
                    #(#checks)*
                }
            }
        };
    })
}

/// Expands `#[derive(MaybeZeroable)]`: an impl that holds only if each field is `Zeroable`.
pub(crate) fn maybe_derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let span = Span::mixed_site();
    let fields = fields(input, "MaybeZeroable")?;
    let mut generics = bounded_generics(input);
    let name = &input.ident;
    // A bound without a lifetime would be decided, and refused, at this place.
    let predicates: Vec<syn::WherePredicate> = fields
        .iter()
        .map(|field| {
            let ty = &field.ty;
            parse_quote_spanned!(span=> for<'__field> #ty: __ours_root::Zeroable)
        })
        .collect();
    generics.make_where_clause().predicates.extend(predicates);
    let (imp, ty, wher) = generics.split_for_impl();
    Ok(quote_spanned! {span=>
        // SAFETY: `Zeroable` demands that all zero bytes be a value of the type. By the bounds they are
        // one of each field.
        __ours_unsafe impl #imp __ours_root::Zeroable for #name #ty #wher __ours_body {}
    })
}

/// The fields of a struct or union. `cfg` has been applied before a derive macro runs.
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

/// The generics with a `Zeroable` bound on each type parameter.
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
