// SPDX-License-Identifier: GPL-2.0

//! [`CString`]: an owned C string.

use core::ops::{Deref, DerefMut};

use super::{CStr, Formatter, RawFormatter};
use crate::{
    alloc::{AllocError, KVec, flags::GFP_KERNEL},
    error::{Error, Result, code::EINVAL},
    fmt::{self, Write},
};

/// A C string in memory of its own.
///
/// # Examples
///
/// ```
/// use kernel::{fmt, str::CString};
///
/// let name = CString::try_from_fmt(format_args!("port{}", 3))?;
/// assert_eq!(&*name, c"port3");
/// assert!(CString::try_from_fmt(format_args!("a\0b")).is_err());
/// # Ok::<(), kernel::error::Error>(())
/// ```
///
/// # Invariants
///
/// The bytes have a NUL at their end and nowhere else.
pub struct CString {
    buf: KVec<u8>,
}

impl CString {
    /// Formats text into new memory.
    ///
    /// Context: process context; may sleep.
    ///
    /// The arguments are formatted twice: once to measure, once to write.
    ///
    /// # Errors
    ///
    /// - `ENOMEM`: no memory.
    /// - `EINVAL`: there is a NUL in the text, or the `fmt` of an argument failed, or wrote more
    ///   the second time.
    #[doc(alias("kasprintf", "devm_kasprintf"))]
    pub fn try_from_fmt(args: fmt::Arguments<'_>) -> Result<Self> {
        let mut measure = RawFormatter::new(&mut []);
        measure.write_fmt(args)?;
        let size = measure.bytes_written().checked_add(1).ok_or(AllocError)?;

        let mut buf = KVec::zeroed(size, GFP_KERNEL)?;
        let mut text = Formatter::new(&mut buf);
        text.write_fmt(args)?;
        let length = text.bytes_written();
        // A `fmt` that wrote less than before leaves zeroes at the end. One of them is the
        // terminator.
        buf.truncate(length.checked_add(1).ok_or(EINVAL)?);
        CStr::from_bytes_with_nul(&buf)?;
        // INVARIANT: the line above checked it.
        Ok(Self { buf })
    }
}

impl Deref for CString {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        // SAFETY: `from_bytes_with_nul_unchecked` requires a NUL at the end and nowhere else; that
        // is the invariant.
        unsafe { CStr::from_bytes_with_nul_unchecked(&self.buf) }
    }
}

impl DerefMut for CString {
    fn deref_mut(&mut self) -> &mut CStr {
        // SAFETY: `as_cstr_mut` requires a NUL at the end and nowhere else; that is the invariant.
        unsafe { as_cstr_mut(&mut self.buf) }
    }
}

/// Borrows bytes as a C string.
///
/// # Safety
///
/// `bytes` must have a NUL at its end and nowhere else.
pub(super) unsafe fn as_cstr_mut(bytes: &mut [u8]) -> &mut CStr {
    // SAFETY: the reference requires a C string that nobody else uses for its lifetime. The bytes
    // are borrowed exclusively, and are a C string as the caller promises. `CStr` is a wrapper of
    // them, NUL included.
    unsafe { &mut *(core::ptr::from_mut(bytes) as *mut CStr) }
}

impl TryFrom<&CStr> for CString {
    type Error = AllocError;

    /// Copies the string to new memory.
    ///
    /// Context: process context; may sleep.
    fn try_from(string: &CStr) -> Result<Self, AllocError> {
        let mut buf = KVec::new();
        buf.extend_from_slice(string.to_bytes_with_nul(), GFP_KERNEL)?;
        // INVARIANT: these are the bytes of a C string.
        Ok(Self { buf })
    }
}

impl fmt::Display for CString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for CString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

const _: () = {
    const fn needs_no_thread<T: Send + Sync>() {}
    needs_no_thread::<CString>();
    const fn is_error<T: From<AllocError>>() {}
    is_error::<Error>();
};

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;

    #[test]
    fn formats_and_terminates() {
        let string = CString::try_from_fmt(format_args!("{}-{:03}", "ab", 7)).unwrap();
        assert_eq!(string.to_bytes_with_nul(), b"ab-007\0");
        assert_eq!(
            CString::try_from_fmt(format_args!(""))
                .unwrap()
                .to_bytes_with_nul(),
            b"\0"
        );
        assert_eq!(format!("{}", fmt::Adapter(&string)), "ab-007");
    }

    #[test]
    fn refuses_nul_and_failing_arguments() {
        struct Fails;
        impl core::fmt::Display for Fails {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        for result in [
            CString::try_from_fmt(format_args!("\0")),
            CString::try_from_fmt(format_args!("a\0b")),
            CString::try_from_fmt(format_args!("a\0")),
            CString::try_from_fmt(format_args!("{Fails}")),
        ] {
            assert_eq!(result.err(), Some(EINVAL));
        }
    }

    /// Shows the lengths that it holds, one after the other.
    struct Fickle(Cell<usize>, usize);

    impl core::fmt::Display for Fickle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let length = self.0.replace(self.1);
            (0..length).try_for_each(|_| f.write_str("x"))
        }
    }

    #[test]
    fn arguments_that_change_do_no_harm() {
        let shrinks = CString::try_from_fmt(format_args!("{}", Fickle(Cell::new(9), 2)));
        assert_eq!(shrinks.unwrap().to_bytes_with_nul(), b"xx\0");
        for more in [10, 11, 500] {
            let grows = CString::try_from_fmt(format_args!("{}", Fickle(Cell::new(9), more)));
            assert_eq!(grows.err(), Some(EINVAL));
        }
    }
}
