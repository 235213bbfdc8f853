// SPDX-License-Identifier: GPL-2.0

//! `#[kunit_tests(suite)]`: a module of tests, run by KUnit in the kernel and by the test harness
//! on the host.
//!
//! C header: [`include/kunit/test.h`](srctree/include/kunit/test.h).

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Error, Item, ItemFn, ItemMod, Result, ext::IdentExt};

use crate::authority::refuse_attribute_macros;

/// Expands `#[kunit_tests(attr)] input`.
///
/// On the host (`cfg(test)`), the module stays as it is. In a kernel that runs tests
/// (`cfg(lifebound_kunit)`), it becomes a suite. Elsewhere, it is removed.
pub(crate) fn kunit_tests(attr: TokenStream, input: TokenStream) -> Result<TokenStream> {
    let suite: Ident = syn::parse2(attr.clone()).map_err(|error| {
        Error::new(
            error.span(),
            "`#[kunit_tests(..)]` takes the suite's name: an identifier",
        )
    })?;
    let module: ItemMod = syn::parse2(input)?;
    refuse_attribute_macros(&module.attrs)?;
    let in_kernel = suite_module(module.clone(), &suite)?;
    Ok(quote! {
        #[cfg(test)]
        #module

        #[cfg(all(lifebound_kunit, not(test)))]
        #in_kernel
    })
}

/// One test, as the suite lists it.
struct Case {
    cfgs: Vec<Attribute>,
    name: Ident,
}

