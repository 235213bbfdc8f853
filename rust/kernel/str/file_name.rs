// SPDX-License-Identifier: GPL-2.0

//! Names of files or directories that C makes in `/dev`, `/proc`, sysfs or debugfs.
//!
//! C does not refuse bad names. It warns, which is a panic under `panic_on_warn`, or makes a file
//! that nobody can open, or a directory that nobody can list. So each name of a driver is checked
//! before C gets it (`tests/boot/safe_requests`).

use super::{CStr, CStrExt};
use crate::{
    bindings,
    error::{Result, code::EINVAL},
};

/// The longest name of a file in bytes (`NAME_MAX`).
pub(crate) const LONGEST: usize = 255;

/// Checks the name of a file that is `what`, of at most `longest` bytes.
///
/// Context: any context.
///
/// # Errors
///
/// `EINVAL`, after a message. A name is refused if it is empty, `.` or `..`, or too long. It is
/// also refused if it has a `/`, an `!` or a control character. (An `!` in a device's name is a `/`
/// in `/dev`.)
#[inline]
pub(crate) fn check(what: &CStr, name: &CStr, longest: usize) -> Result {
    let (what, raw) = (what.as_char_ptr(), name.as_char_ptr());
    // SAFETY: `lb_check_file_name()` requires two C strings, which it only reads; both are.
    match unsafe { bindings::lb_check_file_name(what, raw, longest) } {
        true => Ok(()),
        false => Err(EINVAL),
    }
}
