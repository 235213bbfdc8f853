// SPDX-License-Identifier: GPL-2.0

//! Errors: C's negative error numbers as a type.
//!
//! C headers: [`include/linux/err.h`](srctree/include/linux/err.h),
//! [`include/linux/errno.h`](srctree/include/linux/errno.h),
//! [`include/linux/errname.h`](srctree/include/linux/errname.h).
//!
//! A driver author needs [`Result`], the constants of [`code`], and `?`. The operator turns the
//! errors of `core` and of this crate into an [`Error`]. [`to_result`], [`from_err_ptr`] and
//! [`from_result`] are for authors that wrap C functions; an errno passes through them unchanged.
//! Nothing in this module sleeps or allocates.
//!
//! Context: any context.
//!
//! # Examples
//!
//! ```
//! use kernel::error::{Result, code::EINVAL};
//!
//! fn divider(hertz: u32) -> Result<u8> {
//!     let steps = 48_000_000u32.checked_div(hertz).ok_or(EINVAL)?;
//!     Ok(u8::try_from(steps)?)
//! }
//!
//! assert_eq!(divider(1_000_000), Ok(48));
//! assert_eq!(divider(0), Err(EINVAL));
//! assert_eq!(divider(10), Err(EINVAL));
//! ```

pub mod code;
mod convert;

use core::{ffi::CStr, fmt, num::NonZero, ptr};

use crate::{bindings, ffi::c_int};

/// A negative error number.
///
/// It has the size of a C `int`, and so has a [`Result<()>`](Result).
///
/// # Invariants
///
/// The number is in `-MAX_ERRNO..=-1`, that is, in `-4095..=-1`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(NonZero<c_int>);

/// The result of an operation that can fail: nothing, or `T`, or an [`Error`].
///
/// C callers must learn of an error too: a callback turns its `Result` into an `int` with
/// [`from_result`].
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

impl Error {
    /// Makes an error from a negative errno.
    ///
    /// A number outside of `-4095..=-1` is no errno: it becomes `EINVAL`, without a message and
    /// without a panic.
    #[must_use]
    pub const fn from_errno(errno: c_int) -> Error {
        match Self::try_from_errno(errno) {
            Some(error) => error,
            None => code::EINVAL,
        }
    }

    /// Returns the negative errno, for C.
    #[must_use]
    pub const fn to_errno(self) -> c_int {
        self.0.get()
    }

    /// Returns the error in the form of a pointer: C's `ERR_PTR()`.
    #[must_use]
    #[doc(alias = "ERR_PTR")]
    pub fn to_ptr<T>(self) -> *mut T {
        ptr::without_provenance_mut(self.to_errno() as usize)
    }

    /// Returns the name of the error, such as `EINVAL`.
    ///
    /// `None` if the kernel has no name for the number, or was built without
    /// `CONFIG_SYMBOLIC_ERRNAME`.
    #[must_use]
    #[doc(alias = "errname")]
    pub fn name(&self) -> Option<&'static CStr> {
        name_of(*self)
    }

    /// Makes an error from a negative errno, if it is one.
    const fn try_from_errno(errno: c_int) -> Option<Error> {
        if errno < -bindings::MAX_ERRNO || errno >= 0 {
            return None;
        }
        match NonZero::new(errno) {
            // INVARIANT: the range was checked above.
            Some(errno) => Some(Error(errno)),
            None => None,
        }
    }

    /// Makes an error from a positive errno constant of C. It is for constants: it fails the build
    /// if the number is no errno.
    const fn from_constant(errno: c_int) -> Error {
        match Self::try_from_errno(errno.wrapping_neg()) {
            Some(error) => error,
            // PANIC: only while compiling, where this is evaluated.
            None => panic!("not an errno"),
        }
    }
}

/// Asks C for the name of an error.
#[cfg(target_os = "none")]
fn name_of(error: Error) -> Option<&'static CStr> {
    // OVERFLOW: none: the number is at least -4095, by the invariant. SAFETY: `errname` takes any
    // number, and returns null or a C string that is part of the kernel image.
    let name = unsafe { bindings::lb_errname(-error.to_errno()) };
    if name.is_null() {
        return None;
    }
    // SAFETY: `from_ptr` requires a C string that stays unchanged for the lifetime, here `'static`;
    // the string is part of the kernel image.
    Some(unsafe { CStr::from_ptr(name.cast()) })
}

/// Looks the name up in the crate's own list, because host programs (tests) have no `errname()`.
#[cfg(not(target_os = "none"))]
fn name_of(error: Error) -> Option<&'static CStr> {
    let entry = code::NAMES.iter().find(|(known, _)| *known == error)?;
    Some(entry.1)
}

/// Shows the name of the error (`EINVAL`), or `Error(-4000)` if it has none.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            // SAFETY: `from_utf8_unchecked` requires UTF-8: the names are those of C's constants,
            // which are ASCII.
            Some(name) => f.pad(unsafe { core::str::from_utf8_unchecked(name.to_bytes()) }),
            None => write!(f, "Error({})", self.to_errno()),
        }
    }
}

/// Turns the return value of a C function into a [`Result`]: a negative value means an error, any
/// other value success.
///
/// # Errors
///
/// The errno that C returned, as [`Error::from_errno`] takes it.
pub const fn to_result(err: c_int) -> Result {
    if err < 0 {
        Err(Error::from_errno(err))
    } else {
        Ok(())
    }
}

