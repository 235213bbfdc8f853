// SPDX-License-Identifier: GPL-2.0

//! The place of a register: all tokens between its head and its fields.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, Token, TypePath, bracketed, token};

use super::value::Value;
use crate::operands::KeepTogether;

/// `[COUNT]` or `[COUNT, stride = BYTES]`.
struct Array {
    count: Expr,
    stride: Option<Expr>,
}

/// `@ OFFSET` or `=> OTHER` or `=> OTHER[INDEX]`.
enum Origin {
    Offset(Expr),
    Alias {
        other: TypePath,
        index: Option<Expr>,
    },
}

/// A parsed place. An alias has no `array`.
pub(super) struct Place {
    array: Option<Array>,
    base: Option<TypePath>,
    origin: Origin,
}

impl Parse for Array {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let content;
        bracketed!(content in input);
        let count = content.parse()?;
        let mut stride = None;
        if content.peek(Token![,]) {
            content.parse::<Token![,]>()?;
            let keyword: syn::Ident = content.parse()?;
            if keyword != "stride" {
                return Err(syn::Error::new(keyword.span(), "expected `stride = BYTES`"));
            }
            content.parse::<Token![=]>()?;
            stride = Some(content.parse()?);
        }
        if !content.is_empty() {
            return Err(content.error("expected `[COUNT]` or `[COUNT, stride = BYTES]`"));
        }
        Ok(Self { count, stride })
    }
}

impl Parse for Place {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut place = Self::parse_as_written(input)?;
        place.each_expr(|expr| KeepTogether.visit_expr_mut(expr));
        Ok(place)
    }
}

impl Place {
    fn each_expr(&mut self, mut visit: impl FnMut(&mut Expr)) {
        if let Some(array) = &mut self.array {
            visit(&mut array.count);
            array.stride.iter_mut().for_each(&mut visit);
        }
        match &mut self.origin {
            Origin::Offset(offset) => visit(offset),
            Origin::Alias { index, .. } => index.iter_mut().for_each(visit),
        }
    }

    fn parse_as_written(input: ParseStream<'_>) -> syn::Result<Self> {
        let array: Option<Array> = parse_if(input, input.peek(token::Bracket))?;
        let look = input.lookahead1();
        if look.peek(Token![@]) {
            input.parse::<Token![@]>()?;
            let (base, offset) = parse_offset(input)?;
            return Ok(Self {
                array,
                base,
                origin: Origin::Offset(offset),
            });
        }
        if array.is_none() && look.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            return parse_alias(input);
        }
        Err(look.error())
    }
}

/// Parses `OFFSET` or `Base + OFFSET`. A name followed by `+` is a base.
fn parse_offset(input: ParseStream<'_>) -> syn::Result<(Option<TypePath>, Expr)> {
    let ahead = input.fork();
    if ahead.parse::<TypePath>().is_ok() && ahead.peek(Token![+]) {
        let base = input.parse()?;
        input.parse::<Token![+]>()?;
        return Ok((Some(base), Expr::parse_without_eager_brace(input)?));
    }
    Ok((None, Expr::parse_without_eager_brace(input)?))
}

/// Parses `OTHER` or `Base + OTHER`, either with an optional `[INDEX]`.
fn parse_alias(input: ParseStream<'_>) -> syn::Result<Place> {
    let mut other: TypePath = input.parse()?;
    let mut base = None;
    if input.peek(Token![+]) {
        input.parse::<Token![+]>()?;
        base = Some(std::mem::replace(&mut other, input.parse()?));
    }
    let mut index = None;
    if input.peek(token::Bracket) {
        let content;
        bracketed!(content in input);
        index = Some(content.parse()?);
        if !content.is_empty() {
            return Err(content.error("expected one index"));
        }
    }
    Ok(Place {
        array: None,
        base,
        origin: Origin::Alias { other, index },
    })
}

