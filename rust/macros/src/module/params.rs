// SPDX-License-Identifier: GPL-2.0

//! The `params: { .. }` part of `module!`.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h).

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Error, Ident, Lit, LitInt, LitStr, Path, Result, Token, braced, bracketed,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token::Bracket,
};

use super::keys::{put, require, string};

/// One parameter.
pub(super) struct Param {
    pub(super) name: Ident,
    /// The type that keeps the value, and its first value, in tokens.
    pub(super) access: TokenStream,
    pub(super) initial: TokenStream,
    /// The type as `modinfo` prints it.
    pub(super) c_type: String,
    pub(super) description: LitStr,
    /// Whether users may write it in sysfs.
    pub(super) is_writable: bool,
}

impl Param {
    /// Returns the name as the user of the module types it.
    pub(super) fn public_name(&self) -> String {
        self.name.unraw().to_string()
    }
}

/// A type that a parameter may have.
pub(super) struct Kind {
    /// The name in Rust.
    rust: &'static str,
    /// The name that `modinfo` prints: that of C's `module_param()`, where it has one.
    pub(super) c: &'static str,
    /// The smallest and the largest value; `None` for `bool`.
    range: Option<(i128, i128)>,
}

impl Kind {
    const fn new(rust: &'static str, c: &'static str, min: i128, max: i128) -> Self {
        Self {
            rust,
            c,
            range: Some((min, max)),
        }
    }
}

/// The types of parameters. Modules are only built for 64-bit kernels, where C's `long` has 64
/// bits.
const KINDS: [Kind; 11] = [
    Kind {
        rust: "bool",
        c: "bool",
        range: None,
    },
    Kind::new("i8", "i8", i8::MIN as i128, i8::MAX as i128),
    Kind::new("u8", "byte", 0, u8::MAX as i128),
    Kind::new("i16", "short", i16::MIN as i128, i16::MAX as i128),
    Kind::new("u16", "ushort", 0, u16::MAX as i128),
    Kind::new("i32", "int", i32::MIN as i128, i32::MAX as i128),
    Kind::new("u32", "uint", 0, u32::MAX as i128),
    Kind::new("i64", "long", i64::MIN as i128, i64::MAX as i128),
    Kind::new("u64", "ullong", 0, u64::MAX as i128),
    Kind::new("isize", "long", i64::MIN as i128, i64::MAX as i128),
    Kind::new("usize", "ulong", 0, u64::MAX as i128),
];

impl Kind {
    /// The kind that `type_` names.
    fn find(type_: &Ident) -> Result<&'static Self> {
        KINDS
            .iter()
            .find(|kind| type_ == kind.rust)
            .ok_or_else(|| Error::new(type_.span(), known_types()))
    }
}

/// Says which types there are.
fn known_types() -> String {
    let known: Vec<_> = KINDS.iter().map(|kind| kind.rust).collect();
    format!(
        "a parameter has one of the types `{}`, `&CStr`, or is a list of numbers or bools, as `[u32; 4]`",
        known.join("`, `")
    )
}

/// The type of a parameter.
enum Type {
    /// One value.
    Scalar(Ident, &'static Kind),
    /// Up to so many values.
    List(Ident, &'static Kind, LitInt),
    /// A C string.
    Text,
}

impl Parse for Type {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Bracket) {
            let body;
            bracketed!(body in input);
            let type_ = body.call(Ident::parse_any)?;
            let kind = Kind::find(&type_)?;
            body.parse::<Token![;]>()?;
            let length: LitInt = body.parse()?;
            if !(1..=64).contains(&length.base10_parse::<usize>()?) {
                return Err(Error::new(
                    length.span(),
                    "a list has room for 1 to 64 values",
                ));
            }
            return Ok(Self::List(type_, kind, length));
        }
        if input.peek(Token![&]) {
            input.parse::<Token![&]>()?;
            let type_ = input.call(Ident::parse_any)?;
            if type_ != "CStr" {
                return Err(Error::new(type_.span(), known_types()));
            }
            return Ok(Self::Text);
        }
        let type_ = input.call(Ident::parse_any)?;
        let kind = Kind::find(&type_)?;
        Ok(Self::Scalar(type_, kind))
    }
}

