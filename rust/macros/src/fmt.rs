// SPDX-License-Identifier: GPL-2.0
//! `fmt!`: format arguments that are shown by the rules of `kernel::fmt`.
//!
//! Each value becomes `::kernel::fmt::Adapter(&value)`, even one that the format string names in
//! braces. An argument that a placeholder uses as its width or precision stays as it is:
//! `format_args!` requires a plain `usize` there.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Error, Expr, ExprLit, Lit, LitStr, Result, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    visit_mut::VisitMut,
};

use crate::operands::KeepTogether;

/// Expands `fmt!(input)`.
pub(crate) fn fmt(input: TokenStream) -> Result<TokenStream> {
    let (format, args) = parse.parse2(input)?;
    // Without a literal (as with `concat!`), the compiler allows no names in braces.
    let literal = string_literal(&format);
    let uses = literal
        .map(|literal| Uses::of(&literal.value()))
        .unwrap_or_default();

    // `self` can be shown by name, but cannot be the name of an argument.
    let format = match literal {
        Some(literal) if uses.names.contains("self") => {
            let text = literal
                .value()
                .replace("{self}", "{__self}")
                .replace("{self:", "{__self:");
            LitStr::new(&text, literal.span()).into_token_stream()
        }
        _ => format.to_token_stream(),
    };
    let mut out = format;
    for (position, Argument { name, value }) in args.iter().enumerate() {
        let key = name.as_ref().map(|name| name.unraw().to_string());
        let is_count = uses.counts.contains(&position.to_string())
            || key.as_ref().is_some_and(|key| uses.counts.contains(key));
        let name = name.iter();
        out.extend(if is_count {
            quote!(, #(#name =)* #value)
        } else {
            quote!(, #(#name =)* ::kernel::fmt::Adapter(&(#value)))
        });
    }
    let given = |name: &String| {
        args.iter().any(|arg| {
            arg.name
                .as_ref()
                .is_some_and(|given| given.unraw() == *name)
        })
    };
    for name in uses
        .names
        .iter()
        .filter(|name| !given(name) && !uses.counts.contains(*name))
    {
        let span = literal.map_or_else(Span::call_site, LitStr::span);
        if name == "self" {
            let value = Ident::new(name, span);
            out.extend(quote!(, __self = ::kernel::fmt::Adapter(&#value)));
        }
        // The text is no identifier. The compiler reports that, and has the words for it.
        if let Ok(value) = syn::parse_str::<Ident>(name) {
            let value = Ident::new(&value.to_string(), span);
            out.extend(quote!(, #value = ::kernel::fmt::Adapter(&#value)));
        }
    }
    Ok(quote!(::core::format_args!(#out)))
}

/// One argument behind the format string.
struct Argument {
    name: Option<Ident>,
    value: Expr,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        // `==` begins with a `=` too.
        let named =
            input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = if named {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            Some(name)
        } else {
            None
        };
        let mut value = input.parse()?;
        KeepTogether.visit_expr_mut(&mut value);
        Ok(Self { name, value })
    }
}

/// Parses the format string and its arguments.
fn parse(input: ParseStream<'_>) -> Result<(Expr, Vec<Argument>)> {
    if input.is_empty() {
        return Err(Error::new(Span::call_site(), "expected a format string"));
    }
    let format = input.parse()?;
    let mut args = Vec::new();
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if !input.is_empty() {
            args.push(input.parse()?);
        }
    }
    Ok((format, args))
}

/// Returns the string literal that `format` is, if it is one; a macro may have put it into a group.
fn string_literal(format: &Expr) -> Option<&LitStr> {
    match format {
        Expr::Lit(ExprLit {
            lit: Lit::Str(literal),
            ..
        }) => Some(literal),
        Expr::Group(group) => string_literal(&group.expr),
        _ => None,
    }
}

/// The arguments that the placeholders of a format string use.
#[derive(Default)]
struct Uses {
    /// Names that are shown.
    names: BTreeSet<String>,
    /// Names and positions (in decimal) that are a width or a precision.
    counts: BTreeSet<String>,
}

impl Uses {
    fn of(text: &str) -> Self {
        let mut uses = Self::default();
        let mut next_position = 0..;
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('{') {
            if let Some(after) = after.strip_prefix('{') {
                rest = after;
                continue;
            }
            let (argument, after) = after.split_at(after.find([':', '}']).unwrap_or(after.len()));
            let (spec, after) = match after.strip_prefix(':') {
                Some(spec) => spec.split_at(end_of_spec(spec)),
                None => ("", after),
            };
            uses.add(argument.trim(), spec, &mut next_position);
            rest = after;
        }
        uses
    }

    /// Adds one placeholder.
    fn add(&mut self, argument: &str, spec: &str, next_position: &mut impl Iterator<Item = usize>) {
        // `.*` takes an argument of its own, before the one that is shown.
        if spec.contains(".*") {
            self.counts
                .extend(next_position.next().map(|position| position.to_string()));
        }
        if argument.is_empty() {
            next_position.next();
        } else if argument.starts_with(|first: char| !first.is_ascii_digit()) {
            self.names.insert(argument.to_owned());
        }
        let mut pieces: Vec<&str> = spec.split('$').collect();
        pieces.pop();
        self.counts.extend(pieces.into_iter().map(count_name));
    }
}

/// Returns the end of a format specification; its fill character may be a brace.
fn end_of_spec(spec: &str) -> usize {
    let mut chars = spec.char_indices();
    let fill = chars.next().map_or(0, |(_, fill)| fill.len_utf8());
    let start = match chars.next() {
        Some((_, '<' | '^' | '>')) => fill + 1,
        _ => 0,
    };
    spec[start..]
        .find('}')
        .map_or(spec.len(), |end| start + end)
}

/// Returns the name or position at the end of the text before a `$`.
fn count_name(piece: &str) -> String {
    let start = piece
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| {
            at + piece[at..].chars().next().map_or(0, char::len_utf8)
        });
    let name = &piece[start..];
    match name.parse::<usize>() {
        Ok(position) => position.to_string(),
        // A zero before a name is a flag.
        Err(_) => name.trim_start_matches('0').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(text: &str) -> (Vec<String>, Vec<String>) {
        let Uses { names, counts } = Uses::of(text);
        (names.into_iter().collect(), counts.into_iter().collect())
    }

    #[test]
    fn placeholders() {
        for (text, names, counts) in [
            ("", &[][..], &[][..]),
            ("{{a}} {{{b}}}", &["b"], &[]),
            ("{} {0} {a} { b :?}", &["a", "b"], &[]),
            (
                "{:width$} {x:>w$.p$} {:01$}",
                &["x"],
                &["1", "p", "w", "width"],
            ),
            ("{:.*} {:.*}", &[], &["0", "2"]),
            ("{a:.*} {}", &["a"], &["0"]),
            ("{:}<5}{a}", &["a"], &[]),
            ("{:{>5}{a}", &["a"], &[]),
            ("{a:0w$x}", &["a"], &["w"]),
            ("{a:$>5}", &["a"], &[""]),
        ] {
            let (got_names, got_counts) = uses(text);
            assert_eq!(
                (
                    got_names.iter().map(String::as_str).collect::<Vec<_>>(),
                    got_counts.iter().map(String::as_str).collect::<Vec<_>>()
                ),
                (names.to_vec(), counts.to_vec()),
                "{text:?}"
            );
        }
    }

    fn expands_to(input: TokenStream, want: TokenStream) {
        assert_eq!(fmt(input).unwrap().to_string(), want.to_string());
    }

    #[test]
    fn values_are_wrapped_and_counts_are_not() {
        expands_to(
            quote!("{} {a} {b:w$}", x == y, b = f(), w = 3,),
            quote!(::core::format_args!(
                "{} {a} {b:w$}",
                ::kernel::fmt::Adapter(&(x == y)),
                b = ::kernel::fmt::Adapter(&(f())),
                w = 3,
                a = ::kernel::fmt::Adapter(&a)
            )),
        );
        expands_to(
            quote!(concat!("{}", "{}"), 1, 2),
            quote!(::core::format_args!(
                concat!("{}", "{}"),
                ::kernel::fmt::Adapter(&(1)),
                ::kernel::fmt::Adapter(&(2))
            )),
        );
        assert!(fmt(quote!()).is_err());
        assert!(fmt(quote!("{}" 1)).is_err());
    }
}
