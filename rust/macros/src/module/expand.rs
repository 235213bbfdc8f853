// SPDX-License-Identifier: GPL-2.0

//! The code that `module!` writes.
//!
//! All items that safe code must not reach stand in a `const _` block, where no code can name them.
//! The expansion must compile in crates that forbid `unsafe` code: the lint ignores tokens whose
//! span is that of the macro.

use std::ffi::CString;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;

use super::{modinfo, params::Param, parse::ModuleInfo};

/// Expands a whole `module!`.
pub(super) fn expand(info: &ModuleInfo) -> TokenStream {
    let type_ = &info.type_;
    let metadata = metadata(info);
    let parameters = parameters(&info.params);
    let entry = entry_points(info);
    let param_table = param_table(&info.params);
    let modinfo = modinfo::statics(&modinfo::entries(info));
    quote! {
        #metadata
        #parameters
        const _: () = {
            // The driver's own tokens stay out of the inner block, because they could use its
            // names.
            type __ModuleType = #type_;
            const _: () = {
                #entry
                #param_table
                #modinfo
            };
        };
    }
}

/// Writes `LocalModule` and `THIS_MODULE`.
fn metadata(info: &ModuleInfo) -> TokenStream {
    let name = c_string(&info.name.value());
    let doc = format!("The `{}` module.", info.name.value());
    quote! {
        #[doc = #doc]
        #[allow(dead_code, reason = "for the messages, and a module may have none")]
        struct LocalModule;

        impl __ours_root::module::ModuleMetadata for LocalModule {
            const NAME: &'static __ours_root::__core::ffi::CStr = #name;
            const THIS_MODULE: __ours_root::module::ThisModule = {
                __ours_unsafe extern "C" {
                    static __this_module: __ours_root::bindings::module;
                }
                // SAFETY: `from_ptr` requires this module's own `struct module`; the linker finds
                // that under this name, because `modpost` writes it into each module.
                __ours_unsafe {
                    __ours_root::module::ThisModule::from_ptr((&raw const __this_module).cast_mut())
                }
            };
        }

        /// This module's handle.
        #[allow(dead_code, reason = "for what is registered, and a module may register nothing")]
        static THIS_MODULE: __ours_root::module::ThisModule =
            <LocalModule as __ours_root::module::ModuleMetadata>::THIS_MODULE;
    }
}

/// Writes `init_module()`, `cleanup_module()`, and the value between them.
///
/// The two pointers keep objtool from treating the functions as never called through a pointer. It
/// would then remove their `endbr64`, and the loader's call would fault on a processor with IBT.
fn entry_points(info: &ModuleInfo) -> TokenStream {
    // Errors about the type are reported at the type.
    let span = Span::call_site().located_at(info.type_.span());
    let type_ = Ident::new("__ModuleType", span);
    // Callbacks of parameters end before what they use.
    let end_writes = info
        .params
        .iter()
        .any(|param| param.is_writable)
        .then(|| quote!(__ours_root::module_param::end_writes();));
    quote! {
        // SAFETY: `new` requires a `stop` after a `start` that returned 0. The kernel calls
        // `cleanup_module` before it frees a module whose `init_module` returned 0, and these are
        // the only callers.
        static SLOT: __ours_root::module::ModuleSlot<#type_> =
            __ours_unsafe { __ours_root::module::ModuleSlot::new() };

        // SAFETY: the kernel requires this name for the entry of a module, and that it returns 0 or
        // a negative errno. Its section is freed when it has returned; nothing calls it later.
        #[__ours_unsafe(no_mangle)]
        #[__ours_unsafe(link_section = ".init.text")]
        extern "C" fn init_module() -> __ours_root::__core::ffi::c_int {
            SLOT.start(&THIS_MODULE)
        }

        // SAFETY: the kernel requires this name for the exit of a module. Nothing else calls it.
        #[__ours_unsafe(no_mangle)]
        #[__ours_unsafe(link_section = ".exit.text")]
        extern "C" fn cleanup_module() {
            #end_writes
            SLOT.stop();
        }

        #[used(compiler)]
        #[__ours_unsafe(link_section = ".init.data")]
        static INIT_MODULE: extern "C" fn() -> __ours_root::__core::ffi::c_int = init_module;

        #[used(compiler)]
        #[__ours_unsafe(link_section = ".exit.data")]
        static CLEANUP_MODULE: extern "C" fn() = cleanup_module;
    }
}

/// Writes the module `module_parameters`, through which a driver reads its parameters.
fn parameters(params: &[Param]) -> TokenStream {
    if params.is_empty() {
        return TokenStream::new();
    }
    let statics = params.iter().map(|param| {
        let (name, access, doc) = (&param.name, &param.access, &param.description);
        let initial = &param.initial;
        quote! {
            #[doc = #doc]
            pub(crate) static #name: __ours_root::module_param::#access =
                __ours_root::module_param::#initial;
        }
    });
    quote! {
        /// The parameters of this module.
        #[allow(non_upper_case_globals, reason = "named as parameters are")]
        pub(crate) mod module_parameters {
            #(#statics)*
        }
    }
}

/// Writes the entries of the `__param` section, which tell the loader where the parameters are.
fn param_table(params: &[Param]) -> TokenStream {
    params
        .iter()
        .enumerate()
        .map(|(index, param)| {
            let entry = format_ident!("PARAM_{index}");
            let (param, name) = (&param.name, c_string(&param.public_name()));
            quote! {
                // SAFETY: the section requires an array of `struct kernel_param`; `KernelParam` has
                // its layout.
                #[used(compiler)]
                #[__ours_unsafe(link_section = "__param")]
                static #entry: __ours_root::module_param::KernelParam =
                    __ours_root::module_param::KernelParam::new(
                        #name,
                        &<LocalModule as __ours_root::module::ModuleMetadata>::THIS_MODULE,
                        &module_parameters::#param,
                    );
            }
        })
        .collect()
}

/// Makes the literal `c"text"`.
fn c_string(text: &str) -> Literal {
    // PANIC: none: `text` is an identifier or a checked module name; neither holds a zero byte.
    let text = CString::new(text).expect("no zero byte");
    let mut literal = Literal::c_string(&text);
    literal.set_span(Span::call_site());
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(source: &str) -> String {
        let tokens = expand(&syn::parse_str(source).unwrap());
        crate::authority::grant(quote!([kernel unsafe] module {} {}), |_, _, _| Ok(tokens))
            .unwrap()
            .to_string()
    }

    #[test]
    fn expansion_is_a_list_of_items() {
        let source = r#"type: T, name: "n", license: "GPL",
            params: { a: i8 { default: -1, description: "d" } }"#;
        let file: syn::File = syn::parse_str(&expanded(source)).unwrap();
        // The items are LocalModule, its impl, THIS_MODULE, module_parameters, and the hidden rest.
        assert_eq!(file.items.len(), 5);
    }

    #[test]
    fn without_parameters_there_is_no_trace_of_them() {
        let code = expanded(r#"type: T, name: "n", license: "GPL""#);
        assert!(
            !code.contains("module_parameters") && !code.contains("__param"),
            "{code}"
        );
    }

    #[test]
    fn names_are_c_strings() {
        let code = expanded(
            r##"type: T, name: "my_mod", license: "GPL",
            params: { r#in: u8 { default: 1, description: "d" } }"##,
        );
        assert!(
            code.contains("c\"my_mod\"") && code.contains("c\"in\""),
            "{code}"
        );
        assert!(code.contains("module_parameters :: r#in"), "{code}");
    }
}
