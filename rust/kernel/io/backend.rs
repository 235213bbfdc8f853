// SPDX-License-Identifier: GPL-2.0

//! The traits that a kind of I/O memory implements. Drivers use [`Io`](super::Io) instead.

use core::mem::MaybeUninit;

use zerocopy::{FromBytes, IntoBytes};

use super::Region;
use crate::ptr::KnownSize;

/// A kind of I/O memory: how its views look and how a part of one becomes a view itself.
pub trait IoBackend {
    /// A range of this memory that holds a `T`, usable for `'a`.
    ///
    /// An implementation keeps as an invariant that its views are made from pointers to a `T` in
    /// the sense of [`KnownSize`].
    type View<'a, T: ?Sized + KnownSize>: IoBase<'a, Backend = Self, Target = T>;

    /// Where `view` begins and how far it reaches. The pointer need not be one to Rust memory.
    fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T;

    /// The view of the part of `view` at `ptr`.
    ///
    /// # Safety
    ///
    /// - `ptr` is derived from what [`as_ptr`](Self::as_ptr) returns for `view`, and the bytes that
    ///   it covers by `U::size` lie within those that `as_ptr`'s result covers.
    /// - `ptr` is aligned to `U::ALIGN` and covers at least `U::MIN_SIZE` bytes.
    unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
        view: Self::View<'a, T>,
        ptr: *mut U,
    ) -> Self::View<'a, U>;
}

/// A kind of I/O memory that can read and write a `T` in one access.
pub trait IoCapable<T>: IoBackend {
    /// Reads the value.
    fn io_read<'a>(view: Self::View<'a, T>) -> T;

    /// Writes the value.
    fn io_write<'a>(view: Self::View<'a, T>, value: T);
}

/// A kind of I/O memory that can be copied from and to, in accesses of unspecified widths.
pub trait IoCopyable: IoBackend {
    /// Copies all of `view` to `buffer`.
    ///
    /// # Safety
    ///
    /// `buffer` is valid for writes of as many bytes as `view` has, and is not part of `view`.
    unsafe fn copy_from_io(view: Self::View<'_, [u8]>, buffer: *mut u8);

    /// Copies to all of `view` from `buffer`.
    ///
    /// # Safety
    ///
    /// `buffer` is valid for reads of as many bytes as `view` has, all of them initialised, and is
    /// not part of `view`.
    unsafe fn copy_to_io(view: Self::View<'_, [u8]>, buffer: *const u8);

    /// Reads a value by copying it. Another writer may be seen half-way.
    #[inline]
    fn copy_read<T: FromBytes>(view: Self::View<'_, T>) -> T {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: `copy_from_io` wants a buffer for the bytes of its view. Those are the bytes of
        // one `T` by `bytes_of`, and `value` is a local that holds one `T`.
        unsafe { Self::copy_from_io(bytes_of::<Self, T>(view), value.as_mut_ptr().cast()) };
        // SAFETY: `assume_init` wants a `T`. All bytes were written above, and `FromBytes` says
        // that any bytes are one.
        unsafe { value.assume_init() }
    }

    /// Writes a value by copying it. Another reader may see it half-way.
    #[inline]
    fn copy_write<T: IntoBytes>(view: Self::View<'_, T>, value: T) {
        let buffer = (&raw const value).cast();
        // SAFETY: `copy_to_io` wants as many initialised bytes as its view has. Those are the bytes
        // of one `T` by `bytes_of`; `value` is one, and `IntoBytes` says that it has no padding.
        unsafe { Self::copy_to_io(bytes_of::<Self, T>(view), buffer) };
    }
}

/// The bytes of a view of one `T`.
#[inline(always)]
fn bytes_of<'a, B: IoBackend + ?Sized, T>(view: B::View<'a, T>) -> B::View<'a, [u8]> {
    let bytes = core::ptr::slice_from_raw_parts_mut(B::as_ptr(view).cast::<u8>(), size_of::<T>());
    // SAFETY: `project_view` wants a pointer within the view: `bytes` covers the view's
    // `size_of::<T>()` bytes and no more. Bytes need no alignment, and a slice may have any length.
    unsafe { B::project_view(view, bytes) }
}

/// The place of a `T` in a `Base`: an offset, or a register's name.
///
/// What an implementation says is checked against the view at each access; a wrong offset cannot
/// reach outside of it.
pub trait IoLoc<Base: ?Sized, T> {
    /// The type of the access, `u8` to `u64` for registers.
    type IoType: Into<T> + From<T>;

    /// The offset from the start of the base in bytes, if it is a constant.
    ///
    /// Lets the accesses that are checked at build time report a mistake where it was made. Not
    /// part of Linux 7.3's interface, hence the default.
    const CONST_OFFSET: Option<usize> = None;

    /// The offset from the start of the base in bytes.
    fn offset(self) -> usize;
}

/// Lets an offset stand for the integer there.
macro_rules! impl_usize_ioloc {
    ($($ty:ty)*) => {$(
        impl<const SIZE: usize> IoLoc<Region<SIZE>, $ty> for usize {
            type IoType = $ty;

            #[inline(always)]
            fn offset(self) -> usize {
                self
            }
        }
    )*};
}

impl_usize_ioloc!(u8 u16 u32 u64);

/// What a view can be had from: a view itself, or a reference to the owner of some I/O memory.
pub trait IoBase<'a>: Copy {
    /// The kind of memory.
    type Backend: IoBackend;

    /// What the memory holds.
    type Target: ?Sized + KnownSize;

    /// The view of all of it.
    fn as_view(self) -> <Self::Backend as IoBackend>::View<'a, Self::Target>;
}
