// SPDX-License-Identifier: GPL-2.0

//! Device registers in memory: [`Mmio`] and [`RelaxedMmio`] (`<linux/io.h>`, `<asm/io.h>`).
//!
//! On x86-64, the only supported architecture, an access is a single `mov`, as in C. The compiler
//! moves no other memory access across an access of [`Mmio`], and the CPU keeps the order of
//! accesses by itself.

use core::arch::asm;
use core::marker::PhantomData;

use super::copy::{copy_from_volatile, copy_to_volatile};
use super::{IoBackend, IoBase, IoCapable, IoCopyable, Region};
use crate::error::Result;
use crate::ptr::KnownSize;

#[cfg(not(target_arch = "x86_64"))]
compile_error!("the order of MMIO accesses is written down for x86-64 only");

/// The address of a `T` in device memory, with no promise that it is mapped (`void __iomem *`).
///
/// # Invariants
///
/// For `T = Region<SIZE>`, such a region can exist: see [`Region::ptr_try_from_raw_parts_mut`].
pub struct MmioRaw<T: ?Sized> {
    ptr: *mut T,
}

impl<T: ?Sized> Copy for MmioRaw<T> {}

impl<T: ?Sized> Clone for MmioRaw<T> {
    fn clone(&self) -> Self {
        *self
    }
}

// SAFETY: `Send` requires that any thread may own the value; an address gives no access to the
// memory there.
unsafe impl<T: ?Sized> Send for MmioRaw<T> {}

// SAFETY: `Sync` requires that threads may share the value; an address gives no access to the
// memory there.
unsafe impl<T: ?Sized> Sync for MmioRaw<T> {}

impl<T> MmioRaw<T> {
    /// The `T` at `addr`, a virtual address.
    #[inline]
    pub fn new(addr: usize) -> Self {
        // INVARIANT: `T` is sized, so it is not a `Region`.
        Self {
            ptr: core::ptr::with_exposed_provenance_mut(addr),
        }
    }
}

impl<const SIZE: usize> MmioRaw<Region<SIZE>> {
    /// The region of `size` bytes at `addr`, a virtual address.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `size` is less than `SIZE`, or if no such region can exist: see
    /// [`Region::ptr_try_from_raw_parts_mut`].
    #[inline]
    pub fn new_region(addr: usize, size: usize) -> Result<Self> {
        let base = core::ptr::with_exposed_provenance_mut(addr);
        // INVARIANT: the callee checks that such a region can exist.
        Region::ptr_try_from_raw_parts_mut(base, size).map(|ptr| Self { ptr })
    }
}

impl<T: ?Sized + KnownSize> MmioRaw<T> {
    /// The virtual address.
    #[inline(always)]
    pub fn addr(&self) -> usize {
        self.ptr.cast::<u8>().addr()
    }

    /// The number of bytes.
    #[inline(always)]
    pub fn size(&self) -> usize {
        T::size(self.ptr)
    }
}

/// Implements the traits of a view for a struct of `ptr` and `mapping`.
macro_rules! impl_view {
    ($view:ident, $backend:ident) => {
        impl<T: ?Sized> Copy for $view<'_, T> {}

        impl<T: ?Sized> Clone for $view<'_, T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        // SAFETY: `Send` requires that any thread may own the value; the mapping is the same on
        // every CPU and in every thread, and a view owns no `T`.
        unsafe impl<T: ?Sized> Send for $view<'_, T> {}

        // SAFETY: `Sync` requires that threads may share the value. Accesses are volatile, and
        // reach memory that Rust does not own. So accesses of several threads are no data race; the
        // device decides on their effect.
        unsafe impl<T: ?Sized> Sync for $view<'_, T> {}

        impl<'a, T: ?Sized + KnownSize> IoBase<'a> for $view<'a, T> {
            type Backend = $backend;
            type Target = T;

            #[inline(always)]
            fn as_view(self) -> Self {
                self
            }
        }
    };
}

