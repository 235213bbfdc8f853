// SPDX-License-Identifier: GPL-2.0

//! What files show and take by themselves.

use core::ops::{Deref, DerefMut};

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

/// What a file can show as it is, byte by byte.
pub trait BinaryWriter {
    /// Writes what is at `offset` of the value and after, as far as there is room, and moves `offset` on. Returns how
    /// many bytes that were; 0 at the end. May sleep.
    ///
    /// # Errors
    ///
    /// What the program that reads shall see.
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize>;
}

/// What a file can store as it is, byte by byte, in a value that is shared.
pub trait BinaryReader {
    /// Takes bytes for what is at `offset` of the value and after, and moves `offset` on. Returns how many bytes that
    /// were; if none, the program sees `ENOSPC`. May sleep.
    ///
    /// # Errors
    ///
    /// What the program that writes shall see.
    fn read_from_slice(
        &self,
        reader: &mut UserSliceReader,
        offset: &mut file::Offset,
    ) -> Result<usize>;
}

/// [`BinaryReader`] for a value that nobody else uses; a lock around it is a [`BinaryReader`].
pub trait BinaryReaderMut {
    /// As [`BinaryReader::read_from_slice`].
    ///
    /// # Errors
    ///
    /// What the program that writes shall see.
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

/// What points to a value that can be shown, or stored, can be too.
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
