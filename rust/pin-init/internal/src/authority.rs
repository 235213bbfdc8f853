// SPDX-License-Identifier: GPL-2.0

//! What an expansion names, and on whose behalf its `unsafe` stands.
//!
//! A caller can give any crate the name `pin_init` or `core` (`extern crate self as core`), and a path that a
//! procedural macro writes is looked up in the caller's crate. With a `Zeroable` of its own behind the path,
//! a derive would be `unsafe impl` of whatever trait the caller likes. So the macros go two steps:
//!
//! 1. [`ask`] writes no more than `::HOME::__expand_as_ours! { NAME { args } { input } }`, where `HOME` is the crate
//!    that the macro is for. If that is the caller's macro, nothing of ours is in what it makes.
//! 2. The macro of that name in the genuine crate calls [`grant`] with `[$crate unsafe]` before it: a path that
//!    means this crate wherever it stands, and the keyword, with a span that belongs to that macro.
//!
//! What is written in the second step has placeholders, for which [`Authority`] puts in these two.
//!
//! # What may be written
//!
//! The macro of the second step is public, since the expansion of the first names it. Anybody can call it, with any
//! input: a definition that is `cfg`ed out, one that has a type's name and not its fields, one that a caller's
//! macro has carried to another module. These rules hold for what is written there:
//!
//! - Of a definition, names alone are trusted. What an `unsafe impl` claims of a type, a function in that very impl
//!   shows of `Self`, or it does not compile: that the type is a struct, which fields it has, of which types. The
//!   functions are `__all_fields` of `Zeroable` and of `HasPinData`.
//! - Input that defines no type (of `init!`, `module!`, an `impl`, a module of tests) describes nothing that could be
//!   another. By hand, the second step gives what the first gives.
//! - Paths start at `$crate`. Items beside which tokens of the caller stand have names that these cannot name.
//! - No attribute that could be a macro stands above our `unsafe`: see [`refuse_attribute_macros`].
//! - Of the caller's tokens, names alone stand in an `unsafe` block.
//!
//! (A module of `pin_init_internal` and of `macros`.)

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Token, braced, bracketed};

/// Stands for the crate that the macro is for.
const ROOT: &str = "__ours_root";

/// Stands for `unsafe`, also for the braces of the block that follows, or the whole of an attribute.
const UNSAFE: &str = "__ours_unsafe";

/// Stands before the braces in which an `unsafe` item ends.
const BODY: &str = "__ours_body";

/// What the macro `name` of the crate `home` expands to in the first step.
pub(crate) fn ask(home: &str, name: &str, args: TokenStream, input: TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let home = Ident::new(home, span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> ::#home::__expand_as_ours! { #name { #args } { #input } })
}

/// The second step: has `expand` write the code of the macro that is asked for.
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
    /// Puts what it stands for in the place of each placeholder.
    fn settle(&self, tokens: TokenStream) -> TokenStream {
        let mut out = TokenStream::new();
        // Whether the next braces are those of something `unsafe`.
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

/// Whether a group is that of an attribute `#[unsafe(..)]`.
fn begins_unsafe(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(ident)) if ident == UNSAFE)
}

/// Refuses an attribute that could be a macro. The macro would get what it stands on, with our `unsafe` in it, and
/// could make something else of that. Attributes that the compiler itself knows are accepted.
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

/// What the caller writes is not for us to sign.
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
