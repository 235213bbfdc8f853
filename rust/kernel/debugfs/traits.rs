// SPDX-License-Identifier: GPL-2.0

//! What files show and take by themselves.

use crate::{
    error::{Result, code::EINVAL},
    fmt,
    str::{BStr, parse_int::ParseInt},
    sync::{
        Mutex,
        atomic::{Atomic, AtomicType, Relaxed},
    },
    uaccess::UserSliceReader,
};

/// The longest text of a number: 64 binary digits with prefix, sign and newline.
const LONGEST: usize = 72;

/// What a file can show.
pub trait Writer {
    /// Writes the value as text. The file has a newline after it. May sleep.
    ///
    /// # Errors
    ///
    /// The formatter's.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// What a file can store.
pub trait Reader {
    /// Takes the text that was written in one go. May sleep.
    ///
    /// # Errors
    ///
    /// What the program that writes shall see.
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result;
}

impl<T: AtomicType + fmt::Debug> Writer for Atomic<T> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(format_args!("{:?}", self.load(Relaxed)))
    }
}

impl<T: Writer> Writer for Mutex<T> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().write(f)
    }
}

impl<T: Writer + ?Sized> Writer for &T {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).write(f)
    }
}

impl<T: Reader + ?Sized> Reader for &T {
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        (**self).read_from_slice(reader)
    }
}

impl<T: ParseInt + Unpin> Reader for Mutex<T> {
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        *self.lock() = number(reader)?;
        Ok(())
    }
}

macro_rules! numbers {
    ($($type:ty)*) => { $(
        impl Writer for $type {
            fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_fmt(format_args!("{self}"))
            }
        }
    )* };
}

numbers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize bool str);

macro_rules! atomics {
    ($($type:ty)*) => { $(
        impl Reader for Atomic<$type> {
            fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
                self.store(number(reader)?, Relaxed);
                Ok(())
            }
        }
    )* };
}

atomics!(i32 i64 isize u32 u64 usize);

/// Reads a number.
///
/// # Errors
///
/// `EINVAL` if it is none or too long; `ERANGE` if it does not fit; `EFAULT`.
fn number<T: ParseInt>(reader: &mut UserSliceReader) -> Result<T> {
    let mut text = [0; LONGEST];
    let text = text.get_mut(..reader.len()).ok_or(EINVAL)?;
    reader.read_slice(text)?;
    T::from_str(BStr::from_bytes(text))
}
