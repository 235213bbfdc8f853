// SPDX-License-Identifier: GPL-2.0

//! One field of a value: `HI:LO name;`, `HI:LO name => Type;`, `HI:LO name ?=> Type;`.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitInt, Token, Type, Visibility};

/// The type as which a field's bits are shown.
enum Meaning {
    /// A `Bounded`, or `bool` if it is one bit.
    Bits,
    /// A type with `From` in both directions.
    Total(Type),
    /// A type with `TryFrom` for reading and `From` for writing.
    Partial(Type),
}

/// A parsed field.
pub(super) struct Field {
    attrs: Vec<Attribute>,
    high: LitInt,
    /// The highest bit.
    pub(super) high_bit: u32,
    /// The lowest bit, not above `high_bit`.
    pub(super) low_bit: u32,
    /// The name, which is that of the getter.
    pub(super) name: Ident,
    meaning: Meaning,
}

impl Parse for Field {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        if let Some(attr) = attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
            return Err(syn::Error::new_spanned(
                attr,
                "a field cannot be conditional",
            ));
        }
        let high: LitInt = input.parse()?;
        input.parse::<Token![:]>()?;
        let low: LitInt = input.parse()?;
        let (high_bit, low_bit) = (high.base10_parse()?, low.base10_parse()?);
        if low_bit > high_bit {
            return Err(syn::Error::new(
                low.span(),
                format!("the highest bit comes first: `{low_bit}:{high_bit}`"),
            ));
        }
        Ok(Self {
            attrs,
            high,
            high_bit,
            low_bit,
            name: input.parse()?,
            meaning: input.parse()?,
        })
    }
}

impl Parse for Meaning {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![?]) {
            input.parse::<Token![?]>()?;
            input.parse::<Token![=>]>()?;
            return Ok(Self::Partial(input.parse()?));
        }
        if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            return Ok(Self::Total(input.parse()?));
        }
        Ok(Self::Bits)
    }
}

impl Field {
    /// Returns the number of bits, 1 or more.
    fn width(&self) -> u32 {
        self.high_bit - self.low_bit + 1
    }

    /// Returns the names of the methods that the field defines.
    pub(super) fn method_names(&self) -> Vec<Ident> {
        let mut names = vec![
            self.name.clone(),
            format_ident!("with_{}", self.name),
            format_ident!("with_const_{}", self.name),
        ];
        if matches!(self.meaning, Meaning::Bits) {
            names.push(format_ident!("try_with_{}", self.name));
        }
        names
    }

    /// Returns an error if the field is not within `bits` bits, or shares one with a field of
    /// `before`.
    pub(super) fn check(&self, bits: u32, before: &[Field]) -> syn::Result<()> {
        if self.high_bit >= bits {
            return Err(syn::Error::new(
                self.high.span(),
                format!("the type has {bits} bits: the highest is {}", bits - 1),
            ));
        }
        let overlapping = before
            .iter()
            .find(|other| self.low_bit <= other.high_bit && other.low_bit <= self.high_bit);
        overlapping.map_or(Ok(()), |other| {
            let names = (self.name.unraw(), other.name.unraw());
            Err(syn::Error::new(
                self.high.span(),
                format!(
                    "the bits of `{}` overlap with those of `{}`",
                    names.0, names.1
                ),
            ))
        })
    }

