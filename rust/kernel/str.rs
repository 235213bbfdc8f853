// SPDX-License-Identifier: GPL-2.0

//! Strings of bytes, C strings, and text that is formatted into memory.
//!
//! C header: [`include/linux/string.h`](srctree/include/linux/string.h).
//!
//! | type | what | made by |
//! |---|---|---|
//! | [`CStr`] | borrowed, NUL at its end | `c"text"`, [`c_str!`](crate::c_str) |
//! | [`CString`] | owned [`CStr`] | [`CString::try_from_fmt`], [`CStrExt::to_cstring`] |
//! | [`BStr`] | borrowed bytes, usually ASCII | [`BStr::from_bytes`], [`b_str!`](crate::b_str) |
//! | [`Formatter`], [`RawFormatter`] | text in a buffer of the caller | `new` |
//!
//! `{}` shows [`CStr`] and [`BStr`] with escapes for all bytes that are not printable ASCII. So
//! text from devices and user space cannot disturb a log. This works in the macros of this crate
//! (`pr_info!`, `fmt!`, ...), not in those of `core`. [`parse_int`] reads
//! numbers, and [`kstrtobool`] reads a yes or a no.

mod bstr;
mod cstr;
mod cstring;
pub(crate) mod file_name;
mod formatter;
mod parse_bool;
pub mod parse_int;

pub use core::ffi::CStr;

pub use self::{
    bstr::BStr,
    cstr::{CStrExt, as_char_ptr_in_const_context},
    cstring::CString,
    formatter::{Formatter, RawFormatter},
    parse_bool::{kstrtobool, kstrtobool_bytes},
};
