// SPDX-License-Identifier: GPL-2.0

//! [`Io`]: the accesses of every view.

use zerocopy::{FromBytes, IntoBytes};

use super::check::{built_in_part, check_constant, try_part};
use super::register::LocatedRegister;
use super::{IoBackend, IoBase, IoCapable, IoCopyable, IoLoc};
use crate::error::{Result, code::EINVAL};
use crate::ptr::KnownSize;

/// Defines the accesses by offset that are checked while building.
macro_rules! built_in_accesses {
    ($($ty:ident: $read:ident $write:ident, as $c_read:literal $io_read:literal $c_write:literal $io_write:literal;)*) => {$(
        #[doc = concat!("Reads the `", stringify!($ty), "` at `offset` bytes.")]
        ///
        /// Fails the build unless the offset is known to be within the region's compile-time size,
        /// and aligned; see [`build_assert`](mod@crate::build_assert).
        #[doc(alias($c_read, $io_read))]
        #[inline(always)]
        fn $read(self, offset: usize) -> $ty
        where
            usize: IoLoc<Self::Target, $ty, IoType = $ty>,
            Self::Backend: IoCapable<$ty>,
        {
            self.read(offset)
        }

        #[doc = concat!("Writes the `", stringify!($ty), "` at `offset` bytes.")]
        ///
        /// Fails the build unless the offset is known to be within the region's compile-time size,
        /// and aligned; see [`build_assert`](mod@crate::build_assert).
        #[doc(alias($c_write, $io_write))]
        #[inline(always)]
        fn $write(self, value: $ty, offset: usize)
        where
            usize: IoLoc<Self::Target, $ty, IoType = $ty>,
            Self::Backend: IoCapable<$ty>,
        {
            self.write(offset, value)
        }
    )*};
}

/// Defines the accesses by offset that are checked while running.
macro_rules! try_accesses {
    ($($ty:ident: $try_read:ident $try_write:ident;)*) => {$(
        #[doc = concat!("Reads the `", stringify!($ty), "` at `offset` bytes.")]
        /// # Errors
        ///
        /// `EINVAL` if the access is not within the region, or not aligned. No access was made
        /// then.
        #[inline(always)]
        fn $try_read(self, offset: usize) -> Result<$ty>
        where
            usize: IoLoc<Self::Target, $ty, IoType = $ty>,
            Self::Backend: IoCapable<$ty>,
        {
            self.try_read(offset)
        }

        #[doc = concat!("Writes the `", stringify!($ty), "` at `offset` bytes.")]
        /// # Errors
        ///
        /// `EINVAL` if the access is not within the region, or not aligned. No access was made
        /// then.
        #[inline(always)]
        fn $try_write(self, value: $ty, offset: usize) -> Result
        where
            usize: IoLoc<Self::Target, $ty, IoType = $ty>,
            Self::Backend: IoCapable<$ty>,
        {
            self.try_write(offset, value)
        }
    )*};
}

/// The accesses of I/O memory. Everything that has a view implements this trait; see [`IoBase`].
///
/// A method comes in two forms. The plain form fails the build if the access may be out of range.
/// The `try_` form checks while running. If the compiler knows the location, as for a fixed
/// register, the compiler itself reports the failure.
///
/// Context: any context; does not sleep.
pub trait Io<'a>: IoBase<'a> {
    /// The number of bytes.
    #[inline(always)]
    fn size(self) -> usize {
        Self::Target::size(Self::Backend::as_ptr(self.as_view()))
    }

    /// The number of elements.
    #[inline(always)]
    fn len<T>(self) -> usize
    where
        Self: Io<'a, Target = [T]>,
    {
        Self::Backend::as_ptr(self.as_view()).len()
    }

    /// Whether there are no elements.
    #[inline(always)]
    fn is_empty<T>(self) -> bool
    where
        Self: Io<'a, Target = [T]>,
    {
        self.len() == 0
    }