impl Place {
    /// Returns names that a field cannot have: functions that the register's traits give it.
    pub(super) fn extra_reserved(&self) -> &'static [&'static str] {
        match (&self.base, &self.array) {
            (Some(_), _) => &["of"],
            (None, Some(_)) => &["at", "try_at"],
            (None, None) => &[],
        }
    }

    /// Writes the implementations that tell where the register of type `value` is.
    pub(super) fn expand(&self, value: &Value) -> TokenStream {
        let (name, storage) = (&value.head.name, value.storage());
        let (offset, origin_checks) = self.origin(value);
        let kind = self.kind(value);
        quote! {
            impl ::kernel::io::register::Register for #name {
                type Storage = #storage;
                const OFFSET: ::core::primitive::usize = #offset;
            }

            #kind
            #origin_checks
        }
    }

    /// Writes the value of `OFFSET`, and the conditions on the place that it comes from.
    fn origin(&self, value: &Value) -> (TokenStream, TokenStream) {
        let (name, storage) = (&value.head.name, value.storage());
        match &self.origin {
            Origin::Offset(offset) if self.base.is_some() => (quote!(#offset), quote!()),
            Origin::Offset(offset) => {
                let checks = quote_spanned! {offset.span()=>
                    const _: () = ::core::assert!(
                        <#name as ::kernel::io::register::Register>::OFFSET
                            % ::core::mem::size_of::<#storage>() == 0,
                        "the offset is not a multiple of the register's size"
                    );
                };
                (quote!(#offset), checks)
            }
            Origin::Alias { other, index } => {
                let same_kind = self.same_kind_check(value, other, index.is_some());
                let register = quote!(<#other as ::kernel::io::register::Register>);
                let Some(index) = index else {
                    return (quote!(#register::OFFSET), same_kind);
                };
                let array = quote!(<#other as ::kernel::io::register::RegisterArray>);
                let checks = quote_spanned! {index.span()=>
                    #same_kind
                    const _: () = ::core::assert!(
                        #index < #array::SIZE,
                        "the register array has no such element"
                    );
                };
                (
                    quote!(#register::OFFSET + (#index) * #array::STRIDE),
                    checks,
                )
            }
        }
    }

    /// Writes the conditions on the type of an aliased register: the same integer, the same base,
    /// and the right kind.
    fn same_kind_check(&self, value: &Value, other: &TypePath, indexed: bool) -> TokenStream {
        let storage = value.storage();
        let family = self.base.as_ref().map(|base| {
            let with_base = quote!(::kernel::io::register::WithBase);
            quote_spanned!(base.span()=> + #with_base<BaseFamily = #base>)
        });
        let kind = match (&self.base, indexed) {
            (None, false) => quote!(FixedRegister<Storage = #storage>),
            (None, true) => {
                quote!(RegisterArray<Storage = #storage> + ::kernel::io::register::Array)
            }
            (Some(_), false) => quote!(RelativeRegister<Storage = #storage>),
            (Some(_), true) => quote!(RelativeRegisterArray<Storage = #storage>),
        };
        quote_spanned! {other.span()=>
            const _: () = {
                const fn same_kind<T: ::kernel::io::register::#kind #family>() {}
                same_kind::<#other>()
            };
        }
    }

    /// Writes the implementations that follow from the kind of register.
    fn kind(&self, value: &Value) -> TokenStream {
        let name = &value.head.name;
        let with_base = self.base.as_ref().map(|base| {
            quote! {
                impl ::kernel::io::register::WithBase for #name {
                    type BaseFamily = #base;
                }
            }
        });
        let array = self.array.as_ref().map(|array| array.expand(value));
        let marker = match (&self.base, &self.array) {
            (None, None) => return fixed(value),
            (None, Some(_)) => quote!(Array),
            (Some(_), None) => quote!(RelativeRegister),
            (Some(_), Some(_)) => quote!(RelativeRegisterArray),
        };
        quote! {
            #with_base
            #array
            impl ::kernel::io::register::#marker for #name {}
        }
    }
}

/// Writes the implementation of a fixed register, and the constant that is its place.
fn fixed(value: &Value) -> TokenStream {
    let (vis, name) = (&value.head.vis, &value.head.name);
    let doc = format!("The place of [`{name}`](struct@{name}).");
    quote! {
        impl ::kernel::io::register::FixedRegister for #name {}

        #[doc = #doc]
        #[allow(dead_code, non_upper_case_globals, reason = "named as the data sheet does")]
        #vis const #name: ::kernel::io::register::FixedRegisterLoc<#name> =
            ::kernel::io::register::FixedRegisterLoc::new();
    }
}

impl Array {
    /// Writes the implementation of `RegisterArray`, and the conditions on count and stride.
    fn expand(&self, value: &Value) -> TokenStream {
        let (name, storage, count) = (&value.head.name, value.storage(), &self.count);
        let size = quote!(::core::mem::size_of::<#storage>());
        let stride = self
            .stride
            .as_ref()
            .map_or(size.clone(), |stride| quote!(#stride));
        let array = quote_spanned! {count.span()=>
            <#name as ::kernel::io::register::RegisterArray>
        };
        let count_checks = quote_spanned! {count.span()=>
            const _: () = ::core::assert!(#array::SIZE > 0, "the register array has no elements");
            const _: ::core::primitive::usize =
                <#name as ::kernel::io::register::Register>::OFFSET
                    + #array::SIZE * #array::STRIDE;
        };
        let stride_check = self.stride.as_ref().map(|stride| {
            quote_spanned! {stride.span()=>
                const _: () = ::core::assert!(
                    #array::STRIDE >= #size && #array::STRIDE % #size == 0,
                    "the stride is not a multiple of the register's size"
                );
            }
        });
        quote! {
            impl ::kernel::io::register::RegisterArray for #name {
                const SIZE: ::core::primitive::usize = #count;
                const STRIDE: ::core::primitive::usize = #stride;
            }

            #count_checks
            #stride_check
        }
    }
}

/// Parses a `T` if `peek` tells that one follows in `input`.
fn parse_if<T: Parse>(input: ParseStream<'_>, peek: bool) -> syn::Result<Option<T>> {
    peek.then(|| input.parse()).transpose()
}
