// SPDX-License-Identifier: GPL-2.0

//! The description of a module, as written in `module!`.

use proc_macro2::Span;
use syn::{
    Error, Ident, LitStr, Result, Token, Type, bracketed,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token::Bracket,
};

use super::{
    keys::{put, require, string},
    params::{self, Param},
};

/// The keys of `module!`, in the order in which the documentation lists them.
const KEYS: [&str; 10] = [
    "type",
    "name",
    "authors",
    "description",
    "license",
    "version",
    "alias",
    "firmware",
    "imports_ns",
    "params",
];

/// The licences that `license_is_gpl_compatible()` accepts.
const LICENSES: [&str; 6] = [
    "GPL",
    "GPL v2",
    "GPL and additional rights",
    "Dual BSD/GPL",
    "Dual MIT/GPL",
    "Dual MPL/GPL",
];

/// The longest module name in bytes: `MODULE_NAME_LEN` of a 64-bit kernel, less the terminating
/// zero.
const NAME_MAX: usize = 55;

/// All facts that `module!` was told, checked.
pub(super) struct ModuleInfo {
    pub(super) type_: Type,
    pub(super) name: LitStr,
    pub(super) license: LitStr,
    pub(super) description: Option<LitStr>,
    pub(super) version: Option<LitStr>,
    pub(super) authors: Vec<LitStr>,
    pub(super) alias: Vec<LitStr>,
    pub(super) firmware: Vec<LitStr>,
    pub(super) imports_ns: Vec<LitStr>,
    pub(super) params: Vec<Param>,
}

/// The facts that were read so far.
#[derive(Default)]
struct Draft {
    type_: Option<Type>,
    name: Option<LitStr>,
    license: Option<LitStr>,
    description: Option<LitStr>,
    version: Option<LitStr>,
    authors: Option<Vec<LitStr>>,
    alias: Option<Vec<LitStr>>,
    firmware: Option<Vec<LitStr>>,
    imports_ns: Option<Vec<LitStr>>,
    params: Option<Vec<Param>>,
}

impl Parse for ModuleInfo {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut draft = Draft::default();
        while !input.is_empty() {
            draft.parse_entry(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        draft.finish(input.span())
    }
}

impl Draft {
    /// Reads one `key: value`.
    fn parse_entry(&mut self, input: ParseStream<'_>) -> Result<()> {
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        if !KEYS.contains(&name.as_str()) {
            return Err(Error::new(key.span(), unknown_key(&name)));
        }
        input.parse::<Token![:]>()?;
        match name.as_str() {
            "type" => put(&mut self.type_, &key, input.parse()?),
            "name" => put(&mut self.name, &key, module_name(input)?),
            "license" => put(&mut self.license, &key, license(input)?),
            "description" => put(&mut self.description, &key, string(input)?),
            "version" => put(&mut self.version, &key, version(input)?),
            "authors" => put(&mut self.authors, &key, strings(input, &key)?),
            "alias" => put(&mut self.alias, &key, strings(input, &key)?),
            "firmware" => put(&mut self.firmware, &key, strings(input, &key)?),
            "imports_ns" => put(&mut self.imports_ns, &key, strings(input, &key)?),
            _ => put(&mut self.params, &key, params::parse(input)?),
        }
    }

    /// Checks that nothing is missing; `end` is the end of the description.
    fn finish(self, end: Span) -> Result<ModuleInfo> {
        Ok(ModuleInfo {
            type_: require(self.type_, "type: Type", end)?,
            name: require(self.name, "name: \"..\"", end)?,
            license: require(self.license, "license: \"GPL\"", end)?,
            description: self.description,
            version: self.version,
            authors: self.authors.unwrap_or_default(),
            alias: self.alias.unwrap_or_default(),
            firmware: self.firmware.unwrap_or_default(),
            imports_ns: self.imports_ns.unwrap_or_default(),
            params: self.params.unwrap_or_default(),
        })
    }
}

/// Reports what is wrong with a key, and which key may have been meant.
fn unknown_key(name: &str) -> String {
    let hint = match name {
        "author" => "write `authors: [\"..\"]`".to_owned(),
        "param" | "parameters" => "write `params: { .. }`".to_owned(),
        "aliases" => "write `alias: [\"..\"]`".to_owned(),
        "import_ns" => "write `imports_ns: [\"..\"]`".to_owned(),
        "licence" => "write `license: \"..\"`".to_owned(),
        _ => format!("the keys are `{}`", KEYS.join("`, `")),
    };
    format!("unknown key `{name}`; {hint}")
}

/// Reads `["..", ..]`.
fn strings(input: ParseStream<'_>, key: &Ident) -> Result<Vec<LitStr>> {
    if !input.peek(Bracket) {
        return Err(input.error(format!("expected a list: `{key}: [\"..\"]`")));
    }
    let list;
    bracketed!(list in input);
    Ok(
        Punctuated::<LitStr, Token![,]>::parse_terminated_with(&list, string)?
            .into_iter()
            .collect(),
    )
}

/// Reads the name of the module.
fn module_name(input: ParseStream<'_>) -> Result<LitStr> {
    let text = string(input)?;
    let name = text.value();
    let problem = if name.is_empty() {
        "a module needs a name".to_owned()
    } else if name.len() > NAME_MAX {
        format!("a module's name has at most {NAME_MAX} bytes")
    } else if let Some(bad) = name
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))
    {
        format!("a module's name consists of ASCII letters, digits, `_` and `-`, not {bad:?}")
    } else {
        return Ok(text);
    };
    Err(Error::new(text.span(), problem))
}

