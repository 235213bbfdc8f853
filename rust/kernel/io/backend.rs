// SPDX-License-Identifier: GPL-2.0

//! The traits that each kind of I/O memory implements. Drivers use [`Io`](super::Io) instead.

use core::mem::MaybeUninit;

use zerocopy::{FromBytes, IntoBytes};

use super::Region;
use crate::ptr::KnownSize;

/// A kind of I/O memory: the type of its views, and the step from a view to a view of a part.
pub trait IoBackend {
    /// A range of this memory that holds a `T`, usable for `'a`.
    ///
    /// An implementation keeps this invariant: its views are made of pointers to a `T` in the sense
    /// of [`KnownSize`].
    type View<'a, T: ?Sized + KnownSize>: IoBase<'a, Backend = Self, Target = T>;

    /// The start and the extent of `view`. The pointer need not point to Rust memory.
    fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T;

    /// The view of the part of `view` at `ptr`.
    ///
    /// # Safety
    ///
    /// - `ptr` is derived from the pointer that [`as_ptr`](Self::as_ptr) returns for `view`. The
    ///   bytes that `ptr` covers by `U::size` lie within those that the pointer of `view` covers.
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

    /// Reads a value by copying it. The value may have parts of another writer's unfinished write.
    #[inline]
    fn copy_read<T: FromBytes>(view: Self::View<'_, T>) -> T {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: `copy_from_io` requires a buffer for the bytes of its view, outside of the view.
        // `bytes_of` gives the bytes of one `T`, and `value` is a local that holds one `T`.
        unsafe { Self::copy_from_io(bytes_of::<Self, T>(view), value.as_mut_ptr().cast()) };
        // SAFETY: `assume_init` requires a valid `T`; all bytes were written above, and any bytes
        // are a `T: FromBytes`.
        unsafe { value.assume_init() }
    }

    /// Writes a value by copying it. Another reader may see a part of the write.
    #[inline]
    fn copy_write<T: IntoBytes>(view: Self::View<'_, T>, value: T) {
        let buffer = (&raw const value).cast();
        // SAFETY: `copy_to_io` requires as many initialised bytes as its view has, outside of the
        // view. `bytes_of` gives the bytes of one `T`. `value` is a `T`, and `IntoBytes` means that
        // it has no padding.
        unsafe { Self::copy_to_io(bytes_of::<Self, T>(view), buffer) };
    }
}

/// The bytes of a view of one `T`.
#[inline(always)]
fn bytes_of<'a, B: IoBackend + ?Sized, T>(view: B::View<'a, T>) -> B::View<'a, [u8]> {
    let bytes = core::ptr::slice_from_raw_parts_mut(B::as_ptr(view).cast::<u8>(), size_of::<T>());
    // SAFETY: `project_view` requires an aligned pointer to bytes within the view; `bytes` covers
    // the view's `size_of::<T>()` bytes and no more. Bytes need no alignment, and a slice may have
    // any length.
    unsafe { B::project_view(view, bytes) }
}

/// The location of a `T` in a `Base`: an offset, or a register's name.
///
/// Each access checks the offset against the view, so a wrong implementation cannot reach outside
/// of the view.
pub trait IoLoc<Base: ?Sized, T> {
    /// The type of the access, `u8` to `u64` for registers.
    type IoType: Into<T> + From<T>;

    /// The offset from the start of the base in bytes, if it is a constant.
    ///
    /// With this constant, accesses that are checked at build time report a mistake at its place.
    /// Not in Linux 7.3, hence the default.
    const CONST_OFFSET: Option<usize> = None;

    /// The offset from the start of the base in bytes.
    fn offset(self) -> usize;
}

/// Makes an offset the location of an integer.
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

/// A type that gives a view: a view itself, or a reference to the owner of I/O memory.
pub trait IoBase<'a>: Copy {
    /// The kind of memory.
    type Backend: IoBackend;

    /// The type that the memory holds.
    type Target: ?Sized + KnownSize;

    /// The view of all the memory.
    fn as_view(self) -> <Self::Backend as IoBackend>::View<'a, Self::Target>;
}
