// SPDX-License-Identifier: GPL-2.0

//! The values that files can show and take without closures.

use core::{
    ops::{Deref, DerefMut},
    pin::Pin,
};

use crate::{
    alloc::{Allocator, Box, Vec},
    error::{Result, code::EINVAL},
    fmt,
    fs::file,
    str::{BStr, parse_int::ParseInt},
    sync::{
        Arc, Mutex,
        atomic::{Atomic, Relaxed},
    },
    transmute::{AsBytes, FromBytes},
    uaccess::{UserSliceReader, UserSliceWriter},
};

/// The longest text of a number: 64 binary digits with prefix, sign and newline.
const LONGEST: usize = 72;

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

/// A value that a file can store.
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

impl<T: ParseInt + Unpin> Reader for Mutex<T> {
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        *self.lock() = number(reader)?;
        Ok(())
    }
}

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
/// - `EINVAL` if the text is not a number, or is too long.
/// - `ERANGE` if the number does not fit.
/// - `EFAULT`.
fn number<T: ParseInt>(reader: &mut UserSliceReader) -> Result<T> {
    let mut text = [0; LONGEST];
    let text = text.get_mut(..reader.len()).ok_or(EINVAL)?;
    reader.read_slice(text)?;
    T::from_str(BStr::from_bytes(text))
}
