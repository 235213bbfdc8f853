// SPDX-License-Identifier: GPL-2.0

//! C's types as the kernel is compiled: `char` is unsigned, `long` has the size of a pointer.

/// C `char`; the kernel is built with `-funsigned-char`.
pub type c_char = u8;
/// C `signed char`.
pub type c_schar = i8;
/// C `unsigned char`.
pub type c_uchar = u8;
/// C `short`.
pub type c_short = i16;
/// C `unsigned short`.
pub type c_ushort = u16;
/// C `int`.
pub type c_int = i32;
/// C `unsigned int`.
pub type c_uint = u32;
/// C `long`.
pub type c_long = isize;
/// C `unsigned long`.
pub type c_ulong = usize;
/// C `long long`.
pub type c_longlong = i64;
/// C `unsigned long long`.
pub type c_ulonglong = u64;
pub use core::ffi::{CStr, c_void};