impl Type {
    /// Returns the type that keeps the value, its first value, and the name for `modinfo`.
    fn expand(&self, default: &Default) -> Result<(TokenStream, TokenStream, String)> {
        match (self, default) {
            (Self::Scalar(type_, kind), Default::One(value)) => {
                value.check(kind)?;
                let tokens = value.tokens();
                Ok((
                    quote!(ModuleParamAccess<__ours_root::__core::primitive::#type_>),
                    quote!(ModuleParamAccess::new(#tokens)),
                    kind.c.to_owned(),
                ))
            }
            (Self::List(type_, kind, length), Default::List(values, bracket)) => {
                if values.len() > length.base10_parse()? {
                    return Err(Error::new(
                        bracket.span.join(),
                        format!("the list has room for {length} values"),
                    ));
                }
                values.iter().try_for_each(|value| value.check(kind))?;
                let tokens = values.iter().map(DefaultValue::tokens);
                let element = quote!(__ours_root::__core::primitive::#type_);
                Ok((
                    quote!(ModuleParamArray<#element, #length>),
                    quote!(ModuleParamArray::<#element, #length>::new(&[#(#tokens),*])),
                    format!("array of {}", kind.c),
                ))
            }
            (
                Self::Text,
                Default::One(DefaultValue {
                    minus: None,
                    literal: text @ Lit::CStr(_),
                }),
            ) => Ok((
                quote!(ModuleParamText),
                quote!(ModuleParamText::new(#text)),
                "charp".to_owned(),
            )),
            (Self::Scalar(_, kind), Default::List(_, bracket)) => Err(Error::new(
                bracket.span.join(),
                format!("expected a value of type `{}`", kind.rust),
            )),
            (Self::List(..), Default::One(value)) => Err(Error::new(
                value.literal.span(),
                "expected a list of values, `[..]`",
            )),
            (Self::Text, default) => {
                Err(Error::new(default.span(), "expected a C string, `c\"..\"`"))
            }
        }
    }
}

impl Type {
    /// Does what [`expand`](Self::expand) does, for a parameter that users may write.
    fn expand_writable(
        &self,
        default: &Default,
        writable: &Writable,
    ) -> Result<(TokenStream, TokenStream, String)> {
        let (Self::Scalar(type_, kind), Default::One(value)) = (self, default) else {
            return Err(Error::new(
                writable.mode.span(),
                "a number or a `bool` can be written; text and lists are set when the module is loaded",
            ));
        };
        value.check(kind)?;
        let (tokens, mode) = (value.tokens(), &writable.mode);
        let element = quote!(__ours_root::__core::primitive::#type_);
        // The function is named as seen from where `module!` stands.
        let on_write = match &writable.on_write {
            Some(path) => quote!({
                #[allow(unused_imports, reason = "a path may begin at the crate")]
                use super::*;
                #path
            }),
            None => quote!(__ours_root::module_param::accept::<#element>),
        };
        Ok((
            quote!(ModuleParamWritable<#element, #mode>),
            quote!(ModuleParamWritable::<#element, #mode>::new(#tokens, #on_write)),
            kind.c.to_owned(),
        ))
    }
}

/// What stands behind `default:`.
enum Default {
    One(DefaultValue),
    List(Punctuated<DefaultValue, Token![,]>, Bracket),
}

impl Default {
    fn span(&self) -> proc_macro2::Span {
        match self {
            Self::One(value) => value.literal.span(),
            Self::List(_, bracket) => bracket.span.join(),
        }
    }
}

impl Parse for Default {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Bracket) {
            let body;
            let bracket = bracketed!(body in input);
            return Ok(Self::List(Punctuated::parse_terminated(&body)?, bracket));
        }
        input.parse().map(Self::One)
    }
}

/// A default value: a literal, perhaps with a minus sign.
struct DefaultValue {
    minus: Option<Token![-]>,
    literal: Lit,
}

impl Parse for DefaultValue {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Ok(Self {
            minus: input.parse()?,
            literal: input.parse()?,
        })
    }
}

impl DefaultValue {
    fn tokens(&self) -> TokenStream {
        let (minus, literal) = (&self.minus, &self.literal);
        quote!(#minus #literal)
    }

    /// Checks that the value is one of type `kind`.
    fn check(&self, kind: &Kind) -> Result<()> {
        let span = self.literal.span();
        let wrong = || Error::new(span, format!("expected a value of type `{}`", kind.rust));
        match (&self.literal, kind.range) {
            (Lit::Bool(_), None) if self.minus.is_none() => Ok(()),
            (Lit::Int(int), Some((min, max))) => {
                if !int.suffix().is_empty() && int.suffix() != kind.rust {
                    return Err(wrong());
                }
                let magnitude: i128 = int.base10_parse()?;
                // OVERFLOW: none: a parsed magnitude is not below zero, so its negation exists.
                let value = if self.minus.is_some() {
                    -magnitude
                } else {
                    magnitude
                };
                if value < min || value > max {
                    return Err(Error::new(
                        span,
                        format!("`{}` holds {min} to {max}", kind.rust),
                    ));
                }
                Ok(())
            }
            _ => Err(wrong()),
        }
    }
}

/// Reads `{ NAME: TYPE { default: VALUE, description: ".." }, .. }`.
pub(super) fn parse(input: ParseStream<'_>) -> Result<Vec<Param>> {
    let body;
    braced!(body in input);
    let mut params: Vec<Param> = Vec::new();
    while !body.is_empty() {
        let param: Param = body.parse()?;
        if params
            .iter()
            .any(|other| other.public_name() == param.public_name())
        {
            return Err(Error::new(
                param.name.span(),
                format!("duplicate parameter `{}`", param.name),
            ));
        }
        params.push(param);
        if !body.is_empty() {
            body.parse::<Token![,]>()?;
        }
    }
    Ok(params)
}

impl Parse for Param {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: Ident = input.parse()?;
        if !name.unraw().to_string().is_ascii() {
            return Err(Error::new(name.span(), "a parameter's name is ASCII"));
        }
        input.parse::<Token![:]>()?;
        let type_: Type = input.parse()?;
        let body;
        braced!(body in input);
        let keys = parse_body(&body)?;
        let (access, initial, c_type) = match &keys.writable {
            Some(writable) => type_.expand_writable(&keys.default, writable)?,
            None => type_.expand(&keys.default)?,
        };
        Ok(Self {
            name,
            access,
            initial,
            c_type,
            description: keys.description,
            is_writable: keys.writable.is_some(),
        })
    }
}

/// How a parameter may be written.
struct Writable {
    mode: LitInt,
    on_write: Option<Path>,
}

impl Writable {
    /// Combines the values of the keys.
    fn new(mode: Option<LitInt>, on_write: Option<Path>) -> Result<Option<Self>> {
        let Some(mode) = mode else {
            return match on_write {
                Some(path) => Err(Error::new_spanned(
                    path,
                    "a callback is for a parameter that can be written: `permissions: 0o644`",
                )),
                None => Ok(None),
            };
        };
        // The kernel refuses files that others may write.
        match mode.base10_parse::<u16>()? {
            0o444 if on_write.is_none() => Ok(None),
            0o600 | 0o640 | 0o644 | 0o660 | 0o664 => Ok(Some(Self { mode, on_write })),
            _ => Err(Error::new(
                mode.span(),
                "`permissions` are 0o444, or to write 0o600, 0o640, 0o644, 0o660 or 0o664",
            )),
        }
    }
}

/// What stands in the braces of a parameter.
struct Keys {
    default: Default,
    description: LitStr,
    writable: Option<Writable>,
}

/// Reads `default: VALUE, description: "..", permissions: MODE, on_write: FUNCTION`, in any order.
/// The last two may be missing.
fn parse_body(body: ParseStream<'_>) -> Result<Keys> {
    let (mut default, mut description, mut mode, mut on_write) = (None, None, None, None);
    while !body.is_empty() {
        let key = body.call(Ident::parse_any)?;
        let known = ["default", "description", "permissions", "on_write"];
        if !known.iter().any(|name| key == name) {
            let message = format!(
                "unknown key `{key}`; a parameter has `default`, `description`, and may have `permissions` and `on_write`"
            );
            return Err(Error::new(key.span(), message));
        }
        body.parse::<Token![:]>()?;
        match key.to_string().as_str() {
            "default" => put(&mut default, &key, body.parse()?)?,
            "permissions" => put(&mut mode, &key, body.parse()?)?,
            "on_write" => put(&mut on_write, &key, body.parse()?)?,
            _ => put(&mut description, &key, string(body)?)?,
        }
        if !body.is_empty() {
            body.parse::<Token![,]>()?;
        }
    }
    let end = body.span();
    Ok(Keys {
        default: require(default, "default: VALUE", end)?,
        description: require(description, "description: \"..\"", end)?,
        writable: Writable::new(mode, on_write)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse::Parser;

    fn params(source: &str) -> Result<Vec<Param>> {
        parse.parse_str(source)
    }

    /// Returns the message of the error in `source`, and the text that it points at.
    fn error(source: &str) -> (String, String) {
        let error = params(source).err().expect("parsed without error");
        (
            error.to_string(),
            error.span().source_text().unwrap_or_default(),
        )
    }

    #[test]
    fn each_type_takes_its_limits_and_no_more() {
        for kind in &KINDS {
            let Some((min, max)) = kind.range else {
                continue;
            };
            let with = |value: i128| {
                format!(
                    "{{ a: {} {{ default: {value}, description: \"d\" }} }}",
                    kind.rust
                )
            };
            assert!(
                params(&with(min)).is_ok() && params(&with(max)).is_ok(),
                "{}",
                kind.rust
            );
            assert_eq!(
                error(&with(max + 1)).0,
                format!("`{}` holds {min} to {max}", kind.rust)
            );
            assert_eq!(
                error(&with(min - 1)).0,
                format!("`{}` holds {min} to {max}", kind.rust)
            );
        }
    }

    #[test]
    fn several_in_either_order() {
        let list = params(
            r##"{ a: bool { description: "x", default: true },
                  r#type: i8 { default: -0x1f_i8, description: r#"y"#, }, }"##,
        )
        .unwrap();
        let [first, second] = list.as_slice() else {
            panic!("two parameters");
        };
        assert_eq!(
            (first.public_name().as_str(), first.c_type.as_str()),
            ("a", "bool")
        );
        assert_eq!(
            (second.public_name().as_str(), second.c_type.as_str()),
            ("type", "i8")
        );
        assert!(second.initial.to_string().contains('-'));
        assert_eq!(second.description.value(), "y");
    }

    #[test]
    fn wrong_values() {
        let at = |kind: &str, value: &str| {
            error(&format!(
                "{{ a: {kind} {{ default: {value}, description: \"d\" }} }}"
            ))
        };
        assert_eq!(
            at("bool", "1"),
            ("expected a value of type `bool`".to_owned(), "1".to_owned())
        );
        assert_eq!(at("u8", "true").0, "expected a value of type `u8`");
        assert_eq!(at("bool", "-true").0, "expected a value of type `bool`");
        assert_eq!(
            at("u8", "1u16"),
            (
                "expected a value of type `u8`".to_owned(),
                "1u16".to_owned()
            )
        );
        assert_eq!(at("i8", "\"1\"").0, "expected a value of type `i8`");
        assert!(
            at("f32", "1.0")
                .0
                .starts_with("a parameter has one of the types `bool`, `i8`")
        );
    }

    #[test]
    fn lists_and_text() {
        let list = params(
            r#"{ a: [u16; 3] { default: [1, 2], description: "" },
                 b: &CStr { default: c"x", description: "" },
                 c: [bool; 1] { default: [], description: "" } }"#,
        )
        .unwrap();
        let types: Vec<_> = list.iter().map(|param| param.c_type.as_str()).collect();
        assert_eq!(types, ["array of ushort", "charp", "array of bool"]);

        let at = |kind: &str, value: &str| {
            error(&format!(
                "{{ a: {kind} {{ default: {value}, description: \"d\" }} }}"
            ))
            .0
        };
        assert_eq!(at("[u8; 2]", "[1, 2, 3]"), "the list has room for 2 values");
        assert_eq!(at("[u8; 2]", "[1, 256]"), "`u8` holds 0 to 255");
        assert_eq!(at("[u8; 2]", "1"), "expected a list of values, `[..]`");
        assert_eq!(at("[u8; 0]", "[]"), "a list has room for 1 to 64 values");
        assert_eq!(at("u8", "[1]"), "expected a value of type `u8`");
        assert_eq!(at("&CStr", "\"x\""), "expected a C string, `c\"..\"`");
        for kind in ["&str", "String", "[f32; 2]"] {
            assert!(
                at(kind, "1").ends_with("`&CStr`, or is a list of numbers or bools, as `[u32; 4]`")
            );
        }
    }

    #[test]
    fn numbers_can_be_written() {
        let list = params(
            r#"{ a: u8 { default: 1, description: "", permissions: 0o644, on_write: changed },
                 b: bool { permissions: 0o600, default: true, description: "" },
                 c: &CStr { default: c"", description: "", permissions: 0o444 } }"#,
        )
        .unwrap();
        let writable: Vec<_> = list.iter().map(|param| param.is_writable).collect();
        assert_eq!(writable, [true, true, false]);
        assert!(list[0].access.to_string().contains("0o644"));
        assert!(list[0].initial.to_string().contains("changed"));

        let at = |kind: &str, rest: &str| {
            error(&format!(
                "{{ a: {kind} {{ default: c\"\", description: \"d\", {rest} }} }}"
            ))
        };
        assert_eq!(
            at("&CStr", "permissions: 0o644").0,
            "a number or a `bool` can be written; text and lists are set when the module is loaded"
        );
        assert_eq!(
            at("u8", "on_write: f"),
            (
                "a callback is for a parameter that can be written: `permissions: 0o644`"
                    .to_owned(),
                "f".to_owned()
            )
        );
        for mode in ["0o666", "0o222", "0o755", "644", "0o4644"] {
            let (message, at) = at("u8", &format!("permissions: {mode}"));
            assert!(message.starts_with("`permissions` are 0o444"), "{message}");
            assert_eq!(at, mode);
        }
    }

    #[test]
    fn values_from_macro_arguments() {
        use proc_macro2::{Delimiter, Group};

        let argument = |text: &str| Group::new(Delimiter::None, text.parse().unwrap());
        let (number, text) = (argument("-1"), argument("\"d\""));
        let list = parse.parse2(quote::quote!({ a: i8 { default: #number, description: #text } }));
        assert!(
            list.unwrap()
                .iter()
                .all(|param| param.initial.to_string().contains('-'))
        );
        let yes = argument("true");
        let list = parse.parse2(quote::quote!({ a: bool { default: #yes, description: "" } }));
        assert!(list.is_ok());
    }

    #[test]
    fn wrong_shape() {
        assert_eq!(
            error(r#"{ a: u8 { default: 1 } }"#).0,
            "missing `description: \"..\"`"
        );
        assert_eq!(
            error(r#"{ a: u8 { description: "d" } }"#).0,
            "missing `default: VALUE`"
        );
        let (message, at) = error(r#"{ a: u8 { perm: 1 } }"#);
        assert!(message.starts_with("unknown key `perm`"), "{message}");
        assert_eq!(at, "perm");
        assert_eq!(
            error(r#"{ a: u8 { default: 1, default: 2 } }"#).0,
            "duplicate key `default`"
        );
        let twice =
            r#"{ a: u8 { default: 1, description: "" }, r#a: u8 { default: 1, description: "" } }"#;
        assert_eq!(error(twice).0, "duplicate parameter `r#a`");
    }
}