/// Turns a pointer that may hold an error into a [`Result`]: C's `IS_ERR()` and `PTR_ERR()`.
///
/// C does not treat a null pointer as an error, so it is returned as `Ok`.
///
/// # Errors
///
/// The errno that the pointer holds.
///
/// # Examples
///
/// ```
/// use kernel::error::{code::ENODEV, from_err_ptr};
///
/// assert_eq!(from_err_ptr(ENODEV.to_ptr::<u8>()), Err(ENODEV));
/// assert!(from_err_ptr(core::ptr::null_mut::<u8>()).is_ok());
/// ```
#[doc(alias("IS_ERR", "PTR_ERR", "PTR_ERR_OR_ZERO"))]
pub fn from_err_ptr<T>(ptr: *mut T) -> Result<*mut T> {
    // Addresses do not wrap when read as signed: the last `MAX_ERRNO` ones are the numbers from
    // -MAX_ERRNO to -1.
    match c_int::try_from(ptr.addr() as isize).map(Error::try_from_errno) {
        Ok(Some(error)) => Err(error),
        _ => Ok(ptr),
    }
}

/// Runs `f` and gives its result as a C function returns it: the value, or the negative errno.
///
/// This function is for callbacks from C. `T` is the return type of the callback; a negative value
/// of it would look like an error.
///
/// # Examples
///
/// ```
/// use kernel::{error::{code::EBUSY, from_result}, ffi::c_int};
///
/// extern "C" fn callback(free: bool) -> c_int {
///     from_result(|| if free { Ok(0) } else { Err(EBUSY) })
/// }
///
/// assert_eq!(callback(true), 0);
/// assert_eq!(callback(false), -16);
/// ```
pub fn from_result<T, F>(f: F) -> T
where
    T: From<i16>,
    F: FnOnce() -> Result<T>,
{
    f().unwrap_or_else(|error| {
        // PANIC: none: an errno is at least -4095 by its invariant, so the cast keeps its value.
        T::from(error.to_errno() as i16)
    })
}

/// The message of a call to a method that `#[vtable]` marks as not implemented.
pub const VTABLE_DEFAULT_ERROR: &str = "the method is optional and was not implemented";

#[macros::kunit_tests(lifebound_error)]
mod tests {
    use super::{code::*, *};

    #[test]
    fn only_errnos_become_errors_of_their_own() {
        assert_eq!(Error::from_errno(-1), EPERM);
        assert_eq!(Error::from_errno(-4095).to_errno(), -4095);
        for no_errno in [0, 1, 22, -4096, c_int::MIN, c_int::MAX] {
            assert_eq!(Error::from_errno(no_errno), EINVAL, "{no_errno}");
        }
    }

    #[test]
    fn size_is_that_of_an_int() {
        assert_eq!(size_of::<Result<()>>(), size_of::<c_int>());
    }

    #[test]
    fn c_results() {
        assert_eq!(to_result(0), Ok(()));
        assert_eq!(to_result(7), Ok(()));
        assert_eq!(to_result(-19), Err(ENODEV));
        assert_eq!(to_result(c_int::MIN), Err(EINVAL));
    }

    #[test]
    fn error_pointers() {
        for errno in [-1, -12, -517, -4095] {
            let error = Error::from_errno(errno);
            assert_eq!(error.to_ptr::<u64>() as isize, errno as isize);
            assert_eq!(from_err_ptr(error.to_ptr::<u64>()), Err(error));
        }
        for address in [0, 1, usize::MAX / 2, -4096isize as usize, 0x1_0000_0000 - 5] {
            let ptr: *mut u8 = ptr::without_provenance_mut(address);
            assert_eq!(from_err_ptr(ptr), Ok(ptr), "{address:#x}");
        }
    }

    #[test]
    fn results_for_c() {
        assert_eq!(from_result::<c_int, _>(|| Ok(5)), 5);
        assert_eq!(
            from_result::<isize, _>(|| Err(Error::from_errno(-4095))),
            -4095
        );
        assert_eq!(from_result::<i64, _>(|| Err(EPROBE_DEFER)), -517);
    }

    /// Returns whether `value` is shown as `text`.
    fn shows(value: fmt::Arguments<'_>, text: &str) -> bool {
        let mut buffer = [0; 32];
        let mut out = crate::str::Formatter::new(&mut buffer);
        fmt::write(&mut out, value).is_ok() && &buffer[..text.len()] == text.as_bytes()
    }

    #[test]
    fn names() {
        assert!(shows(format_args!("{:?}", EAGAIN), "EAGAIN\0"));
        assert!(shows(format_args!("{:?}", EWOULDBLOCK), "EAGAIN\0"));
        assert!(shows(format_args!("{:>8?}|", ENOMEM), "  ENOMEM|\0"));
        let unknown = Error::from_errno(-4000);
        assert!(shows(format_args!("{:?}", unknown), "Error(-4000)\0"));
        assert_eq!(ERESTART_RESTARTBLOCK.name(), Some(c"ERESTART_RESTARTBLOCK"));
        assert_eq!(Error::from_errno(-41).name(), None);
    }

    #[test]
    fn numbers_of_the_kernel_itself() {
        assert_eq!(ERESTARTSYS.to_errno(), -512);
        assert_eq!(EPROBE_DEFER.to_errno(), -517);
        assert_eq!(ENOTSUPP.to_errno(), -524);
        assert_eq!(EIOCBQUEUED.to_errno(), -529);
    }
}
