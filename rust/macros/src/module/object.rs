// SPDX-License-Identifier: GPL-2.0

//! The module's name in Kbuild, which `modprobe` and `lsmod` know, beside that of `module!`, which
//! messages and drivers have.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::LitStr;

/// Returns the modules that this object is part of, as Kbuild names their files: one path or more,
/// with spaces between. `scripts/rustc-module` passes them on.
pub(super) fn of_this_build() -> Option<String> {
    std::env::var("LIFEBOUND_MODULES").ok()
}

/// Returns a warning if `name` is none of the `modules`.
///
/// A macro can warn by an item alone that the compiler warns of: a deprecated one, used at `name`.
/// `scripts/advise.awk` takes the compiler's words about that item out.
pub(super) fn warning(name: &LitStr, modules: Option<&str>) -> Option<TokenStream> {
    let modules: Vec<_> = modules?.split_whitespace().map(name_of).collect();
    let first = modules.first()?;
    if modules.contains(&name_of(&name.value())) {
        return None;
    }
    let told = name.value();
    let note = format!(
        "messages and drivers are called `{told}`, but `modprobe`, `lsmod` and `/sys/module` call \
         this module `{first}`, as Kbuild does: write `name: \"{first}\"`, or `obj-m := {told}.o` \
         in the Kbuild"
    );
    let used = Ident::new("NAME", name.span());
    Some(quote! {
        const _: () = {
            #[deprecated(note = #note)]
            const NAME: () = ();
            #used
        };
    })
}

/// Returns the name of the module in the file `path`, which has no ending, as the kernel has it.
fn name_of(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warns(name: &str, modules: Option<&str>) -> bool {
        let name = LitStr::new(name, proc_macro2::Span::call_site());
        warning(&name, modules).is_some()
    }

    #[test]
    fn the_objects_name_is_right() {
        assert!(!warns("blinker", Some("/tmp/x/blinker")));
        assert!(!warns("blinker", Some("blinker")));
        assert!(!warns("two_words", Some("./two-words")));
        assert!(!warns("two-words", Some("./two-words")));
    }

    #[test]
    fn another_one_is_warned_of() {
        assert!(warns("Blinker", Some("/tmp/x/blinker")));
        assert!(warns("blinker", Some("/tmp/blinker/main")));
    }

    #[test]
    fn an_object_of_several_modules_has_the_name_of_one() {
        assert!(!warns("b", Some("/x/a /x/b")));
        assert!(warns("c", Some("/x/a /x/b")));
    }

    #[test]
    fn without_kbuild_there_is_no_other_name() {
        assert!(!warns("blinker", None));
        assert!(!warns("blinker", Some("")));
    }

    #[test]
    fn both_names_are_in_the_warning() {
        let name = LitStr::new("blinker", proc_macro2::Span::call_site());
        let text = warning(&name, Some("/x/flasher")).unwrap().to_string();
        assert!(
            text.contains("`blinker`") && text.contains("`flasher`"),
            "{text}"
        );
    }
}
