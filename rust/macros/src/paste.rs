// SPDX-License-Identifier: GPL-2.0

//! `paste!` and `concat_idents!`: identifiers made from parts.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::{Error, Result, Token, ext::IdentExt, parse::Parser, punctuated::Punctuated};

/// Expands `concat_idents!(input)`.
pub(crate) fn concat_idents(input: TokenStream) -> Result<TokenStream> {
    let parts = Punctuated::<Ident, Token![,]>::parse_terminated.parse2(input)?;
    let Some(first) = parts.first() else {
        return Err(Error::new(
            Span::call_site(),
            "`concat_idents!` needs identifiers: `concat_idents!(a, b)`",
        ));
    };
    let text = parts.iter().map(|part| part.unraw().to_string()).collect();
    Ok(TokenTree::from(identifier(text, first.span())?).into())
}

/// Expands `paste! { input }`: replaces each `[<parts>]` in it, at any depth.
///
/// Every other token keeps its span, so an `unsafe` in `input` still counts as written by the
/// caller.
pub(crate) fn paste(input: TokenStream) -> Result<TokenStream> {
    input
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => match parts(&group) {
                Some(parts) => join(&parts, group.span()),
                None => {
                    let mut inner = Group::new(group.delimiter(), paste(group.stream())?);
                    inner.set_span(group.span());
                    Ok(inner.into())
                }
            },
            other => Ok(other),
        })
        .collect()
}

/// Returns the tokens between `[<` and `>]`, if `group` has this form.
///
/// `[<T as Trait>::Item<U>]` and similar types begin and end in the same way; the path separator
/// distinguishes them.
fn parts(group: &Group) -> Option<Vec<TokenTree>> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let trees: Vec<TokenTree> = group.stream().into_iter().collect();
    let [first, parts @ .., last] = trees.as_slice() else {
        return None;
    };
    let is_path = parts
        .windows(2)
        .any(|pair| pair.iter().all(|tree| is_punct(tree, ':')));
    (is_punct(first, '<') && is_punct(last, '>') && !is_path).then(|| parts.to_vec())
}

fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// Joins the parts of one `[<..>]`; `whole` is its place.
fn join(parts: &[TokenTree], whole: Span) -> Result<TokenTree> {
    let mut text = String::new();
    let (mut first, mut chosen) = (None, None);
    let mut rest = flatten(parts).into_iter().peekable();
    while let Some(tree) = rest.next() {
        let span = tree.span();
        let mut part = part_text(&tree)?;
        while rest.next_if(|tree| is_punct(tree, ':')).is_some() {
            match modifier(rest.next(), span)? {
                Modifier::Lower => part = part.to_lowercase(),
                Modifier::Upper => part = part.to_uppercase(),
                Modifier::Span if chosen.is_none() => chosen = Some(span),
                Modifier::Span => return Err(Error::new(span, "only one part may have `:span`")),
            }
        }
        first.get_or_insert(span);
        text.push_str(&part);
    }
    if first.is_none() {
        return Err(Error::new(whole, "`[<>]` has no parts"));
    }
    Ok(identifier(text, chosen.or(first).unwrap_or(whole))?.into())
}

/// Takes `macro_rules!` arguments out of the invisible groups around them.
fn flatten(trees: &[TokenTree]) -> Vec<TokenTree> {
    trees
        .iter()
        .flat_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flatten(&group.stream().into_iter().collect::<Vec<_>>())
            }
            other => vec![other.clone()],
        })
        .collect()
}

/// Returns the text of one part.
fn part_text(tree: &TokenTree) -> Result<String> {
    match tree {
        TokenTree::Ident(ident) => return Ok(ident.unraw().to_string()),
        TokenTree::Literal(literal) => match syn::Lit::new(literal.clone()) {
            syn::Lit::Str(text) => return Ok(text.value()),
            syn::Lit::Char(text) => return Ok(text.value().to_string()),
            syn::Lit::Int(number) => return Ok(number.to_string()),
            _ => {}
        },
        _ => {}
    }
    Err(Error::new(
        tree.span(),
        "`[<..>]` takes identifiers, integers and strings, with `:lower`, `:upper` or `:span`",
    ))
}

/// The modifiers that may stand behind a part.
enum Modifier {
    Lower,
    Upper,
    Span,
}