/// Reads the licence, which must allow linking with the kernel.
fn license(input: ParseStream<'_>) -> Result<LitStr> {
    let text = string(input)?;
    if LICENSES.contains(&text.value().as_str()) {
        return Ok(text);
    }
    Err(Error::new(
        text.span(),
        format!(
            "not a licence that the kernel knows as compatible with the GPL: one of \"{}\"",
            LICENSES.join("\", \"")
        ),
    ))
}

/// Reads the version, one word that programs compare.
fn version(input: ParseStream<'_>) -> Result<LitStr> {
    let text = string(input)?;
    let value = text.value();
    if !value.is_empty() && value.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(text);
    }
    Err(Error::new(
        text.span(),
        "a version is one word of ASCII characters, such as \"1.2.0\"",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the message of the error in `source`, and the text that it points at.
    fn error(source: &str) -> (String, String) {
        let error = syn::parse_str::<ModuleInfo>(source)
            .err()
            .expect("parsed without error");
        (
            error.to_string(),
            error.span().source_text().unwrap_or_default(),
        )
    }

    const MINIMAL: &str = r#"type: T, name: "n", license: "GPL""#;

    #[test]
    fn any_order_and_trailing_comma() {
        let info: ModuleInfo = syn::parse_str(
            r#"license: "GPL v2", params: {}, imports_ns: ["A", "B",], firmware: [], alias: ["c"],
               description: "d", authors: ["e"], version: "1.2-rc3+x", name: "n_1", type: a::B<u8>,"#,
        )
        .unwrap();
        let values = |list: &[LitStr]| list.iter().map(LitStr::value).collect::<Vec<_>>();
        assert_eq!(info.name.value(), "n_1");
        assert_eq!(info.description.unwrap().value(), "d");
        assert_eq!(info.version.unwrap().value(), "1.2-rc3+x");
        assert_eq!(values(&info.imports_ns), ["A", "B"]);
        assert_eq!(values(&info.alias), ["c"]);
        assert_eq!(values(&info.authors), ["e"]);
        assert!(info.firmware.is_empty() && info.params.is_empty());
        assert!(syn::parse_str::<ModuleInfo>(MINIMAL).is_ok());
    }

    #[test]
    fn missing_keys() {
        assert_eq!(
            error(r#"name: "n", license: "GPL""#).0,
            "missing `type: Type`"
        );
        assert_eq!(
            error(r#"type: T, license: "GPL""#).0,
            "missing `name: \"..\"`"
        );
        assert_eq!(
            error(r#"type: T, name: "n""#).0,
            "missing `license: \"GPL\"`"
        );
    }

    #[test]
    fn wrong_keys() {
        let (message, at) = error(r#"type: T, author: "me""#);
        assert_eq!(message, "unknown key `author`; write `authors: [\"..\"]`");
        assert_eq!(at, "author");
        let (message, at) = error(r#"type: T, colour: "red""#);
        assert!(
            message.starts_with("unknown key `colour`; the keys are `type`, `name`, `authors`"),
            "{message}"
        );
        assert_eq!(at, "colour");
        let (message, at) = error(&format!("{MINIMAL}, name: \"m\""));
        assert_eq!(
            (message.as_str(), at.as_str()),
            ("duplicate key `name`", "name")
        );
    }

    #[test]
    fn wrong_values() {
        let (message, at) = error(r#"authors: "me""#);
        assert_eq!(message, "expected a list: `authors: [\"..\"]`");
        assert_eq!(at, "\"me\"");
        let (message, at) = error(r#"license: "Proprietary""#);
        assert!(
            message.starts_with("not a licence that the kernel knows"),
            "{message}"
        );
        assert_eq!(at, "\"Proprietary\"");
        assert_eq!(
            error(r#"description: 3"#),
            ("expected string literal".to_owned(), "3".to_owned())
        );
        assert!(error(r#"authors: ["a\0b"]"#).0.contains("zero byte"));
        for version in ["", "1 beta", "1.0\n", "\u{fc}"] {
            let (message, at) = error(&format!("version: {version:?}"));
            assert!(message.starts_with("a version is one word"), "{message}");
            assert_eq!(at, format!("{version:?}"));
        }
        assert_eq!(error(r#"type: T name: "n""#).0, "expected `,`");
    }

    #[test]
    fn wrong_names() {
        let of = |name: &str| error(&format!("name: {name:?}")).0;
        assert_eq!(of(""), "a module needs a name");
        assert!(syn::parse_str::<ModuleInfo>("type: T, license: \"GPL\", name: \"a-b\"").is_ok());
        assert!(of("a.b").ends_with("not '.'"));
        assert!(of("ä").ends_with("not 'ä'"));
        assert_eq!(
            of(&"x".repeat(NAME_MAX + 1)),
            "a module's name has at most 55 bytes"
        );
        let longest = format!(
            "type: T, license: \"GPL\", name: {:?}",
            "x".repeat(NAME_MAX)
        );
        assert!(syn::parse_str::<ModuleInfo>(&longest).is_ok());
    }
}
