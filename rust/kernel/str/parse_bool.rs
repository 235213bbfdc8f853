// SPDX-License-Identifier: GPL-2.0

//! Texts that mean yes or no, as C reads them.

use core::ffi::CStr;

use crate::error::{Result, code::EINVAL};

/// Reads a yes or a no (`kstrtobool()`).
///
/// Yes is text that starts with `y`, `t`, `1` or `on`. No is text that starts with `n`, `f`, `0` or
/// `of`. Upper and lower case mean the same.
///
/// Context: any context.
///
/// # Errors
///
/// `EINVAL` for any other text.
///
/// ```
/// use kernel::{error::code::EINVAL, str::kstrtobool};
///
/// assert_eq!(kstrtobool(c"On"), Ok(true));
/// assert_eq!(kstrtobool(c"0\n"), Ok(false));
/// assert_eq!(kstrtobool(c"2"), Err(EINVAL));
/// ```
pub fn kstrtobool(string: &CStr) -> Result<bool> {
    kstrtobool_bytes(string.to_bytes())
}

/// Reads a yes or a no from bytes, which need no NUL at their end; see [`kstrtobool`].
///
/// Context: any context.
///
/// # Errors
///
/// The errors of [`kstrtobool`].
pub fn kstrtobool_bytes(string: &[u8]) -> Result<bool> {
    match string {
        [b'y' | b'Y' | b't' | b'T' | b'1', ..] => Ok(true),
        [b'n' | b'N' | b'f' | b'F' | b'0', ..] => Ok(false),
        [b'o' | b'O', b'n' | b'N', ..] => Ok(true),
        [b'o' | b'O', b'f' | b'F', ..] => Ok(false),
        _ => Err(EINVAL),
    }
}