    /// Writes the field's `Bounded`, in an expansion where the value's integer is `self.inner`.
    fn extract(&self, storage: &TokenStream) -> TokenStream {
        let (width, low) = (self.width(), self.low_bit);
        quote!(::kernel::bitfield::get::<#storage, #width, #low>(self.inner))
    }

    /// Writes the expression that `Debug` shows: the bits, so that the field's type need not
    /// implement `Debug`.
    pub(super) fn debug_value(&self, storage: &TokenStream) -> TokenStream {
        let bits = self.extract(storage);
        if self.width() == 1 {
            quote!(#bits.into_bool())
        } else {
            bits
        }
    }

    /// Writes the getter and the setters.
    pub(super) fn expand(&self, vis: &Visibility, storage: &TokenStream) -> TokenStream {
        let getter = self.getter(vis, storage);
        let setter = self.setter(vis, storage);
        let const_setter = self.const_setter(vis, storage);
        let constants = self.constants(vis, storage);
        quote!(#constants #getter #setter #const_setter)
    }

    /// Writes the constants that say which bits the field has.
    fn constants(&self, vis: &Visibility, storage: &TokenStream) -> TokenStream {
        let upper = self.name.unraw().to_string().to_uppercase();
        let (range, shift, mask) = (
            format_ident!("{upper}_RANGE", span = self.name.span()),
            format_ident!("{upper}_SHIFT", span = self.name.span()),
            format_ident!("{upper}_MASK", span = self.name.span()),
        );
        let bits =
            Literal::u64_unsuffixed((u64::MAX >> (u64::BITS - self.width())) << self.low_bit);
        let (high, low) = (
            Literal::u32_unsuffixed(self.high_bit),
            Literal::u32_unsuffixed(self.low_bit),
        );
        let docs = [
            self.docs("The bits of"),
            self.docs("The lowest bit of"),
            self.docs("The mask of"),
        ];
        let [range_docs, shift_docs, mask_docs] = docs;
        quote! {
            #range_docs
            #vis const #range: ::core::ops::RangeInclusive<u8> = #low..=#high;

            #shift_docs
            #vis const #shift: u32 = #low;

            #mask_docs
            #vis const #mask: #storage = #bits;
        }
    }

    /// Writes the sentence that documents a method, and the user's attributes after it.
    fn docs(&self, what: &str) -> TokenStream {
        let (name, high, low, attrs) =
            (self.name.unraw(), self.high_bit, self.low_bit, &self.attrs);
        let doc = format!("{what} `{name}`, bits {high}:{low}.");
        quote!(#[doc = #doc] #[doc = ""] #(#attrs)*)
    }

    fn getter(&self, vis: &Visibility, storage: &TokenStream) -> TokenStream {
        let (name, docs, width) = (&self.name, self.docs("The field"), self.width());
        let bits = self.extract(storage);
        let bounded = quote!(::kernel::num::Bounded<#storage, #width>);
        let (ty, value) = match &self.meaning {
            Meaning::Bits => (bounded, bits),
            Meaning::Total(ty) => (
                quote!(#ty),
                quote_spanned!(ty.span()=> <#ty as ::core::convert::From<#bounded>>::from(#bits)),
            ),
            Meaning::Partial(ty) => {
                let try_from = quote_spanned!(ty.span()=>
                    <#ty as ::core::convert::TryFrom<#bounded>>);
                (
                    quote!(::core::result::Result<#ty, #try_from::Error>),
                    quote!(#try_from::try_from(#bits)),
                )
            }
        };
        quote! {
            #docs
            #[inline(always)]
            #vis fn #name(self) -> #ty {
                #value
            }
        }
    }

    fn setter(&self, vis: &Visibility, storage: &TokenStream) -> TokenStream {
        let (width, low) = (self.width(), self.low_bit);
        let with = format_ident!("with_{}", self.name);
        let docs = self.docs("The same value with another");
        let bounded = quote!(::kernel::num::Bounded<#storage, #width>);
        let set = quote!(::kernel::bitfield::set::<#storage, #width, #low>);
        match &self.meaning {
            Meaning::Bits => {
                let try_with = format_ident!("try_with_{}", self.name);
                let try_docs = self.docs("The same value with another");
                quote! {
                    #docs
                    #[inline(always)]
                    #vis fn #with(self, value: impl ::core::convert::Into<#bounded>) -> Self {
                        Self { inner: #set(self.inner, value.into()) }
                    }

                    #try_docs
                    #[doc = "\n\n# Errors\n\n`ERANGE` if the value does not fit in the field."]
                    #[inline(always)]
                    #vis fn #try_with(
                        self,
                        value: impl ::kernel::num::TryIntoBounded<#storage, #width>,
                    ) -> ::kernel::error::Result<Self> {
                        match value.try_into_bounded() {
                            ::core::option::Option::Some(value) => {
                                ::core::result::Result::Ok(Self { inner: #set(self.inner, value) })
                            }
                            ::core::option::Option::None => {
                                ::core::result::Result::Err(::kernel::error::code::ERANGE)
                            }
                        }
                    }
                }
            }
            Meaning::Total(ty) | Meaning::Partial(ty) => {
                let convert = quote_spanned!(ty.span()=>
                <::kernel::num::Bounded<#storage, #width> as ::core::convert::From<#ty>>::from(
                    value,
                ));
                quote! {
                    #docs
                    #[inline(always)]
                    #vis fn #with(self, value: #ty) -> Self {
                        Self { inner: #set(self.inner, #convert) }
                    }
                }
            }
        }
    }

    fn const_setter(&self, vis: &Visibility, storage: &TokenStream) -> TokenStream {
        let with_const = format_ident!("with_const_{}", self.name);
        let docs = self.docs("The same value with the constant `VALUE` as");
        let low = self.low_bit;
        let mask = Literal::u64_unsuffixed(u64::MAX >> (u64::BITS - self.width()));
        let message = format!("the value does not fit in field `{}`", self.name.unraw());
        quote! {
            #docs
            #[doc = "\n\nDoes not compile unless `VALUE` fits in the field."]
            #[inline(always)]
            #vis const fn #with_const<const VALUE: #storage>(self) -> Self {
                const { ::core::assert!(VALUE & !#mask == 0, #message) };
                Self { inner: (self.inner & !(#mask << #low)) | (VALUE << #low) }
            }
        }
    }
}
