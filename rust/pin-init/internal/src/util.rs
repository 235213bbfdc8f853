// SPDX-License-Identifier: GPL-2.0

//! Helpers that more than one macro needs.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Error, ItemStruct};

/// Collects errors, so that one compilation reports all of them.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Adds one error.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Adds an error that marks `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: &str) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// Returns all errors joined, or `Ok` if there are none.
    pub(crate) fn into_result(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Returns a span whose names the caller cannot see and whose place is that of `span`.
pub(crate) fn hidden_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Returns a span for the name of an item. Neither the caller's tokens nor the expansion of a macro
/// among them can name it.
pub(crate) fn unnameable() -> Span {
    match proc_macro::is_available() {
        true => proc_macro::Span::def_site().into(),
        false => Span::mixed_site(),
    }
}

/// Returns the same identifier with a span that belongs to the expansion, so that lints on unused
/// items stay silent.
pub(crate) fn hidden_ident(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(hidden_at(ident.span()));
    ident
}

/// Returns the `#[cfg(..)]` attributes among `attrs`. The compiler treats `r#cfg` in the same way.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<&Attribute> {
    let is_cfg = |attr: &&Attribute| attr.path().get_ident().is_some_and(|i| i.unraw() == "cfg");
    attrs.iter().filter(is_cfg).collect()
}

/// Replaces the keyword `Self` by the type that `item` declares.
///
/// A generated type that repeats the type of a field needs this: there, `Self` would be the
/// generated type.
pub(crate) fn without_self(tokens: impl ToTokens, item: &ItemStruct) -> TokenStream {
    let name = &item.ident;
    let (_, ty_generics, _) = item.generics.split_for_impl();
    let span = Span::mixed_site();
    let plain = quote_spanned!(span=> #name #ty_generics);
    let qualified = quote_spanned!(span=> <#name #ty_generics>);
    replace_self(tokens.into_token_stream(), &plain, &qualified)
}

/// Replaces `Self` by `plain`, or by `qualified` where a `::` follows.
fn replace_self(tokens: TokenStream, plain: &TokenStream, qualified: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let path = matches!(rest.peek(), Some(TokenTree::Punct(p)) if p.as_char() == ':');
                out.extend(if path { qualified } else { plain }.clone());
            }
            TokenTree::Group(group) => {
                let inner = replace_self(group.stream(), plain, qualified);
                let mut new = Group::new(group.delimiter(), inner);
                new.set_span(group.span());
                out.extend([TokenTree::Group(new)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

/// Wraps `tokens` in braces that belong to the expansion.
///
/// The span of an item ends at its closing brace. With the caller's brace, the lint `unsafe_code`
/// would treat the item as the caller's.
pub(crate) fn hidden_braces(tokens: TokenStream) -> TokenTree {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(Span::mixed_site());
    TokenTree::Group(group)
}
