// SPDX-License-Identifier: GPL-2.0

//! `fmt!`: `core::format_args!`, with each argument behind `kernel::fmt::Adapter`.
//!
//! The adapter brings `{}` and `{:p}` to the kernel's own traits. Arguments that are widths or precisions stay as they
//! are, and so do those of a format string that is not a literal.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Expr, ExprLit, Ident, Lit, LitStr, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

/// An argument after the format string: `value` or `name = value`.
struct Argument {
    name: Option<Ident>,
    value: Expr,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let is_named = input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = if is_named {
            let name = input.parse()?;
            input.parse::<Token![=]>()?;
            Some(name)
        } else {
            None
        };
        Ok(Self { name, value: input.parse()? })
    }
}

/// An identifier that may be a keyword.
struct AnyIdent;

impl Parse for AnyIdent {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ident::parse_any(input).map(|_| Self)
    }
}

/// What a format string says about its arguments.
#[derive(Default)]
struct Uses {
    /// Names whose values are printed.
    printed: BTreeSet<String>,
    /// Names and places of widths and precisions.
    counts: BTreeSet<String>,
}

impl Uses {
    fn of(format: &str) -> Self {
        let mut uses = Self::default();
        let mut next = 0;
        // Escaped braces would look like the start of a placeholder.
        let format = format.replace("{{", "");
        for placeholder in format.split('{').skip(1) {
            let content = placeholder.split('}').next().unwrap_or_default();
            let (argument, spec) = content.split_once(':').unwrap_or((content, ""));
            if spec.contains(".*") {
                uses.counts.insert(next.to_string());
                next += 1;
            }
            // Each `word$` of the specification is a width or precision.
            let mut words = spec.split('$').collect::<Vec<_>>();
            words.pop();
            for before in words {
                let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_'));
                let word = &before[start.map_or(0, |start| start + 1)..];
                // A fill of zero may stand in front of the name: `{:0width$}`.
                let word = word.strip_prefix('0').filter(|rest| !rest.is_empty()).unwrap_or(word);
                uses.counts.insert(word.to_owned());
            }
            let argument = argument.trim();
            if argument.is_empty() {
                next += 1;
            } else if argument.parse::<usize>().is_err() && syn::parse_str::<AnyIdent>(argument).is_ok() {
                uses.printed.insert(argument.to_owned());
            }
        }
        uses
    }
}

/// Expands `fmt!`.
pub(crate) fn fmt(input: TokenStream) -> syn::Result<TokenStream> {
    let parse = |input: ParseStream<'_>| {
        let format: Expr = input.parse()?;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        Ok((format, Punctuated::<Argument, Token![,]>::parse_terminated(input)?))
    };
    let (format, arguments) = parse.parse2(input)?;
    let literal = match &format {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Some(literal),
        _ => None,
    };
    let uses = literal.map(|literal| Uses::of(&literal.value())).unwrap_or_default();

    let mut out = TokenStream::new();
    for (place, Argument { name, value }) in arguments.iter().enumerate() {
        let key = name.as_ref().map_or_else(|| place.to_string(), Ident::to_string);
        let name = name.as_ref().map(|name| quote!(#name =));
        if literal.is_none() || uses.counts.contains(&key) || uses.counts.contains(&place.to_string()) {
            out.extend(quote!(, #name #value));
        } else {
            out.extend(quote!(, #name ::kernel::fmt::Adapter(&(#value))));
        }
    }
    if let Some(literal) = literal {
        let given = |name: &String| arguments.iter().any(|arg| arg.name.as_ref().is_some_and(|n| n == name));
        for name in uses.printed.iter().filter(|name| !given(name) && !uses.counts.contains(*name)) {
            let ident = Ident::new(name, literal.span());
            let alias = if name == "self" { quote!(__self) } else { quote!(#ident) };
            out.extend(quote!(, #alias = ::kernel::fmt::Adapter(&#ident)));
        }
    }
    let format = match literal {
        // `self` can be captured, and cannot be the name of an argument.
        Some(literal) if uses.printed.contains("self") => {
            let renamed = literal.value().replace("{self}", "{__self}").replace("{self:", "{__self:");
            LitStr::new(&renamed, literal.span()).into_token_stream()
        }
        _ => format.into_token_stream(),
    };
    Ok(quote!(::core::format_args!(#format #out)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(input: TokenStream) -> String {
        fmt(input).unwrap().to_string()
    }

    fn same(input: TokenStream, output: TokenStream) {
        assert_eq!(expand(input), output.to_string());
    }

    #[test]
    fn arguments_are_wrapped() {
        same(quote!("{} {x}", a + 1, x = b), quote! {
            ::core::format_args!("{} {x}", ::kernel::fmt::Adapter(&(a + 1)), x = ::kernel::fmt::Adapter(&(b)))
        });
    }

    #[test]
    fn captured_names_are_wrapped() {
        same(quote!("{name:?} {{no}} {name}"), quote! {
            ::core::format_args!("{name:?} {{no}} {name}", name = ::kernel::fmt::Adapter(&name))
        });
    }

    #[test]
    fn self_can_be_captured() {
        same(quote!("{self} {self:?}"), quote! {
            ::core::format_args!("{__self} {__self:?}", __self = ::kernel::fmt::Adapter(&self))
        });
    }

    #[test]
    fn widths_and_precisions_are_not() {
        same(quote!("{:1$} {:.*} {:0width$.p$}", a, n, 3, b, c, width = 4, p = 2), quote! {
            ::core::format_args!(
                "{:1$} {:.*} {:0width$.p$}",
                ::kernel::fmt::Adapter(&(a)),
                n,
                ::kernel::fmt::Adapter(&(3)),
                ::kernel::fmt::Adapter(&(b)),
                ::kernel::fmt::Adapter(&(c)),
                width = 4,
                p = 2
            )
        });
    }
}
