// SPDX-License-Identifier: GPL-2.0

//! The `.modinfo` section: zero-terminated `key=value` strings that `modinfo`, `modpost` and the
//! loader read.
//!
//! `name`, `vermagic`, `depends`, `srcversion` and the like are missing on purpose: `modpost` adds
//! them.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::LitStr;

use super::parse::ModuleInfo;

/// Returns the strings, without their terminating zeros.
pub(super) fn entries(info: &ModuleInfo) -> Vec<String> {
    let lists: [(&str, &[LitStr]); 7] = [
        ("author", &info.authors),
        ("description", info.description.as_slice()),
        ("license", std::slice::from_ref(&info.license)),
        ("version", info.version.as_slice()),
        ("alias", &info.alias),
        ("firmware", &info.firmware),
        ("import_ns", &info.imports_ns),
    ];
    let values = lists.into_iter().flat_map(|(key, values)| {
        values
            .iter()
            .map(move |value| format!("{key}={}", value.value()))
    });
    let params = info.params.iter().flat_map(|param| {
        let name = param.public_name();
        [
            format!("parmtype={name}:{}", param.c_type),
            format!("parm={name}:{}", param.description.value()),
        ]
    });
    values.chain(params).collect()
}

/// Returns one static for each of `entries`.
///
/// The attribute is `used(compiler)`, because plain `used` sets a flag on the section. The linker
/// would not merge `.modinfo` sections that have this flag with those that do not.
pub(super) fn statics(entries: &[String]) -> TokenStream {
    entries
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let name = format_ident!("MODINFO_{index}");
            let mut bytes = entry.clone().into_bytes();
            bytes.push(0);
            let len = bytes.len();
            let text = Literal::byte_string(&bytes);
            quote! {
                #[used(compiler)]
                #[__ours_unsafe(link_section = ".modinfo")]
                static #name: [u8; #len] = *#text;
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_gives_its_strings() {
        let info: ModuleInfo = syn::parse_str(
            r##"type: T, name: "n", license: "GPL", authors: ["A <a@b>", "Ö"],
                description: "d=e", version: "2.0", alias: ["x", "y"], firmware: ["f.bin"], imports_ns: ["NS"],
                params: {
                    level: i8 { default: -1, description: "how: much" },
                    r#in: u64 { default: 0, description: "" },
                }"##,
        )
        .unwrap();
        let want = [
            "author=A <a@b>",
            "author=Ö",
            "description=d=e",
            "license=GPL",
            "version=2.0",
            "alias=x",
            "alias=y",
            "firmware=f.bin",
            "import_ns=NS",
            "parmtype=level:i8",
            "parm=level:how: much",
            "parmtype=in:ullong",
            "parm=in:",
        ];
        assert_eq!(entries(&info), want);
    }

    #[test]
    fn statics_hold_the_bytes_and_one_zero() {
        let file: syn::File = syn::parse2(statics(&["a=Ö".to_owned()])).unwrap();
        let [syn::Item::Static(item)] = file.items.as_slice() else {
            panic!("one static")
        };
        let syn::Expr::Unary(syn::ExprUnary { expr, .. }) = &*item.expr else {
            panic!("a dereference")
        };
        let syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::ByteStr(bytes),
            ..
        }) = &**expr
        else {
            panic!("bytes")
        };
        assert_eq!(bytes.value(), b"a=\xc3\x96\0");
        let type_ = &item.ty;
        assert_eq!(quote!(#type_).to_string(), "[u8 ; 5usize]");
    }
}