/// Implements the backend of such a view.
macro_rules! impl_backend {
    ($view:ident, $backend:ident) => {
        impl IoBackend for $backend {
            type View<'a, T: ?Sized + KnownSize> = $view<'a, T>;

            #[inline(always)]
            fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
                view.ptr
            }

            #[inline(always)]
            unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
                _view: Self::View<'a, T>,
                ptr: *mut U,
            ) -> Self::View<'a, U> {
                // INVARIANT: the caller vouches that `ptr` is aligned, and that it covers enough
                // bytes within the view. The view's mapping lasts for `'a`.
                $view {
                    ptr,
                    mapping: PhantomData,
                }
            }
        }
    };
}

/// Device registers that are mapped for `'a`, and accessed as by `readl()` and `writel()`.
///
/// # Invariants
///
/// For `'a`, `ptr` points to a mapped `T`, as [`Mmio::from_raw`] requires.
pub struct Mmio<'a, T: ?Sized> {
    ptr: *mut T,
    mapping: PhantomData<&'a ()>,
}

impl_view!(Mmio, MmioBackend);

/// The backend of [`Mmio`].
pub struct MmioBackend;

impl_backend!(Mmio, MmioBackend);

/// Device registers that are mapped for `'a`, and accessed as by `readl_relaxed()` and
/// `writel_relaxed()`.
///
/// The compiler keeps the order of these accesses, but may move accesses to ordinary memory across
/// them. [`Mmio::relaxed`] makes such a view.
///
/// # Invariants
///
/// The invariants of [`Mmio`].
#[doc(alias(
    "readb_relaxed",
    "readw_relaxed",
    "readl_relaxed",
    "readq_relaxed",
    "writeb_relaxed",
    "writew_relaxed",
    "writel_relaxed",
    "writeq_relaxed"
))]
pub struct RelaxedMmio<'a, T: ?Sized> {
    ptr: *mut T,
    mapping: PhantomData<&'a ()>,
}

impl_view!(RelaxedMmio, RelaxedMmioBackend);

/// The backend of [`RelaxedMmio`].
pub struct RelaxedMmioBackend;

impl_backend!(RelaxedMmio, RelaxedMmioBackend);

impl<'a, T: ?Sized> Mmio<'a, T> {
    /// The view of the registers that are mapped at `raw`.
    ///
    /// # Safety
    ///
    /// For all of `'a`:
    ///
    /// - `raw` is aligned to `T::ALIGN` and covers at least `T::MIN_SIZE` bytes (for a [`Region`],
    ///   the invariant of `MmioRaw` gives this);
    /// - all bytes that it covers are mapped as MMIO, as by `ioremap()` or `pci_iomap()` of a
    ///   memory BAR;
    /// - no Rust reference reaches any of these bytes;
    /// - no read or write of these bytes by a driver, at any width, harms the kernel's memory.
    #[inline(always)]
    pub unsafe fn from_raw(raw: MmioRaw<T>) -> Self {
        // INVARIANT: the caller vouches for it.
        Self {
            ptr: raw.ptr,
            mapping: PhantomData,
        }
    }

    /// The same registers with relaxed accesses.
    #[inline(always)]
    pub fn relaxed(self) -> RelaxedMmio<'a, T> {
        // INVARIANT: `self` gives it, for the same mapping.
        RelaxedMmio {
            ptr: self.ptr,
            mapping: PhantomData,
        }
    }
}

/// Keeps the compiler from moving memory accesses across it (`barrier()`). It is no instruction.
#[inline(always)]
fn barrier() {
    // SAFETY: `asm!` requires a template that keeps Rust's rules; an empty template changes
    // nothing.
    unsafe { asm!("", options(nostack, preserves_flags)) };
}

/// No barrier: the relaxed twin of [`barrier`].
#[inline(always)]
fn no_barrier() {}

