// SPDX-License-Identifier: GPL-2.0

//! The values that files can show and take without closures.

use core::{
    any::Any,
    ops::{Deref, DerefMut},
    pin::Pin,
    str::FromStr,
};

use crate::{
    alloc::{Allocator, Box, Vec},
    error::{Result, code::EINVAL},
    fmt,
    fs::file,
    str::{BStr, parse_int::ParseInt},
    sync::{
        Arc, Mutex,
        atomic::{Atomic, AtomicType, Relaxed},
    },
    transmute::{AsBytes, FromBytes},
    uaccess::{UserSliceReader, UserSliceWriter},
};

/// The longest text of a value in bytes. The longest integer has 68: 64 binary
/// digits with prefix, sign and newline.
const LONGEST: usize = 128;

/// A value that a file can show. Any type that is `Debug` can be shown, with a newline after it.
pub trait Writer {
    /// Writes the whole content of the file, with the newline at its end.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The formatter's error.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A value that a file can store: a [`Mutex`] or an [`Atomic`] of any type that is [`FromStr`].
/// Integers are read as C reads them, such as `0x10` with a newline.
pub trait Reader {
    /// Takes the text that a program wrote in one call.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The program that writes gets the error.
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result;
}

/// A value that a file can show as it is, byte by byte.
pub trait BinaryWriter {
    /// Writes the bytes from `offset` of the value on, as far as there is room, and moves `offset`
    /// on. Returns the number of bytes, which is 0 at the end.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The program that reads gets the error.
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize>;
}

/// A shared value that a file can store as it is, byte by byte.
pub trait BinaryReader {
    /// Takes bytes for the value from `offset` on, and moves `offset` on. Returns the number of
    /// bytes. If it is 0, the program gets `ENOSPC`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The program that writes gets the error.
    fn read_from_slice(
        &self,
        reader: &mut UserSliceReader,
        offset: &mut file::Offset,
    ) -> Result<usize>;
}

/// [`BinaryReader`] for a value that nobody else uses. A lock around it is a [`BinaryReader`].
pub trait BinaryReaderMut {
    /// Takes bytes as [`BinaryReader::read_from_slice`] does.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The program that writes gets the error.
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut file::Offset,
    ) -> Result<usize>;
}

impl<T: AsBytes> BinaryWriter for T {
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        writer.write_slice_file(self.as_bytes(), offset)
    }
}

impl<T: AsBytes + FromBytes> BinaryReaderMut for T {
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        reader.read_slice_file(self.as_bytes_mut(), offset)
    }
}

impl<T, A: Allocator> BinaryWriter for Vec<T, A>
where
    [T]: AsBytes,
{
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        writer.write_slice_file(self.as_slice().as_bytes(), offset)
    }
}

impl<T, A: Allocator> BinaryReaderMut for Vec<T, A>
where
    [T]: AsBytes + FromBytes,
{
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        reader.read_slice_file(self.as_mut_slice().as_bytes_mut(), offset)
    }
}

impl<T: BinaryWriter> BinaryWriter for Mutex<T> {
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        self.lock().write_to_slice(writer, offset)
    }
}

/// Implements the traits for pointers to values that have them.
macro_rules! pointers {
    ($([$($generics:tt)*] $type:ty;)*) => { $(
        impl<$($generics)*> BinaryWriter for $type
        where
            T: BinaryWriter,
        {
            fn write_to_slice(
                &self,
                writer: &mut UserSliceWriter,
                offset: &mut file::Offset,
            ) -> Result<usize> {
                self.deref().write_to_slice(writer, offset)
            }
        }

        impl<$($generics)*> BinaryReader for $type
        where
            T: BinaryReader,
        {
            fn read_from_slice(
                &self,
                reader: &mut UserSliceReader,
                offset: &mut file::Offset,
            ) -> Result<usize> {
                self.deref().read_from_slice(reader, offset)
            }
        }
    )* };
}

pointers! {
    [T: ?Sized, A: Allocator] Box<T, A>;
    [T: ?Sized, A: Allocator] Pin<Box<T, A>>;
    [T: ?Sized] Arc<T>;
}

impl<T: BinaryReaderMut + ?Sized, A: Allocator> BinaryReaderMut for Box<T, A> {
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        self.deref_mut().read_from_slice_mut(reader, offset)
    }
}

impl<T: BinaryReaderMut + Unpin> BinaryReader for Mutex<T> {
    fn read_from_slice(
        &self,
        reader: &mut UserSliceReader,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        self.lock().read_from_slice_mut(reader, offset)
    }
}

impl<T: fmt::Debug + ?Sized> Writer for T {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt(f)?;
        f.write_str("\n")
    }
}

impl<T: Writer> Writer for Mutex<T> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().write(f)
    }
}

impl<T: Reader + ?Sized> Reader for &T {
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        (**self).read_from_slice(reader)
    }
}

impl<T: FromStr + Unpin + 'static> Reader for Mutex<T> {
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        *self.lock() = value(reader)?;
        Ok(())
    }
}

impl<T: AtomicType + FromStr + 'static> Reader for Atomic<T> {
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        self.store(value(reader)?, Relaxed);
        Ok(())
    }
}

/// Reads a value.
///
/// # Errors
///
/// - `EINVAL` if the text is no value of the type, or is too long.
/// - `ERANGE` if an integer does not fit.
/// - `EFAULT`.
fn value<T: FromStr + 'static>(reader: &mut UserSliceReader) -> Result<T> {
    let mut text = [0; LONGEST];
    let text = text.get_mut(..reader.len()).ok_or(EINVAL)?;
    reader.read_slice(text)?;
    parse(text)
}

/// Reads a value from text: integers as C does, other types by [`FromStr`], without blanks and
/// newlines around the text.
fn parse<T: FromStr + 'static>(text: &[u8]) -> Result<T> {
    let mut value = None;
    if store_integer(&mut value, text)? {
        return value.ok_or(EINVAL);
    }
    let text = core::str::from_utf8(text).map_err(|_| EINVAL)?.trim();
    T::from_str(text).map_err(|_| EINVAL)
}

/// Stores an integer in `value` if that is an `Option` of an integer type. Returns whether it is.
fn store_integer(value: &mut dyn Any, text: &[u8]) -> Result<bool> {
    macro_rules! try_each {
        ($($int:ty)*) => { $(
            if let Some(value) = value.downcast_mut::<Option<$int>>() {
                *value = Some(<$int as ParseInt>::from_str(BStr::from_bytes(text))?);
                return Ok(true);
            }
        )* };
    }
    try_each!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_c_reads_them() {
        assert_eq!(parse::<u32>(b"0x10\n"), Ok(16));
        assert_eq!(parse::<i8>(b"-010"), Ok(-8));
        assert_eq!(parse::<u8>(b"256"), Err(crate::error::code::ERANGE));
        assert_eq!(parse::<u8>(b" 1"), Err(EINVAL));
    }

    #[test]
    fn other_types_are_read_by_from_str() {
        assert_eq!(parse::<bool>(b"true\n"), Ok(true));
        assert_eq!(parse::<char>(b" x \n"), Ok('x'));
        assert_eq!(parse::<bool>(b"2"), Err(EINVAL));
        assert_eq!(parse::<char>(b"\xff"), Err(EINVAL));
    }
}
