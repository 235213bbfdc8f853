// SPDX-License-Identifier: GPL-2.0

//! [`SysMem`]: system memory that others change too (`READ_ONCE()`, `<asm/rwonce.h>`).

use core::marker::PhantomData;

use super::copy::{copy_from_volatile, copy_to_volatile};
use super::{IoBackend, IoBase, IoCapable, IoCopyable};
use crate::ptr::KnownSize;

/// System memory for `'a` that a device, or another view, may read and write at the same time.
///
/// Each access of up to 8 bytes is one load or store (`READ_ONCE()`, `WRITE_ONCE()`), in order
/// among the volatile accesses of the same CPU. It is not ordered against other memory accesses.
///
/// # Invariants
///
/// For `'a`, `ptr` points to a `T` as [`SysMem::new`] demands.
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

// SAFETY: kernel memory is the same in every thread, and a view owns no `T`.
unsafe impl<T: ?Sized> Send for SysMem<'_, T> {}

// SAFETY: all accesses through views are volatile, and by `new`'s demand there are no others of
// this program's. Concurrent ones are loads and stores in the kernel's memory model, not data
// races.
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
    /// - no Rust reference to any of them is used, and all accesses by this program are volatile;
    /// - whatever is written to them, at any width, nothing else relies on it for soundness.
    #[inline(always)]
    pub unsafe fn new(ptr: *mut T) -> Self {
        // INVARIANT: by this function's own demand.
        Self {
            ptr,
            memory: PhantomData,
        }
    }

    /// Where the memory begins and how far it reaches.
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
        // SAFETY: `new` wants a pointer to memory that others access by the rules: by this
        // function's own demand `ptr` is aligned, covers enough bytes, and they lie within the
        // view.
        unsafe { SysMem::new(ptr) }
    }
}

/// Implements single accesses of some widths.
macro_rules! impl_sysmem_io_capable {
    ($($ty:ident)*) => {$(
        impl IoCapable<$ty> for SysMemBackend {
            #[inline(always)]
            fn io_read<'a>(view: SysMem<'a, $ty>) -> $ty {
                // SAFETY: `read_volatile` wants an aligned pointer to initialised memory: the
                // view's invariant.
                unsafe { view.ptr.read_volatile() }
            }

            #[inline(always)]
            fn io_write<'a>(view: SysMem<'a, $ty>, value: $ty) {
                // SAFETY: `write_volatile` wants an aligned pointer to writable memory: the view's
                // invariant. No Rust reference can see the change.
                unsafe { view.ptr.write_volatile(value) };
            }
        }
    )*};
}

impl_sysmem_io_capable!(u8 u16 u32 u64);

impl IoCopyable for SysMemBackend {
    #[inline]
    unsafe fn copy_from_io(view: SysMem<'_, [u8]>, buffer: *mut u8) {
        // SAFETY: `copy_from_volatile` wants a readable source: the view's invariant; and room for
        // as much: this function's own demand.
        unsafe { copy_from_volatile::<u64>(view.ptr, buffer) };
    }

    #[inline]
    unsafe fn copy_to_io(view: SysMem<'_, [u8]>, buffer: *const u8) {
        // SAFETY: `copy_to_volatile` wants a writable destination: the view's invariant; and as
        // many initialised bytes to take from: this function's own demand.
        unsafe { copy_to_volatile::<u64>(buffer, view.ptr) };
    }
}
