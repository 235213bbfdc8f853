// SPDX-License-Identifier: GPL-2.0

//! A value: a type around an unsigned integer, with its fields.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Token, Visibility, braced, parenthesized};

use super::field::Field;

/// Names that every value defines for itself, or whose use on a value would change.
const RESERVED: &[&str] = &[
    "zeroed", "from_raw", "into_raw", "from", "into", "clone", "eq", "fmt",
];

/// The tokens before the fields: `[attributes] [visibility] NAME(u32)`.
pub(super) struct Head {
    attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) name: Ident,
    storage: Ident,
    bits: u32,
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (attrs, vis) = (input.call(Attribute::parse_outer)?, input.parse()?);
        Self::parse_name(attrs, vis, input)
    }
}

impl Head {
    /// Parses a head with `struct` before the name.
    pub(super) fn parse_struct(input: ParseStream<'_>) -> syn::Result<Self> {
        let (attrs, vis) = (input.call(Attribute::parse_outer)?, input.parse()?);
        input.parse::<Token![struct]>()?;
        Self::parse_name(attrs, vis, input)
    }

    fn parse_name(
        attrs: Vec<Attribute>,
        vis: Visibility,
        input: ParseStream<'_>,
    ) -> syn::Result<Self> {
        let name = input.parse()?;
        let content;
        parenthesized!(content in input);
        let storage: Ident = content.parse()?;
        if !content.is_empty() {
            return Err(content.error("one integer type is all that belongs here"));
        }
        let bits = match storage.to_string().as_str() {
            "u8" => 8,
            "u16" => 16,
            "u32" => 32,
            "u64" => 64,
            _ => {
                return Err(syn::Error::new(
                    storage.span(),
                    "the type must be `u8`, `u16`, `u32` or `u64`",
                ));
            }
        };
        Ok(Self {
            attrs,
            vis,
            name,
            storage,
            bits,
        })
    }
}

/// A checked value.
pub(super) struct Value {
    pub(super) head: Head,
    fields: Vec<Field>,
}

impl Value {
    /// Parses `{ fields }` and checks them. It reports every field that is wrong, not just the
    /// first. `reserved` are names that fields cannot have besides [`RESERVED`].
    pub(super) fn parse_fields(
        head: Head,
        reserved: &[&str],
        input: ParseStream<'_>,
    ) -> syn::Result<Self> {
        let content;
        braced!(content in input);
        let mut fields = Vec::new();
        let mut methods = HashMap::new();
        let mut errors = Vec::new();
        while !content.is_empty() {
            let field: Field = content.parse()?;
            errors.extend(field.check(head.bits, &fields).err());
            errors.extend(check_names(&field, reserved, &mut methods).err());
            fields.push(field);
            if !content.is_empty() {
                content.parse::<Token![;]>()?;
            }
        }
        let all_errors = errors.into_iter().reduce(|mut all, error| {
            all.combine(error);
            all
        });
        all_errors.map_or(Ok(Self { head, fields }), Err)
    }

    /// Writes the integer type, whatever its name stands for at the macro's call.
    pub(super) fn storage(&self) -> TokenStream {
        let storage = &self.head.storage;
        quote_spanned!(storage.span()=> ::core::primitive::#storage)
    }

    fn debug_impl(&self) -> TokenStream {
        let (name, storage) = (&self.head.name, self.storage());
        let format = format!("{{:#0{}x}}", 2 + self.head.bits / 4);
        let (title, names) = (
            name.unraw().to_string(),
            self.fields
                .iter()
                .map(|field| field.name.unraw().to_string()),
        );
        let values = self.fields.iter().map(|field| field.debug_value(&storage));
        quote! {
            impl ::core::fmt::Debug for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(#title)
                        .field("raw", &::core::format_args!(#format, self.inner))
                        #(.field(#names, &#values))*
                        .finish()
                }
            }
        }
    }

    fn conversions(&self) -> TokenStream {
        let (name, storage) = (&self.head.name, self.storage());
        quote! {
            impl ::core::convert::From<#storage> for #name {
                #[inline(always)]
                fn from(raw: #storage) -> Self {
                    Self { inner: raw }
                }
            }

            impl ::core::convert::From<#name> for #storage {
                #[inline(always)]
                fn from(value: #name) -> Self {
                    value.inner
                }
            }
        }
    }
}

/// Returns an error if one of the field's methods has a name that is taken. It adds the names to
/// `methods`.
fn check_names(
    field: &Field,
    reserved: &[&str],
    methods: &mut HashMap<String, String>,
) -> syn::Result<()> {
    let name = field.name.unraw().to_string();
    let span: Span = field.name.span();
    if RESERVED.contains(&name.as_str()) || reserved.contains(&name.as_str()) {
        return Err(syn::Error::new(
            span,
            format!("a field cannot be called `{name}`"),
        ));
    }
    for method in field.method_names() {
        let method = method.unraw().to_string();
        if let Some(other) = methods.insert(method.clone(), name.clone()) {
            let message = if other == name {
                format!("there is another field `{name}`")
            } else {
                format!("fields `{other}` and `{name}` would both define `{method}`")
            };
            return Err(syn::Error::new(span, message));
        }
    }
    Ok(())
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Head {
            attrs, vis, name, ..
        } = &self.head;
        let storage = self.storage();
        let fields = self.fields.iter().map(|field| field.expand(vis, &storage));
        let (debug_impl, conversions) = (self.debug_impl(), self.conversions());
        tokens.extend(quote! {
            #(#attrs)*
            #[allow(non_camel_case_types, reason = "named as the data sheet does")]
            #[derive(
                ::core::clone::Clone,
                ::core::marker::Copy,
                ::core::cmp::PartialEq,
                ::core::cmp::Eq,
            )]
            #[repr(transparent)]
            #vis struct #name {
                inner: #storage,
            }

            #[allow(dead_code, reason = "a driver may use less of it")]
            impl #name {
                /// The value with all bits zero.
                #[inline(always)]
                #vis const fn zeroed() -> Self {
                    Self { inner: 0 }
                }

                /// The value with the bits of `raw`.
                #[inline(always)]
                #vis const fn from_raw(raw: #storage) -> Self {
                    Self { inner: raw }
                }

                /// All the bits.
                #[inline(always)]
                #vis const fn into_raw(self) -> #storage {
                    self.inner
                }

                #(#fields)*
            }

            #debug_impl
            #conversions
        });
    }
}