/// Implements single accesses of some widths.
///
/// The arguments are the barrier between an access and other memory accesses, and the matching
/// `asm!` options. Then follow, for each type, the register class and the name of such a register
/// in `asm!`.
macro_rules! impl_mmio_io_capable {
    ($backend:ident, $barrier:ident, options $options:tt:
     $($ty:ident in $class:ident as $operand:literal;)*) => {$(
        impl IoCapable<$ty> for $backend {
            #[inline(always)]
            fn io_read<'a>(view: Self::View<'a, $ty>) -> $ty {
                $barrier();
                // SAFETY: `read_volatile` requires an aligned pointer to readable memory with a
                // valid value; the view's invariant gives the memory, and every bit pattern is an
                // integer.
                let mut value = unsafe { view.ptr.read_volatile() };
                // The value passes through a register here. Otherwise the read could become part of
                // an instruction that computes with the value, and an emulator of MMIO may not know
                // that instruction.
                //
                // SAFETY: `asm!` requires a template that keeps Rust's rules; the template is a
                // comment, so the register keeps its value.
                unsafe {
                    asm!(
                        concat!("/* ", $operand, " */"),
                        inout($class) value,
                        options $options,
                    )
                };
                value
            }

            #[inline(always)]
            fn io_write<'a>(view: Self::View<'a, $ty>, value: $ty) {
                $barrier();
                // SAFETY: `write_volatile` requires an aligned pointer to writable memory, without
                // references to it; the view's invariant gives both.
                unsafe { view.ptr.write_volatile(value) };
                $barrier();
            }
        }
    )*};
}

impl_mmio_io_capable! {
    MmioBackend, barrier, options(nostack, preserves_flags):
    u8 in reg_byte as "{0}";
    u16 in reg as "{0:x}";
    u32 in reg as "{0:e}";
    u64 in reg as "{0}";
}

impl_mmio_io_capable! {
    RelaxedMmioBackend, no_barrier, options(nomem, nostack, preserves_flags):
    u8 in reg_byte as "{0}";
    u16 in reg as "{0:x}";
    u32 in reg as "{0:e}";
    u64 in reg as "{0}";
}

/// Copies as `memcpy_fromio()` and `memcpy_toio()` do: no access is wider than 4 bytes.
///
/// These are functions of their own, as in C. The compiler sees that a called function has finished
/// with the buffer, and moves no value that was read into one. It does not see that of assembler
/// code.
impl IoCopyable for MmioBackend {
    #[inline(never)]
    unsafe fn copy_from_io(view: Mmio<'_, [u8]>, buffer: *mut u8) {
        barrier();
        // SAFETY: `copy_from_volatile` requires a readable source, and room for as many bytes; the
        // view's invariant gives the first, and the caller vouches for the second.
        unsafe { copy_from_volatile::<u32>(view.ptr, buffer) };
        barrier();
    }

    #[inline(never)]
    unsafe fn copy_to_io(view: Mmio<'_, [u8]>, buffer: *const u8) {
        barrier();
        // SAFETY: `copy_to_volatile` requires a writable destination, and as many initialised bytes
        // to read; the view's invariant gives the first, and the caller vouches for the second.
        unsafe { copy_to_volatile::<u32>(buffer, view.ptr) };
        barrier();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::code::EINVAL;
    use crate::io::Io;
    use crate::io::testing::Memory;

    #[test]
    fn raw_regions_are_checked() {
        let raw = MmioRaw::<Region<13>>::new_region(0x1000, 13).unwrap();
        assert_eq!((raw.addr(), raw.size()), (0x1000, 13));
        for (addr, size) in [(0x1000, 12), (0x1004, 16), (0, 16), (usize::MAX - 7, 16)] {
            assert_eq!(
                MmioRaw::<Region<13>>::new_region(addr, size).err(),
                Some(EINVAL)
            );
        }
        assert_eq!(MmioRaw::<u32>::new(0x1004).size(), 4);
    }

    #[test]
    fn relaxed_views_are_of_the_same_registers() {
        let memory = Memory::new(16);
        let io = memory.mmio::<16>();
        io.relaxed().write32(0x1234_5678, 4);
        assert_eq!(io.read32(4), 0x1234_5678);
        assert_eq!(io.relaxed().size(), 16);
    }

    #[test]
    fn bytes_are_copied_in_and_out() {
        let memory = Memory::new(16);
        memory.count_up();
        let io = memory.mmio::<16>();
        let mut all = io.try_cast::<[u8; 16]>().unwrap().copy_read();
        assert_eq!(all[..], memory.bytes());
        all.reverse();
        io.try_cast::<[u8; 16]>().unwrap().copy_write(all);
        assert_eq!(memory.bytes(), all);
    }

    #[test]
    fn views_go_to_other_threads() {
        let memory = Memory::new(16);
        let io = memory.mmio::<16>();
        std::thread::scope(|scope| {
            scope.spawn(move || io.write32(7, 12));
        });
        assert_eq!(io.read32(12), 7);
    }
}
