// SPDX-License-Identifier: GPL-2.0

//! [`SysMem`]: system memory that others change, too (`READ_ONCE()`, `<asm/rwonce.h>`).

use core::marker::PhantomData;

use super::copy::{copy_from_volatile, copy_to_volatile};
use super::{IoBackend, IoBase, IoCapable, IoCopyable};
use crate::ptr::KnownSize;

/// System memory for `'a` that a device, or another view, may read and write at the same time.
///
/// Each access of up to 8 bytes is one load or store (`READ_ONCE()`, `WRITE_ONCE()`). Volatile
/// accesses of the same CPU stay in order among each other. They are not ordered against other
/// memory accesses.
///
/// # Invariants
///
/// For `'a`, `ptr` points to a `T`, as [`SysMem::new`] requires.
pub struct SysMem<'a, T: ?Sized> {
    ptr: *mut T,
    memory: PhantomData<&'a ()>,
}

impl<T: ?Sized> Copy for SysMem<'_, T> {}

impl<T: ?Sized> Clone for SysMem<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

// SAFETY: `Send` requires that any thread may own the value; kernel memory is the same in every
// thread, and a view owns no `T`.
unsafe impl<T: ?Sized> Send for SysMem<'_, T> {}

// SAFETY: `Sync` requires that threads may share the value. All accesses through views are
// volatile, and `new` requires that this program makes no others. Concurrent volatile accesses are
// loads and stores in the kernel's memory model, not data races.
unsafe impl<T: ?Sized> Sync for SysMem<'_, T> {}

impl<'a, T: ?Sized> SysMem<'a, T> {
    /// The view of the memory at `ptr`.
    ///
    /// # Safety
    ///
    /// For all of `'a`:
    ///
    /// - `ptr` is aligned to `T::ALIGN` and covers at least `T::MIN_SIZE` bytes;
    /// - all the bytes that it covers are initialised system memory, mapped for reads and writes;
    /// - no Rust reference to any of these bytes is used, and all accesses by this program are
    ///   volatile;
    /// - nothing relies for soundness on the content of these bytes, which may be written at any
    ///   width.
    #[inline(always)]
    pub unsafe fn new(ptr: *mut T) -> Self {
        // INVARIANT: the caller vouches for it.
        Self {
            ptr,
            memory: PhantomData,
        }
    }

    /// The start and the extent of the memory.
    #[inline(always)]
    pub fn as_ptr(self) -> *mut T {
        self.ptr
    }
}

impl<'a, T: ?Sized + KnownSize> IoBase<'a> for SysMem<'a, T> {
    type Backend = SysMemBackend;
    type Target = T;

    #[inline(always)]
    fn as_view(self) -> Self {
        self
    }
}

/// The backend of [`SysMem`].
pub struct SysMemBackend;

impl IoBackend for SysMemBackend {
    type View<'a, T: ?Sized + KnownSize> = SysMem<'a, T>;

    #[inline(always)]
    fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
        view.ptr
    }

    #[inline(always)]
    unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
        _view: Self::View<'a, T>,
        ptr: *mut U,
    ) -> Self::View<'a, U> {
        // SAFETY: `new` requires an aligned pointer to enough bytes that others access by the
        // rules. The caller vouches that `ptr` is aligned, and covers enough bytes within the view.
        // The view's invariant gives the rest.
        unsafe { SysMem::new(ptr) }
    }
}

/// Implements single accesses of some widths.
macro_rules! impl_sysmem_io_capable {
    ($($ty:ident)*) => {$(
        impl IoCapable<$ty> for SysMemBackend {
            #[inline(always)]
            fn io_read<'a>(view: SysMem<'a, $ty>) -> $ty {
                // SAFETY: `read_volatile` requires an aligned pointer to initialised memory; the
                // view's invariant gives it.
                unsafe { view.ptr.read_volatile() }
            }

            #[inline(always)]
            fn io_write<'a>(view: SysMem<'a, $ty>, value: $ty) {
                // SAFETY: `write_volatile` requires an aligned pointer to writable memory, without
                // references to it; the view's invariant gives both.
                unsafe { view.ptr.write_volatile(value) };
            }
        }
    )*};
}

impl_sysmem_io_capable!(u8 u16 u32 u64);

impl IoCopyable for SysMemBackend {
    #[inline]
    unsafe fn copy_from_io(view: SysMem<'_, [u8]>, buffer: *mut u8) {
        // SAFETY: `copy_from_volatile` requires a readable source, and room for as many bytes; the
        // view's invariant gives the first, and the caller vouches for the second.
        unsafe { copy_from_volatile::<u64>(view.ptr, buffer) };
    }

    #[inline]
    unsafe fn copy_to_io(view: SysMem<'_, [u8]>, buffer: *const u8) {
        // SAFETY: `copy_to_volatile` requires a writable destination, and as many initialised bytes
        // to read; the view's invariant gives the first, and the caller vouches for the second.
        unsafe { copy_to_volatile::<u64>(buffer, view.ptr) };
    }
}