/// Turns the module into a suite.
fn suite_module(mut module: ItemMod, suite: &Ident) -> Result<TokenStream> {
    let Some((_, items)) = &mut module.content else {
        return Err(Error::new_spanned(
            module,
            "`#[kunit_tests]` needs the module's content: `mod tests { .. }`",
        ));
    };
    let mut cases = Vec::new();
    for item in items.iter_mut() {
        if let Item::Fn(function) = item
            && let Some(case) = take_case(function)?
        {
            cases.push(case);
        }
    }
    // The module's own `use super::*` must not take precedence over these names, so they are
    // imported one by one.
    items.push(Item::Verbatim(quote! {
        #[allow(unused_imports, reason = "a suite may assert in fewer ways")]
        use __ours_root::{
            kunit_assert as assert, kunit_assert_eq as assert_eq, kunit_assert_ne as assert_ne,
        };
    }));
    items.push(Item::Verbatim(register(suite, &cases)));
    Ok(quote!(#module))
}

/// Makes `function` an ordinary one, and returns the case if it is a test that is to run.
fn take_case(function: &mut ItemFn) -> Result<Option<Case>> {
    let is = |name: &'static str| move |attr: &Attribute| attr.path().is_ident(name);
    if !function.attrs.iter().any(is("test")) {
        return Ok(None);
    }
    if function.attrs.iter().any(is_for_the_host) {
        return Ok(None);
    }
    if let Some(attr) = function.attrs.iter().find(|attr| is("should_panic")(attr)) {
        return Err(Error::new_spanned(
            attr,
            "a panic stops the kernel, so no test can want one, but with `#[cfg(test)]` on the host",
        ));
    }
    check_signature(function)?;
    let ignored = function.attrs.iter().any(is("ignore"));
    function
        .attrs
        .retain(|attr| !is("test")(attr) && !is("ignore")(attr));
    if ignored {
        function
            .attrs
            .push(syn::parse_quote!(#[allow(dead_code, reason = "ignored")]));
        return Ok(None);
    }
    Ok(Some(Case {
        cfgs: function
            .attrs
            .iter()
            .filter(|attr| is("cfg")(attr))
            .cloned()
            .collect(),
        name: function.sig.ident.clone(),
    }))
}

/// Returns whether an attribute is `#[cfg(test)]`.
fn is_for_the_host(attr: &Attribute) -> bool {
    let condition = || attr.parse_args::<Ident>();
    attr.path().is_ident("cfg") && condition().is_ok_and(|condition| condition == "test")
}

/// Checks that a test can be called without arguments.
fn check_signature(function: &ItemFn) -> Result<()> {
    let sig = &function.sig;
    if !sig.inputs.is_empty() || !sig.generics.params.is_empty() {
        return Err(Error::new_spanned(sig, "a test takes no arguments"));
    }
    if let Some(token) = &sig.unsafety {
        return Err(Error::new_spanned(token, "a test is a safe function"));
    }
    if let Some(token) = &sig.asyncness {
        return Err(Error::new_spanned(token, "a test is not `async`"));
    }
    Ok(())
}

/// Writes the C side of each case, the array of cases, and the suite.
fn register(suite: &Ident, cases: &[Case]) -> TokenStream {
    let wrappers = cases.iter().map(wrapper);
    let entries = cases.iter().map(|Case { cfgs, name }| {
        let text = c_string(&name.unraw().to_string());
        let wrapper = wrapper_name(name);
        quote!(#(#cfgs)* __ours_root::kunit::kunit_case(#text, #wrapper),)
    });
    let counted = cases.iter().map(|Case { cfgs, .. }| quote!(#(#cfgs)* (),));
    quote! {
        const _: () = {
            #(#wrappers)*

            const LEN: usize = [#(#counted)* ()].len();

            static mut CASES: [__ours_root::bindings::kunit_case; LEN] = [
                #(#entries)*
                // SAFETY: `zeroed` requires a type for which zero bytes are a value. This is a C
                // structure of pointers and integers, and KUnit takes the zero one as the end of
                // the array.
                __ours_unsafe { __ours_root::__core::mem::zeroed() },
            ];

            static mut SUITE: __ours_root::bindings::kunit_suite = __ours_root::kunit::kunit_suite(
                __ours_root::__core::stringify!(#suite),
                (&raw mut CASES).cast(),
            );

            #[used(compiler)]
            #[__ours_unsafe(link_section = ".kunit_test_suites")]
            static SUITE_POINTER: __ours_root::kunit::SuitePointer =
                __ours_root::kunit::SuitePointer(&raw mut SUITE);
        };
    }
}

/// Writes the function that KUnit calls for one case.
fn wrapper(Case { cfgs, name }: &Case) -> TokenStream {
    let wrapper = wrapper_name(name);
    quote! {
        #(#cfgs)*
        __ours_unsafe extern "C" fn #wrapper(test: *mut __ours_root::bindings::kunit) __ours_body {
            // SAFETY: `run_case` requires the test that is running; KUnit passes it.
            __ours_unsafe { __ours_root::kunit::run_case(test, #name) }
        }
    }
}

fn wrapper_name(name: &Ident) -> Ident {
    format_ident!("kunit_case_{}", name.unraw())
}

/// Makes the literal `c"text"`.
fn c_string(text: &str) -> Literal {
    // PANIC: none: `text` is an identifier, which holds no zero byte.
    Literal::c_string(&std::ffi::CString::new(text).expect("no zero byte"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(suite: &str, module: &str) -> Result<String> {
        let tokens = kunit_tests(suite.parse().unwrap(), module.parse().unwrap())?;
        crate::authority::grant(quote!([kernel unsafe] kunit_tests {} {}), |_, _, _| {
            Ok(tokens)
        })
        .map(|tokens| tokens.to_string())
    }

    /// Returns the host's module and the kernel's.
    fn modules(module: &str) -> (ItemMod, ItemMod) {
        let file: syn::File = syn::parse_str(&expand("my_suite", module).unwrap()).unwrap();
        let mut modules = file.items.into_iter().map(|item| match item {
            Item::Mod(module) => module,
            _ => panic!("a module"),
        });
        (modules.next().unwrap(), modules.next().unwrap())
    }

    #[test]
    fn host_module_is_unchanged() {
        let source = "#[allow(x)] mod tests { use super::b; #[test] #[ignore] fn a() {} }";
        let (host, _) = modules(source);
        let want: TokenStream = format!("#[cfg(test)] {source}").parse().unwrap();
        assert_eq!(quote!(#host).to_string(), want.to_string());
    }

    #[test]
    fn kernel_module_lists_tests_under_their_conditions() {
        let (_, kernel) = modules(
            "mod tests { fn helper() {} #[cfg(a)] #[test] fn one() {}
             #[test] fn r#two() -> Result { Ok(()) } }",
        );
        let code = quote!(#kernel).to_string();
        let has = |wanted: &str| code.contains(&wanted.parse::<TokenStream>().unwrap().to_string());
        assert!(
            has("#[cfg(a)] kernel::kunit::kunit_case(c\"one\", kunit_case_one),"),
            "{code}"
        );
        assert!(
            has("#[cfg(a)] unsafe extern \"C\" fn kunit_case_one"),
            "{code}"
        );
        assert!(
            has("kernel::kunit::kunit_case(c\"two\", kunit_case_two),"),
            "{code}"
        );
        assert!(
            has("const LEN: usize = [#[cfg(a)] (), (), ()].len();"),
            "{code}"
        );
        assert!(
            has(
                "kernel::kunit::kunit_suite(kernel::__core::stringify!(my_suite), (&raw mut CASES).cast(),)"
            ),
            "{code}"
        );
        assert!(
            !has("#[test]") && !code.contains("kunit_case_helper"),
            "{code}"
        );
    }

    #[test]
    fn ignored_tests_compile_but_do_not_run() {
        let (_, kernel) = modules("mod tests { #[test] #[ignore = \"slow\"] fn a() {} }");
        let code = quote!(#kernel).to_string();
        assert!(
            code.contains("fn a ()") && !code.contains("kunit_case_a"),
            "{code}"
        );
    }

    #[test]
    fn misuse_is_refused() {
        let error =
            |suite: &str, module: &str| expand(suite, module).expect_err("no error").to_string();
        let suite = "`#[kunit_tests(..)]` takes the suite's name: an identifier";
        assert_eq!(error("", "mod t {}"), suite);
        assert_eq!(error("\"a\"", "mod t {}"), suite);
        assert_eq!(
            error("s", "#[other] mod t {}"),
            "an attribute that may be a macro cannot stand here"
        );
        assert!(error("s", "mod t;").starts_with("`#[kunit_tests]` needs the module's content"));
        assert_eq!(
            error("s", "mod t { #[test] fn f(a: u8) {} }"),
            "a test takes no arguments"
        );
        assert_eq!(
            error("s", "mod t { #[test] unsafe fn f() {} }"),
            "a test is a safe function"
        );
        assert_eq!(
            error("s", "mod t { #[test] async fn f() {} }"),
            "a test is not `async`"
        );
        assert_eq!(
            error("s", "mod t { #[test] #[should_panic] fn f() {} }"),
            "a panic stops the kernel, so no test can want one, but with `#[cfg(test)]` on the host"
        );
    }

    #[test]
    fn tests_for_the_host_stay_there() {
        let (_, kernel) = modules("mod t { #[cfg(test)] #[test] #[should_panic] fn f() {} }");
        let code = quote!(#kernel).to_string();
        assert!(code.contains("# [cfg (test)]"), "{code}");
        assert!(!code.contains("kunit_case_f"), "{code}");
    }
}
