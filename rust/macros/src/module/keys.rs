// SPDX-License-Identifier: GPL-2.0

//! Keys and their values: what the description of a module and that of its parameters have in
//! common.

use proc_macro2::Span;
use syn::{Error, Ident, LitStr, Result, parse::ParseStream};

/// Returns the value of a key that must be there.
pub(super) fn require<T>(value: Option<T>, entry: &str, span: Span) -> Result<T> {
    value.ok_or_else(|| Error::new(span, format!("missing `{entry}`")))
}

/// Stores the value of `key`, which must be the first one.
pub(super) fn put<T>(place: &mut Option<T>, key: &Ident, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::new(key.span(), format!("duplicate key `{key}`"))),
    }
}

/// Reads a string that can stand in `.modinfo`, whose entries end at the first zero byte.
pub(super) fn string(input: ParseStream<'_>) -> Result<LitStr> {
    let text: LitStr = input.parse()?;
    if text.value().contains('\0') {
        return Err(Error::new(
            text.span(),
            "a zero byte would end the entry in `.modinfo`",
        ));
    }
    Ok(text)
}
