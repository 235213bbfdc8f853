// SPDX-License-Identifier: GPL-2.0

//! Methods of C strings in the kernel, beyond those of `core`.

use super::{
    CStr,
    cstring::{CString, as_cstr_mut},
};
use crate::{alloc::AllocError, ffi::c_char};

/// Returns the address of a C string for C, in a constant. Elsewhere, use [`CStrExt::as_char_ptr`].
#[must_use]
pub const fn as_char_ptr_in_const_context(c_str: &CStr) -> *const c_char {
    c_str.as_ptr().cast()
}

mod private {
    pub trait Sealed {}
    impl Sealed for super::CStr {}
}

/// Methods of [`CStr`] with the kernel's `char`, and allocation that can fail. The trait comes with
/// the prelude.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, str::CStrExt};
///
/// let mut name = c"Serial0".to_cstring()?;
/// name.make_ascii_lowercase();
/// assert_eq!(&*name, c"serial0");
/// # Ok::<(), Error>(())
/// ```
pub trait CStrExt: private::Sealed {
    /// Borrows a C string.
    ///
    /// # Safety
    ///
    /// `ptr` points to bytes that end with a NUL, shorter than `isize::MAX`. They stay, and do not
    /// change, during `'a`, which the caller chooses.
    unsafe fn from_char_ptr<'a>(ptr: *const c_char) -> &'a Self;

    /// Borrows bytes as a C string.
    ///
    /// # Safety
    ///
    /// `bytes` has a NUL at its end and nowhere else.
    unsafe fn from_bytes_with_nul_unchecked_mut(bytes: &mut [u8]) -> &mut Self;

    /// Returns the address of the first byte, for C.
    fn as_char_ptr(&self) -> *const c_char;

    /// Copies the string to new memory.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory.
    #[doc(alias("kstrdup", "devm_kstrdup"))]
    fn to_cstring(&self) -> Result<CString, AllocError>;

    /// Turns ASCII letters to lower case in place. Other bytes stay.
    fn make_ascii_lowercase(&mut self);

    /// Turns ASCII letters to upper case in place. Other bytes stay.
    fn make_ascii_uppercase(&mut self);

    /// Copies the string with ASCII letters in lower case.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory.
    fn to_ascii_lowercase(&self) -> Result<CString, AllocError>;

    /// Copies the string with ASCII letters in upper case.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory.
    fn to_ascii_uppercase(&self) -> Result<CString, AllocError>;
}

/// Returns the bytes with the NUL at the end.
///
/// # Safety
///
/// The bytes that the caller leaves have a NUL at their end and nowhere else.
unsafe fn bytes_with_nul_mut(string: &mut CStr) -> &mut [u8] {
    // `CStr` is a wrapper of these bytes, NUL included. Both have the same length in their fat
    // pointer.
    let bytes = core::ptr::from_mut(string) as *mut [u8];
    // SAFETY: the reference requires initialised bytes that nobody else uses for its lifetime. They
    // are the bytes of the string, which is borrowed exclusively. The caller keeps it a C string.
    unsafe { &mut *bytes }
}

impl CStrExt for CStr {
    unsafe fn from_char_ptr<'a>(ptr: *const c_char) -> &'a Self {
        // SAFETY: `from_ptr` requires the string that the caller promises; `char` has the same
        // size, signed or not.
        unsafe { CStr::from_ptr(ptr.cast()) }
    }

    unsafe fn from_bytes_with_nul_unchecked_mut(bytes: &mut [u8]) -> &mut Self {
        // SAFETY: `as_cstr_mut` requires the same as this function; the caller promises it.
        unsafe { as_cstr_mut(bytes) }
    }

    fn as_char_ptr(&self) -> *const c_char {
        as_char_ptr_in_const_context(self)
    }

    fn to_cstring(&self) -> Result<CString, AllocError> {
        CString::try_from(self)
    }

    fn make_ascii_lowercase(&mut self) {
        // SAFETY: `bytes_with_nul_mut` requires that the NUL stays the only one; only letters
        // change, and to letters.
        unsafe { bytes_with_nul_mut(self) }.make_ascii_lowercase();
    }

    fn make_ascii_uppercase(&mut self) {
        // SAFETY: `bytes_with_nul_mut` requires that the NUL stays the only one; only letters
        // change, and to letters.
        unsafe { bytes_with_nul_mut(self) }.make_ascii_uppercase();
    }

    fn to_ascii_lowercase(&self) -> Result<CString, AllocError> {
        let mut string = self.to_cstring()?;
        string.make_ascii_lowercase();
        Ok(string)
    }

    fn to_ascii_uppercase(&self) -> Result<CString, AllocError> {
        let mut string = self.to_cstring()?;
        string.make_ascii_uppercase();
        Ok(string)
    }
}

/// Makes a [`&'static CStr`](crate::str::CStr) from a string literal or `concat!` of them.
///
/// For a literal alone, `c"text"` does the same. The build fails if there is a NUL in the text.
///
/// # Examples
///
/// ```
/// use kernel::{c_str, str::CStr};
///
/// const PATH: &CStr = c_str!(concat!("firmware/", "v2", ".bin"));
/// assert_eq!(PATH, c"firmware/v2.bin");
/// ```
///
/// ```compile_fail,E0080
/// let cut = kernel::c_str!("a\0b");
/// ```
#[macro_export]
macro_rules! c_str {
    ($str:expr) => {{
        const STRING: &$crate::str::CStr = match $crate::str::CStr::from_bytes_with_nul(
            $crate::__core::concat!($str, "\0").as_bytes(),
        ) {
            $crate::__core::result::Result::Ok(string) => string,
            // PANIC: only while compiling, where this is evaluated.
            $crate::__core::result::Result::Err(_) => {
                $crate::__core::panic!("the string has a NUL in it")
            }
        };
        STRING
    }};
}

#[macros::kunit_tests(lifebound_cstr)]
mod tests {
    use super::*;

    #[test]
    fn pointers_go_to_c_and_back() {
        let string = c"abc";
        // SAFETY: `from_char_ptr` requires a C string that stays; it is a static string.
        assert_eq!(unsafe { CStr::from_char_ptr(string.as_char_ptr()) }, string);
        const PTR: usize = {
            let _: *const c_char = as_char_ptr_in_const_context(c"x");
            1
        };
        assert_eq!(PTR, 1);
    }

    #[test]
    fn letters_change_in_place() {
        let mut bytes = *b"aZ0\xc4\0";
        // SAFETY: the function requires one NUL, at the end; the bytes have that.
        let string = unsafe { CStr::from_bytes_with_nul_unchecked_mut(&mut bytes) };
        string.make_ascii_uppercase();
        assert_eq!(string.to_bytes_with_nul(), b"AZ0\xc4\0");
        string.make_ascii_lowercase();
        assert_eq!(bytes, *b"az0\xc4\0");
    }

    #[test]
    fn copies() {
        assert_eq!(&*c"".to_cstring().unwrap(), c"");
        assert_eq!(&*CStrExt::to_ascii_lowercase(c"Ab1").unwrap(), c"ab1");
        assert_eq!(&*CStrExt::to_ascii_uppercase(c"Ab1").unwrap(), c"AB1");
    }
}
