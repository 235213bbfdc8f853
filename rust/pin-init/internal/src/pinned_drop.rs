// SPDX-License-Identifier: GPL-2.0

//! `#[pinned_drop]`.
//!
//! The macro adds two things to an `impl PinnedDrop` that safe code cannot write. One is the
//! `unsafe` of the impl. The other is the token parameter, which keeps code from calling the
//! destructor by hand.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{FnArg, ImplItem, ItemImpl};

use crate::authority::refuse_attribute_macros;
use crate::util::{Errors, hidden_braces};

/// Expands `#[pinned_drop] item`.
pub(crate) fn expand(args: TokenStream, mut item: ItemImpl) -> TokenStream {
    let span = Span::mixed_site();
    let mut errors = Errors::default();
    if !args.is_empty() {
        errors.at(args, "`#[pinned_drop]` takes no arguments");
    }
    if let Err(error) = refuse_attribute_macros(&item.attrs) {
        errors.push(error);
        item.attrs.clear();
    }
    let trait_path = spelled_out_trait(&item, &mut errors);
    add_token(&mut item, &mut errors);
    let error = errors.into_result().err();
    let items = match &error {
        None => item.items.iter().map(|i| i.to_token_stream()).collect(),
        // The empty destructor avoids a second error about the missing one.
        Some(_) => quote_spanned! {span=>
            fn drop(
                self: __ours_root::__internal::core::pin::Pin<&mut Self>,
                _: __ours_root::__internal::OnlyCallFromDrop,
            ) {}
        },
    };
    let error = error.map(syn::Error::into_compile_error);
    let ItemImpl { attrs, self_ty, .. } = &item;
    let (imp, _, wher) = item.generics.split_for_impl();
    let body = hidden_braces(items);
    quote_spanned! {span=>
        #(#attrs)*
        // SAFETY: `PinnedDrop` requires an impl made by this macro; this is one.
        __ours_unsafe impl #imp #trait_path for #self_ty #wher __ours_body #body
        #error
    }
}

/// Returns the path of the trait; a bare `PinnedDrop` needs no import.
fn spelled_out_trait(item: &ItemImpl, errors: &mut Errors) -> TokenStream {
    if let Some(token) = item.unsafety {
        errors.at(token, "`#[pinned_drop]` adds the `unsafe` itself");
    }
    let span = Span::mixed_site();
    let default = quote_spanned!(span=> __ours_root::PinnedDrop);
    let (not, path) = match &item.trait_ {
        Some((not, path, _)) => (not, path),
        None => {
            errors.at(&item.self_ty, "expected `impl PinnedDrop for` this type");
            return default;
        }
    };
    let is_pinned_drop = path
        .segments
        .last()
        .is_some_and(|last| last.ident == "PinnedDrop");
    if not.is_some() || !is_pinned_drop {
        errors.at(path, "expected an implementation of `PinnedDrop`");
        return default;
    }
    // The path is never the caller's: the macro must not add its `unsafe` to another trait of that
    // name.
    let place = crate::util::hidden_at(syn::spanned::Spanned::span(path));
    quote_spanned!(place=> __ours_root::PinnedDrop)
}

/// Adds the token parameter to `fn drop`, which must be the only item.
fn add_token(item: &mut ItemImpl, errors: &mut Errors) {
    let expected = "expected `fn drop(self: Pin<&mut Self>)` and nothing else";
    let mut found = false;
    for entry in &mut item.items {
        match entry {
            ImplItem::Fn(function) if function.sig.ident == "drop" && !found => {
                found = true;
                let inputs = &mut function.sig.inputs;
                if inputs.len() != 1 || !matches!(inputs.first(), Some(FnArg::Receiver(_))) {
                    errors.at(
                        &*inputs,
                        "expected the one parameter `self: Pin<&mut Self>`",
                    );
                    continue;
                }
                let span = Span::mixed_site();
                inputs.push(syn::parse_quote_spanned! {span=>
                    _: __ours_root::__internal::OnlyCallFromDrop
                });
            }
            other => errors.at(&*other, expected),
        }
    }
    if !found {
        errors.at(&item.self_ty, expected);
    }
}
