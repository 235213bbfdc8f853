// SPDX-License-Identifier: GPL-2.0

//! Names that C makes files or directories of, in `/dev`, `/proc`, sysfs or debugfs.
//!
//! C does not look at them: it warns, which is a panic under `panic_on_warn`, or makes a file that
//! nobody can open, or a directory that nobody can list. So each name of a driver is checked before
//! C gets it.

use super::CStr;
use crate::error::{Result, code::EINVAL};

/// The longest name of a file in bytes (`NAME_MAX`).
pub(crate) const LONGEST: usize = 255;

/// Checks the name of a file that is `what`, of at most `longest` bytes. May be called in any
/// context.
///
/// # Errors
///
/// `EINVAL`, after a message, for a name that is empty, `.` or `..`, or too long, or has a `/`, an
/// `!` or a control character. (An `!` in a device's name is a `/` in `/dev`.)
pub(crate) fn check(what: &str, name: &CStr, longest: usize) -> Result {
    if is_file_name(name.to_bytes(), longest) {
        return Ok(());
    }
    #[cfg(target_os = "none")]
    crate::pr_err!(
        "\"{}\" is no name for {}: 1 to {} bytes, without `/`, `!` and control characters, and not `.` or `..`\n",
        name,
        what,
        longest
    );
    let _ = what;
    Err(EINVAL)
}

fn is_file_name(name: &[u8], longest: usize) -> bool {
    let fits = |byte: &u8| !matches!(byte, b'/' | b'!') && !byte.is_ascii_control();
    !matches!(name, b"" | b"." | b"..") && name.len() <= longest && name.iter().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for name in [
            &b"a"[..],
            b"a.b",
            b"...",
            b"with space",
            &[b'x'; 255],
            b"\xc3\xa4",
        ] {
            assert!(is_file_name(name, LONGEST), "{name:?}");
        }
        for name in [
            &b""[..],
            b".",
            b"..",
            b"/",
            b"a/b",
            b"a!b",
            b"a\nb",
            b"\x7f",
            &[b'x'; 256],
        ] {
            assert!(!is_file_name(name, LONGEST), "{name:?}");
        }
        assert!(is_file_name(b"abc", 3) && !is_file_name(b"abcd", 3));
    }

    #[test]
    fn a_wrong_name_is_an_error() {
        assert_eq!(check("a test", c"a", LONGEST), Ok(()));
        assert_eq!(check("a test", c"a/b", LONGEST), Err(EINVAL));
    }
}