    /// A view of the start of this memory as a `U`. Bytes beyond the `U` are left out.
    ///
    /// # Errors
    ///
    /// `EINVAL` if a `U` needs more bytes or a larger alignment than the memory has.
    #[inline]
    fn try_cast<U>(self) -> Result<<Self::Backend as IoBackend>::View<'a, U>>
    where
        Self::Target: FromBytes + IntoBytes,
        U: FromBytes + IntoBytes,
    {
        let view = self.as_view();
        let base = Self::Backend::as_ptr(view);
        let ptr = base.cast::<U>();
        if size_of::<U>() > Self::Target::size(base) || !ptr.is_aligned() {
            return Err(EINVAL);
        }
        // SAFETY: `project_view` requires an aligned pointer to bytes within the view; `ptr` is the
        // start of the view, and size and alignment were checked above.
        Ok(unsafe { Self::Backend::project_view(view, ptr) })
    }

    /// Reads the whole view in one access.
    #[inline(always)]
    fn read_val(self) -> Self::Target
    where
        Self::Backend: IoCapable<Self::Target>,
        Self::Target: Sized,
    {
        Self::Backend::io_read(self.as_view())
    }

    /// Writes the whole view in one access.
    #[inline(always)]
    fn write_val(self, value: Self::Target)
    where
        Self::Backend: IoCapable<Self::Target>,
        Self::Target: Sized,
    {
        Self::Backend::io_write(self.as_view(), value)
    }

    /// Copies the value out, in accesses of unspecified widths (`memcpy_fromio()`).
    #[inline]
    fn copy_read(self) -> Self::Target
    where
        Self::Backend: IoCopyable,
        Self::Target: Sized + FromBytes,
    {
        Self::Backend::copy_read(self.as_view())
    }

    /// Copies the value in, in accesses of unspecified widths (`memcpy_toio()`).
    #[inline]
    fn copy_write(self, value: Self::Target)
    where
        Self::Backend: IoCopyable,
        Self::Target: Sized + IntoBytes,
    {
        Self::Backend::copy_write(self.as_view(), value)
    }

    /// Copies `data` into the view (`memcpy_toio()`).
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    #[inline]
    #[doc(alias = "memcpy_toio")]
    fn copy_from_slice(self, data: &[u8])
    where
        Self::Backend: IoCopyable,
        Self: Io<'a, Target = [u8]>,
    {
        let view = self.as_view();
        assert_eq!(
            Self::Backend::as_ptr(view).len(),
            data.len(),
            "lengths differ"
        );
        // SAFETY: `copy_to_io` requires as many initialised bytes as the view has, outside of the
        // view. The length was checked above. No reference points into a view's memory, as its
        // constructors require.
        unsafe { Self::Backend::copy_to_io(view, data.as_ptr()) }
    }

    /// Copies the view into `data` (`memcpy_fromio()`).
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    #[inline]
    #[doc(alias = "memcpy_fromio")]
    fn copy_to_slice(self, data: &mut [u8])
    where
        Self::Backend: IoCopyable,
        Self: Io<'a, Target = [u8]>,
    {
        let view = self.as_view();
        assert_eq!(
            Self::Backend::as_ptr(view).len(),
            data.len(),
            "lengths differ"
        );
        // SAFETY: `copy_from_io` requires room for as many bytes as the view has, outside of the
        // view. The length was checked above. No reference points into a view's memory, as its
        // constructors require.
        unsafe { Self::Backend::copy_from_io(view, data.as_mut_ptr()) }
    }

    built_in_accesses! {
        u8: read8 write8, as "readb" "ioread8" "writeb" "iowrite8";
        u16: read16 write16, as "readw" "ioread16" "writew" "iowrite16";
        u32: read32 write32, as "readl" "ioread32" "writel" "iowrite32";
        u64: read64 write64, as "readq" "ioread64" "writeq" "iowrite64";
    }

    try_accesses! {
        u8: try_read8 try_write8;
        u16: try_read16 try_write16;
        u32: try_read32 try_write32;
        u64: try_read64 try_write64;
    }

