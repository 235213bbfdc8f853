// SPDX-License-Identifier: GPL-2.0

//! `#[export]`: gives a Rust function to C under its own name.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{BareFnArg, Error, FnArg, ItemFn, PatType, Result, Type, TypeBareFn, parse_quote};

/// Expands `#[export(attr)] input`.
pub(crate) fn export(attr: TokenStream, input: TokenStream) -> Result<TokenStream> {
    if !attr.is_empty() {
        return Err(Error::new_spanned(attr, "`#[export]` takes no arguments"));
    }
    let function: ItemFn = syn::parse2(input)?;
    let pointer = pointer_type(&function)?;
    let name = &function.sig.ident;
    // The attribute has the span of the name, so crates that forbid `unsafe` code cannot use this
    // macro. A symbol that C calls, or that replaces another, is only as sound as its name is well
    // chosen.
    let attribute = quote_spanned!(name.span()=> #[unsafe(no_mangle)]);
    Ok(quote! {
        #attribute
        #function

        // Both have the type that the header gives, or this does not compile.
        const _: [#pointer; 2] = [::kernel::bindings::#name, #name];
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