/// Reads the name of a modifier; `part` is the part that it belongs to.
fn modifier(tree: Option<TokenTree>, part: Span) -> Result<Modifier> {
    let span = tree.as_ref().map_or(part, TokenTree::span);
    match tree.map(|tree| tree.to_string()).as_deref() {
        Some("lower") => Ok(Modifier::Lower),
        Some("upper") => Ok(Modifier::Upper),
        Some("span") => Ok(Modifier::Span),
        _ => Err(Error::new(
            span,
            "expected `lower`, `upper` or `span` behind `:`",
        )),
    }
}

/// Makes an identifier, which must not be a keyword.
fn identifier(text: String, span: Span) -> Result<Ident> {
    match syn::parse_str::<Ident>(&text) {
        Ok(mut ident) => {
            ident.set_span(span);
            Ok(ident)
        }
        Err(_) => Err(Error::new(
            span,
            format!("the parts make `{text}`, which is no identifier"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(from: &str, to: &str) {
        let got = paste(from.parse().unwrap()).unwrap().to_string();
        assert_eq!(got, to.parse::<TokenStream>().unwrap().to_string());
    }

    /// Returns the message of the error in `source`, and the text that it points at.
    fn error(source: &str) -> (String, String) {
        let error = paste(source.parse().unwrap()).expect_err("no error");
        (
            error.to_string(),
            error.span().source_text().unwrap_or_default(),
        )
    }

    #[test]
    fn parts_are_joined() {
        same("fn [<get _ name>]() {}", "fn get_name() {}");
        same("[<a 1 b>]", "a1b");
        same("[<r#type _ \"of\" 'x'>]", "type_ofx");
        same("[<a>]", "a");
    }

    #[test]
    fn modifiers_change_one_part() {
        same("[<Ab Cd:lower Ef:upper>]", "AbcdEF");
        same("[<Ab:upper:span _c>]", "AB_c");
    }

    #[test]
    fn any_depth() {
        same(
            "mod m { fn f() { g([[<a b>]], ([<c d>])) } }",
            "mod m { fn f() { g([ab], (cd)) } }",
        );
        same("#[cfg([<a b>])] struct S;", "#[cfg(ab)] struct S;");
    }

    #[test]
    fn brackets_of_other_kinds_stay() {
        same("[<T as A>::B<U>]", "[<T as A>::B<U>]");
        same(
            "[u8; 3] [] [<] [<T as A>::N; 3]",
            "[u8; 3] [] [<] [<T as A>::N; 3]",
        );
        same("[1 < 2, 3 > 2]", "[1 < 2, 3 > 2]");
        same("[[<T as A>::B<[<u 8>]>]]", "[[<T as A>::B<u8>]]");
    }

    #[test]
    fn invisible_groups_are_opened() {
        let inner = Group::new(Delimiter::None, "b".parse().unwrap());
        let stream = quote::quote!([<a #inner>]);
        assert_eq!(paste(stream).unwrap().to_string(), "ab");
    }

    #[test]
    fn span_is_that_of_the_first_part_or_the_chosen_one() {
        let span_of = |source: &str| {
            let tokens = paste(source.parse().unwrap()).unwrap();
            tokens
                .into_iter()
                .next()
                .unwrap()
                .span()
                .source_text()
                .unwrap()
        };
        assert_eq!(span_of("[<aa bb>]"), "aa");
        assert_eq!(span_of("[<aa bb:span>]"), "bb");
        assert_eq!(span_of("{ x }"), "{ x }");
    }

    #[test]
    fn misuse_is_refused() {
        let of = |text: &str| format!("the parts make `{text}`, which is no identifier");
        assert_eq!(error("[<un safe>] { }"), (of("unsafe"), "un".to_owned()));
        assert_eq!(error("[<1 a>]").0, of("1a"));
        assert_eq!(error("[<a \"b c\">]").0, of("ab c"));
        assert_eq!(error("[<a b:title>]").1, "title");
        assert_eq!(error("[<a b:>]").1, "b");
        assert_eq!(error("[<a:span b:span>]").1, "b");
        assert_eq!(error("[<a 1.5>]").1, "1.5");
        assert_eq!(error("[<a - b>]").1, "-");
        assert_eq!(error("[<>]").0, "`[<>]` has no parts");
    }

    #[test]
    fn concat_idents_joins_all() {
        let ok =
            |source: &str| concat_idents(source.parse().unwrap()).map(|tokens| tokens.to_string());
        assert_eq!(ok("a, _b").unwrap(), "a_b");
        assert_eq!(ok("a, b, c,").unwrap(), "abc");
        assert!(
            ok("un, safe").is_err() && ok("").is_err() && ok("a, _").is_err() && ok("a b").is_err()
        );
    }
}
