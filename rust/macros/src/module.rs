// SPDX-License-Identifier: GPL-2.0

//! `module!`, which makes a crate a loadable module.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h).
//!
//! [`parse`] reads the description that a driver gives, and [`params`] the part about parameters.
//! [`modinfo`] turns both into the strings of the `.modinfo` section, and [`expand`] writes the
//! code. [`object`] warns of a name that is not the one in Kbuild.

mod expand;
mod keys;
mod modinfo;
mod object;
mod params;
mod parse;

use proc_macro2::TokenStream;

/// Expands `module! { input }`.
pub(crate) fn module(input: TokenStream) -> syn::Result<TokenStream> {
    let info: parse::ModuleInfo = syn::parse2(input)?;
    let mut code = expand::expand(&info);
    code.extend(object::warning(
        &info.name,
        object::of_this_build().as_deref(),
    ));
    Ok(code)
}
