// SPDX-License-Identifier: GPL-2.0

//! What ends with the binding borrows a local variable.

#![forbid(unsafe_code)]

use kernel::{prelude::*, scope::Scope, str::CString};

pub fn attach<'x>(scope: &'x Scope<'x>, name: &'x CString) -> Result {
    #[cfg(reject)]
    let local = name.to_cstring()?;
    #[cfg(reject)]
    let name = &local;
    scope.at_end(move || assert!(!name.is_empty()))
}