    /// Reads from `location`.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the access is not within the region, or not aligned. No access was made then.
    #[inline(always)]
    fn try_read<T, L>(self, location: L) -> Result<T>
    where
        L: IoLoc<Self::Target, T>,
        Self::Backend: IoCapable<L::IoType>,
    {
        let view = try_part::<Self, L::IoType>(self, location.offset())?;
        Ok(Self::Backend::io_read(view).into())
    }

    /// Writes to `location`.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the access is not within the region, or not aligned. No access was made then.
    #[inline(always)]
    fn try_write<T, L>(self, location: L, value: T) -> Result
    where
        L: IoLoc<Self::Target, T>,
        Self::Backend: IoCapable<L::IoType>,
    {
        let view = try_part::<Self, L::IoType>(self, location.offset())?;
        Self::Backend::io_write(view, value.into());
        Ok(())
    }

    /// Writes a register value that knows its location.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the access is not within the region, or not aligned. No access was made then.
    #[inline(always)]
    fn try_write_reg<T, L, V>(self, value: V) -> Result
    where
        L: IoLoc<Self::Target, T>,
        V: LocatedRegister<Self::Target, Location = L, Value = T>,
        Self::Backend: IoCapable<L::IoType>,
    {
        let (location, value) = value.into_io_op();
        self.try_write(location, value)
    }

    /// Reads from `location`, and writes the result of `f` back. These are two accesses, so an
    /// update is not atomic.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the access is not within the region, or not aligned. No access was made then,
    /// and `f` was not called.
    #[inline(always)]
    fn try_update<T, L, F>(self, location: L, f: F) -> Result
    where
        L: IoLoc<Self::Target, T>,
        Self::Backend: IoCapable<L::IoType>,
        F: FnOnce(T) -> T,
    {
        let view = try_part::<Self, L::IoType>(self, location.offset())?;
        let value = f(Self::Backend::io_read(view).into());
        Self::Backend::io_write(view, value.into());
        Ok(())
    }

    /// Reads from `location`. Fails the build unless the location is known to be within the
    /// region's compile-time size, and aligned.
    #[inline(always)]
    fn read<T, L>(self, location: L) -> T
    where
        L: IoLoc<Self::Target, T>,
        Self::Backend: IoCapable<L::IoType>,
    {
        const { check_constant::<Self::Target, T, L>() };
        Self::Backend::io_read(built_in_part::<Self, L::IoType>(self, location.offset())).into()
    }

    /// Writes to `location`. Fails the build unless the location is known to be within the region's
    /// compile-time size, and aligned.
    #[inline(always)]
    fn write<T, L>(self, location: L, value: T)
    where
        L: IoLoc<Self::Target, T>,
        Self::Backend: IoCapable<L::IoType>,
    {
        const { check_constant::<Self::Target, T, L>() };
        let view = built_in_part::<Self, L::IoType>(self, location.offset());
        Self::Backend::io_write(view, value.into())
    }

    /// Writes a register value that knows its location. Fails the build unless the location is
    /// known to be within the region's compile-time size, and aligned.
    #[inline(always)]
    fn write_reg<T, L, V>(self, value: V)
    where
        L: IoLoc<Self::Target, T>,
        V: LocatedRegister<Self::Target, Location = L, Value = T>,
        Self::Backend: IoCapable<L::IoType>,
    {
        let (location, value) = value.into_io_op();
        self.write(location, value)
    }

    /// Reads from `location`, and writes the result of `f` back. These are two accesses, so an
    /// update is not atomic.
    ///
    /// Fails the build unless the location is known to be within the region's compile-time size,
    /// and aligned.
    #[inline(always)]
    fn update<T, L, F>(self, location: L, f: F)
    where
        L: IoLoc<Self::Target, T>,
        Self::Backend: IoCapable<L::IoType>,
        F: FnOnce(T) -> T,
    {
        const { check_constant::<Self::Target, T, L>() };
        let view = built_in_part::<Self, L::IoType>(self, location.offset());
        let value = f(Self::Backend::io_read(view).into());
        Self::Backend::io_write(view, value.into())
    }
}

impl<'a, T: IoBase<'a>> Io<'a> for T {}

#[cfg(test)]
mod tests;
