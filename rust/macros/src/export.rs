// SPDX-License-Identifier: GPL-2.0

//! `#[export]`: gives a Rust function to C under its own name.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    BareFnArg, Error, FnArg, ItemFn, PatType, Result, Type, TypeBareFn, ext::IdentExt, parse_quote,
};

/// Whom `#[export(..)]` serves.
enum To {
    /// C code of the kernel's own headers.
    Header,
    /// Other modules; those with a licence that is compatible with the kernel's, if `true`.
    Modules(bool),
}

/// Expands `#[export(attr)] input`.
pub(crate) fn export(attr: TokenStream, input: TokenStream) -> Result<TokenStream> {
    let to = match attr.to_string().as_str() {
        "" => To::Header,
        "gpl" => To::Modules(true),
        "all" => To::Modules(false),
        _ => {
            return Err(Error::new_spanned(
                attr,
                "`#[export]` is for a function of a kernel header, `#[export(gpl)]` for other modules, \
                 `#[export(all)]` for modules of any licence",
            ));
        }
    };
    let function: ItemFn = syn::parse2(input)?;
    let pointer = pointer_type(&function)?;
    let name = &function.sig.ident;
    // The attribute has the span of the name, so crates that forbid `unsafe` code cannot use this
    // macro. A symbol that C calls, or that replaces another, is only as sound as its name is well
    // chosen.
    let attribute = quote_spanned!(name.span()=> #[unsafe(no_mangle)]);
    if let To::Modules(gpl) = to {
        let record = record(name, &pointer, gpl);
        return Ok(quote! {
            #attribute
            #function
            #record
        });
    }
    Ok(quote! {
        #attribute
        #function

        // Both have the type that the header gives, or this does not compile.
        const _: [#pointer; 2] = [::kernel::bindings::#name, #name];
    })
}

/// Writes what `modpost` reads of an exported function: its record, and the version of its type.
fn record(name: &Ident, pointer: &TypeBareFn, gpl: bool) -> TokenStream {
    let symbol = format!("__export_symbol_{}", name.unraw());
    let version = format_ident!("VERSION_{}", name.unraw());
    let version_symbol = format!(
        "__lifebound_version_{}_{:08x}",
        name.unraw(),
        version_of(&pointer.to_token_stream().to_string())
    );
    // With the span of the name, as the function's own attribute.
    let (record_attributes, version_attributes) = (
        quote_spanned!(name.span()=>
            #[unsafe(export_name = #symbol)] #[unsafe(link_section = ".export_symbol")]),
        quote_spanned!(name.span()=>
            #[unsafe(export_name = #version_symbol)] #[unsafe(link_section = ".lifebound.versions")]),
    );
    quote! {
        const _: () = {
            #[used(compiler)]
            #record_attributes
            static RECORD: ::kernel::module::ExportRecord<#pointer> =
                ::kernel::module::ExportRecord::new(#gpl, #name);

            #[used(compiler)]
            #version_attributes
            #[allow(non_upper_case_globals, reason = "named as the function")]
            static #version: u8 = 0;
        };
    }
}

/// A number that another type of function would not have: FNV-1a of its text.
fn version_of(text: &str) -> u32 {
    text.bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
}

/// Returns the type of a pointer to `function`.
fn pointer_type(function: &ItemFn) -> Result<TypeBareFn> {
    let sig = &function.sig;
    let Some(abi) = &sig.abi else {
        return Err(Error::new(
            sig.fn_token.span,
            "C calls only functions that are `extern \"C\"`",
        ));
    };
    if !sig.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &sig.generics,
            "C cannot call a generic function",
        ));
    }
    if let Some(asyncness) = &sig.asyncness {
        return Err(Error::new_spanned(
            asyncness,
            "C cannot call an `async` function",
        ));
    }
    let inputs = sig
        .inputs
        .iter()
        .map(|input| match input {
            FnArg::Typed(PatType { ty, .. }) => Ok(bare_argument(ty)),
            FnArg::Receiver(receiver) => Err(Error::new_spanned(receiver, "C knows no methods")),
        })
        .collect::<Result<Vec<_>>>()?;
    let output = &sig.output;
    Ok(parse_quote!(unsafe #abi fn(#(#inputs),*) #output))
}

fn bare_argument(ty: &Type) -> BareFnArg {
    parse_quote!(#ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(source: &str) -> Result<String> {
        export(TokenStream::new(), source.parse().unwrap()).map(|tokens| tokens.to_string())
    }

    #[test]
    fn keeps_the_function_and_compares_it() {
        let code = expand("pub unsafe extern \"C\" fn f(a: u8, _: *mut B) -> i32 { 0 }").unwrap();
        let want =
            "const _: [unsafe extern \"C\" fn(u8, *mut B) -> i32; 2] = [::kernel::bindings::f, f];";
        assert!(
            code.contains(&want.parse::<TokenStream>().unwrap().to_string()),
            "{code}"
        );
        assert!(
            code.contains("# [unsafe (no_mangle)] pub unsafe extern \"C\" fn f"),
            "{code}"
        );
    }

    #[test]
    fn functions_for_modules_have_a_record() {
        let function = || {
            quote!(
                pub extern "C" fn m_twice(x: u32) -> u32 {
                    x
                }
            )
        };
        let code = export(quote!(gpl), function()).unwrap().to_string();
        assert!(code.contains("\"__export_symbol_m_twice\""), "{code}");
        assert!(!code.contains("bindings"), "{code}");
        let version = |source: TokenStream| {
            let code = export(quote!(all), source).unwrap().to_string();
            let (_, rest) = code.split_once("__lifebound_version_m_twice_").unwrap();
            rest[..8].to_owned()
        };
        let other = quote!(
            pub extern "C" fn m_twice(x: u64) -> u32 {
                1
            }
        );
        assert_eq!(
            version(function()),
            version(quote!(
                extern "C" fn m_twice(y: u32) -> u32 {
                    y
                }
            ))
        );
        assert_ne!(version(function()), version(other));
    }

    #[test]
    fn misuse_is_refused() {
        let error = |source: &str| expand(source).expect_err("no error").to_string();
        assert_eq!(
            error("fn f() {}"),
            "C calls only functions that are `extern \"C\"`"
        );
        assert_eq!(
            error("extern \"C\" fn f<T>(t: T) {}"),
            "C cannot call a generic function"
        );
        assert_eq!(error("extern \"C\" fn f(&self) {}"), "C knows no methods");
        assert!(
            export(
                quote!(x),
                quote!(
                    extern "C" fn f() {}
                )
            )
            .is_err()
        );
        assert!(expand("struct S;").is_err());
    }
}
