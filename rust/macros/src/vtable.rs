// SPDX-License-Identifier: GPL-2.0

//! `#[vtable]`: lets generic code see which optional methods an implementation has.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Error, ImplItem, Item, ItemImpl, ItemTrait, Result, TraitItem, ext::IdentExt,
    parse_quote,
};

/// The constant that only `#[vtable]` adds to an implementation. The compiler shows its name where
/// it is missing. Its type is the crate's, so that the compiler cannot propose a value for it.
const MARKER: &str = "ATTRIBUTE_VTABLE_IS_MISSING_ABOVE_THIS_IMPL";

/// Expands `#[vtable(attr)] input`.
pub(crate) fn vtable(attr: TokenStream, input: TokenStream) -> Result<TokenStream> {
    if !attr.is_empty() {
        return Err(Error::new_spanned(attr, "`#[vtable]` takes no arguments"));
    }
    match syn::parse2(input)? {
        Item::Trait(item) => Ok(on_trait(item)),
        Item::Impl(item) if item.trait_.is_some() => Ok(on_impl(item)),
        other => Err(Error::new_spanned(
            other,
            "`#[vtable]` belongs on a trait or on the implementation of one",
        )),
    }
}

/// Adds the marker and the constants, all `false`, to a trait.
fn on_trait(mut item: ItemTrait) -> TokenStream {
    let defined = names(item.items.iter().filter_map(|item| match item {
        TraitItem::Const(constant) => Some(&constant.ident),
        _ => None,
    }));
    let marker = format_ident!("{MARKER}");
    let mut added: Vec<TraitItem> = vec![parse_quote! {
        #[doc(hidden)]
        const #marker: ::kernel::types::Vtable;
    }];
    for method in item.items.iter().filter_map(|item| match item {
        TraitItem::Fn(method) => Some(method),
        _ => None,
    }) {
        let constant = constant_name(&method.sig.ident);
        if defined.contains(&constant.to_string()) {
            continue;
        }
        let cfgs = cfgs(&method.attrs);
        let doc = format!(
            "Whether the implementation has a `{}` of its own.",
            method.sig.ident
        );
        added.push(parse_quote! {
            #(#cfgs)*
            #[doc = #doc]
            const #constant: bool = false;
        });
    }
    item.items.extend(added);
    item.into_token_stream()
}

/// Adds the marker, and a `true` constant for each method, to an implementation.
fn on_impl(mut item: ItemImpl) -> TokenStream {
    let defined = names(item.items.iter().filter_map(|item| match item {
        ImplItem::Const(constant) => Some(&constant.ident),
        _ => None,
    }));
    let marker = format_ident!("{MARKER}");
    let mut added: Vec<ImplItem> = vec![parse_quote! {
        #[doc(hidden)]
        const #marker: ::kernel::types::Vtable = ::kernel::types::Vtable::__BY_ATTRIBUTE;
    }];
    for method in item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    }) {
        let constant = constant_name(&method.sig.ident);
        if defined.contains(&constant.to_string()) {
            continue;
        }
        let cfgs = cfgs(&method.attrs);
        added.push(parse_quote!(#(#cfgs)* const #constant: bool = true;));
    }
    item.items.extend(added);
    quote!(#item)
}

/// Returns the names of the constants that are already there; those take precedence.
fn names<'a>(constants: impl Iterator<Item = &'a Ident>) -> HashSet<String> {
    constants.map(Ident::to_string).collect()
}

/// Returns `HAS_METHOD` for `method`.
fn constant_name(method: &Ident) -> Ident {
    format_ident!("HAS_{}", method.unraw().to_string().to_uppercase())
}

/// Returns the conditions under which an item exists.
fn cfgs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(source: &str) -> String {
        vtable(TokenStream::new(), source.parse().unwrap())
            .unwrap()
            .to_string()
    }

    fn has(code: &str, wanted: &str) -> bool {
        code.contains(&wanted.parse::<TokenStream>().unwrap().to_string())
    }

    #[test]
    fn trait_gets_false_for_each_method() {
        let code = expand(
            "pub trait Ops<T> { const N: u8; fn open(&self); fn r#in(&self) -> T { todo!() } }",
        );
        assert!(has(&code, "const HAS_OPEN: bool = false;"), "{code}");
        assert!(has(&code, "const HAS_IN: bool = false;"), "{code}");
        assert!(
            has(&code, &format!("const {MARKER}: ::kernel::types::Vtable;")),
            "{code}"
        );
        assert!(!code.contains("HAS_N "), "{code}");
    }

    #[test]
    fn impl_gets_true_for_its_own_methods_only() {
        let code = expand("impl<T> Ops<T> for D<T> { fn open(&self) {} }");
        assert!(has(&code, "const HAS_OPEN: bool = true;"), "{code}");
        assert!(
            has(
                &code,
                &format!("const {MARKER}: ::kernel::types::Vtable = ")
            ),
            "{code}"
        );
        assert!(!code.contains("HAS_IN"), "{code}");
    }

    #[test]
    fn conditions_are_copied_and_other_attributes_are_not() {
        let code = expand("impl Ops for D { #[inline] #[cfg(a)] fn open(&self) {} }");
        assert!(
            has(&code, "#[cfg(a)] const HAS_OPEN: bool = true;"),
            "{code}"
        );
        assert_eq!(code.matches("inline").count(), 1, "{code}");
    }

    #[test]
    fn a_constant_written_by_hand_stays() {
        let code = expand("impl Ops for D { const HAS_OPEN: bool = false; fn open(&self) {} }");
        assert_eq!(code.matches("HAS_OPEN").count(), 1, "{code}");
    }

    #[test]
    fn misuse_is_refused() {
        let error = |attr: &str, item: &str| {
            let result = vtable(attr.parse().unwrap(), item.parse().unwrap());
            let error = result.expect_err("no error");
            (
                error.to_string(),
                error.span().source_text().unwrap_or_default(),
            )
        };
        assert_eq!(
            error("x", "trait A {}"),
            ("`#[vtable]` takes no arguments".to_owned(), "x".to_owned())
        );
        assert!(
            error("", "struct A;")
                .0
                .starts_with("`#[vtable]` belongs on")
        );
        assert!(
            error("", "impl A { fn f() {} }")
                .0
                .starts_with("`#[vtable]` belongs on")
        );
    }
}
