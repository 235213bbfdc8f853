// SPDX-License-Identifier: GPL-2.0

//! The `params: { .. }` part of `module!`.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h).

use syn::{
    Error, Ident, Lit, LitStr, Result, Token, braced,
    ext::IdentExt,
    parse::{Parse, ParseStream},
};

use super::keys::{put, require, string};

/// One parameter.
pub(super) struct Param {
    pub(super) name: Ident,
    pub(super) type_: Ident,
    pub(super) kind: &'static Kind,
    pub(super) default: DefaultValue,
    pub(super) description: LitStr,
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

/// A default value: a literal, perhaps with a minus sign.
pub(super) struct DefaultValue {
    pub(super) minus: Option<Token![-]>,
    pub(super) literal: Lit,
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
        let type_ = input.call(Ident::parse_any)?;
        let kind = KINDS
            .iter()
            .find(|kind| type_ == kind.rust)
            .ok_or_else(|| {
                let known: Vec<_> = KINDS.iter().map(|kind| kind.rust).collect();
                Error::new(
                    type_.span(),
                    format!("a parameter has one of the types `{}`", known.join("`, `")),
                )
            })?;
        let body;
        braced!(body in input);
        let (default, description) = parse_body(&body)?;
        default.check(kind)?;
        Ok(Self {
            name,
            type_,
            kind,
            default,
            description,
        })
    }
}

/// Reads `default: VALUE, description: ".."`, in either order.
fn parse_body(body: ParseStream<'_>) -> Result<(DefaultValue, LitStr)> {
    let (mut default, mut description) = (None, None);
    while !body.is_empty() {
        let key = body.call(Ident::parse_any)?;
        if key != "default" && key != "description" {
            let message =
                format!("unknown key `{key}`; a parameter has `default` and `description`");
            return Err(Error::new(key.span(), message));
        }
        body.parse::<Token![:]>()?;
        if key == "default" {
            put(&mut default, &key, body.parse()?)?;
        } else {
            put(&mut description, &key, string(body)?)?;
        }
        if !body.is_empty() {
            body.parse::<Token![,]>()?;
        }
    }
    let end = body.span();
    Ok((
        require(default, "default: VALUE", end)?,
        require(description, "description: \"..\"", end)?,
    ))
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
        assert_eq!((first.public_name().as_str(), first.kind.c), ("a", "bool"));
        assert!(first.default.minus.is_none());
        assert_eq!(
            (second.public_name().as_str(), second.kind.c),
            ("type", "i8")
        );
        assert!(second.default.minus.is_some());
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
    fn values_from_macro_arguments() {
        use proc_macro2::{Delimiter, Group};

        let argument = |text: &str| Group::new(Delimiter::None, text.parse().unwrap());
        let (number, text) = (argument("-1"), argument("\"d\""));
        let list = parse.parse2(quote::quote!({ a: i8 { default: #number, description: #text } }));
        assert!(
            list.unwrap()
                .iter()
                .all(|param| param.default.minus.is_some())
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
