// SPDX-License-Identifier: GPL-2.0

//! The paths that an expansion names, and the authority for its `unsafe`.
//!
//! A caller can give any crate the name `pin_init` or `core` (`extern crate self as core`). The
//! compiler looks up a path that a procedural macro writes in the caller's crate. With the caller's
//! own `Zeroable` behind the path, a derive would write an `unsafe impl` of any trait that the
//! caller likes. So the macros take two steps:
//!
//! 1. [`ask`] only writes `::HOME::__expand_as_ours! { NAME { args } { input } }`, where `HOME` is
//!    the crate that the macro is for. If that is the caller's macro, its result contains nothing
//!    of this crate.
//! 2. The macro of that name in the genuine crate calls [`grant`] with `[$crate unsafe]` before the
//!    request. `$crate` is a path that means this crate wherever it stands. The keyword has a span
//!    that belongs to that macro.
//!
//! The code written in the second step has placeholders; [`Authority`] replaces them by these two.
//!
//! # The rules for the second step
//!
//! The macro of the second step is public, since the expansion of the first names it. Any code can
//! call it, with any input. The input may be a definition that is `cfg`ed out. It may have the name
//! of a type, but not its fields. A macro of the caller may have carried it to another module.
//! These rules hold for the code written there:
//!
//! - Of a definition, only names are trusted. The claims of an `unsafe impl` are that the type is a
//!   struct, and which fields it has, of which types. A function in that very impl proves them for
//!   `Self`, or it does not compile. These functions are `__all_fields` of `Zeroable` and of
//!   `HasPinData`.
//! - Some input defines no type: that of `init!`, `module!`, an `impl`, a module of tests. It does
//!   not describe a type, so it cannot describe a wrong one. Called by hand, the second step gives
//!   the same as the first.
//! - Paths start at `$crate`. Items next to tokens of the caller have names that these tokens
//!   cannot name.
//! - No attribute that could be a macro stands above an `unsafe` of the expansion: see
//!   [`refuse_attribute_macros`].
//! - Of the caller's tokens, only names stand in an `unsafe` block.
//!
//! (This file is a module of `pin_init_internal` and of `macros`.)

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Token, braced, bracketed};

/// The placeholder for the crate that the macro is for.
const ROOT: &str = "__ours_root";

/// The placeholder for `unsafe`, including the braces of the block that follows, or a whole
/// attribute.
const UNSAFE: &str = "__ours_unsafe";

/// The marker before the braces in which an `unsafe` item ends.
const BODY: &str = "__ours_body";

/// Returns the expansion of the macro `name` of the crate `home` in the first step.
pub(crate) fn ask(home: &str, name: &str, args: TokenStream, input: TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let home = Ident::new(home, span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> ::#home::__expand_as_ours! { #name { #args } { #input } })
}

/// The second step: `expand` writes the code of the macro that is asked for.
pub(crate) fn grant(
    input: TokenStream,
    expand: impl FnOnce(&str, TokenStream, TokenStream) -> syn::Result<TokenStream>,
) -> syn::Result<TokenStream> {
    let Request {
        authority,
        name,
        args,
        input,
    } = Request::parse.parse2(input)?;
    refuse_placeholders(&args)?;
    refuse_placeholders(&input)?;
    Ok(authority.settle(expand(&name.to_string(), args, input)?))
}

/// Input of the second step: `[$crate unsafe] NAME { args } { input }`.
struct Request {
    authority: Authority,
    name: Ident,
    args: TokenStream,
    input: TokenStream,
}

impl Parse for Request {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (granted, args, body);
        bracketed!(granted in input);
        let root = granted.parse()?;
        let keyword = granted.parse::<Token![unsafe]>()?.span;
        let name = input.parse()?;
        braced!(args in input);
        braced!(body in input);
        Ok(Self {
            authority: Authority { root, keyword },
            name,
            args: args.parse()?,
            input: body.parse()?,
        })
    }
}

/// The name of the crate, and the right to write `unsafe`.
struct Authority {
    root: Ident,
    keyword: Span,
}

impl Authority {
    /// Replaces each placeholder by the tokens that it stands for.
    fn settle(&self, tokens: TokenStream) -> TokenStream {
        let mut out = TokenStream::new();
        // Whether the next braces are those of an `unsafe` item or block.
        let mut ours = false;
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let token = match token {
                TokenTree::Punct(mut hash) if hash.as_char() == '#' => {
                    if let Some(TokenTree::Group(attribute)) = tokens.peek()
                        && begins_unsafe(attribute)
                    {
                        hash.set_span(self.keyword.located_at(hash.span()));
                        ours = true;
                    }
                    out.extend([hash]);
                    continue;
                }
                TokenTree::Ident(ident) if ident == BODY => {
                    ours = true;
                    continue;
                }
                TokenTree::Ident(ident) if ident == UNSAFE => {
                    ours = true;
                    out.extend([Ident::new("unsafe", self.keyword.located_at(ident.span()))]);
                    continue;
                }
                TokenTree::Ident(ident) if ident == ROOT => {
                    let mut root = self.root.clone();
                    root.set_span(root.span().located_at(ident.span()));
                    TokenTree::Ident(root)
                }
                TokenTree::Group(group) => {
                    let ours = ours && group.delimiter() != Delimiter::Parenthesis;
                    let span = match ours {
                        true => self.keyword.located_at(group.span()),
                        false => group.span(),
                    };
                    let mut settled = Group::new(group.delimiter(), self.settle(group.stream()));
                    settled.set_span(span);
                    TokenTree::Group(settled)
                }
                other => other,
            };
            ours = false;
            out.extend([token]);
        }
        out
    }
}

/// Returns whether a group is that of an attribute `#[unsafe(..)]`.
fn begins_unsafe(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(ident)) if ident == UNSAFE)
}

/// Refuses an attribute that could be a macro. The macro would get the item below it, including the
/// `unsafe` of the expansion, and could turn it into another item. Attributes that the compiler
/// itself knows are accepted.
pub(crate) fn refuse_attribute_macros(attrs: &[Attribute]) -> syn::Result<()> {
    const NAMES: [&str; 8] = [
        "cfg", "doc", "allow", "expect", "warn", "deny", "forbid", "inline",
    ];
    const TOOLS: [&str; 3] = ["rustfmt", "clippy", "diagnostic"];
    for attr in attrs {
        let path = attr.path();
        let first = path.segments.first().map(|first| first.ident.to_string());
        let known = match path.segments.len() {
            1 => NAMES.contains(&first.as_deref().unwrap_or_default()),
            _ => {
                path.leading_colon.is_none()
                    && TOOLS.contains(&first.as_deref().unwrap_or_default())
            }
        };
        if !known {
            let message = "an attribute that may be a macro cannot stand here";
            return Err(Error::new_spanned(attr, message));
        }
    }
    Ok(())
}

/// Refuses placeholders in the caller's tokens: they must not get the authority of this crate.
fn refuse_placeholders(tokens: &TokenStream) -> syn::Result<()> {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => refuse_placeholders(&group.stream())?,
            TokenTree::Ident(ident) if [ROOT, UNSAFE, BODY].iter().any(|name| ident == name) => {
                return Err(Error::new(ident.span(), "this name is the macro's own"));
            }
            _ => {}
        }
    }
    Ok(())
}
