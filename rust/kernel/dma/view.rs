// SPDX-License-Identifier: GPL-2.0

//! [`CoherentView`]: a part of coherent memory, with its address for the device.

use super::DmaAddress;
use crate::{
    io::{IoBackend, IoBase, IoCapable, IoCopyable, SysMem, SysMemBackend},
    ptr::KnownSize,
};

/// A part of [`Coherent`](super::Coherent) memory.
///
/// [`io_project!`](crate::io_project) and [`Io::try_cast`](crate::io::Io::try_cast) make such
/// views. Accesses work as for the whole memory.
pub struct CoherentView<'a, T: ?Sized> {
    memory: SysMem<'a, T>,
    dma: DmaAddress,
}

impl<T: ?Sized> Copy for CoherentView<'_, T> {}

impl<T: ?Sized> Clone for CoherentView<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, T: ?Sized> CoherentView<'a, T> {
    pub(super) fn new(memory: SysMem<'a, T>, dma: DmaAddress) -> Self {
        Self { memory, dma }
    }

    /// The memory without its address for the device.
    ///
    /// Context: any context.
    #[inline]
    pub fn as_sys_mem(self) -> SysMem<'a, T> {
        self.memory
    }

    /// The address of the part for the device.
    ///
    /// Context: any context.
    #[inline]
    pub fn dma_address(self) -> DmaAddress {
        self.dma
    }

    /// A reference to the memory.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// While the reference lives, neither the device nor the CPU may write to the memory.
    #[inline]
    pub unsafe fn as_ref(self) -> &'a T {
        // SAFETY: a reference requires a valid `T` that nobody changes; a view's memory is
        // initialised and aligned for `'a`, and the caller vouches for the second.
        unsafe { &*self.memory.as_ptr() }
    }

    /// A unique reference to the memory.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// While the reference lives, neither the device nor other code may read or write the memory.
    #[inline]
    pub unsafe fn as_mut(self) -> &'a mut T {
        // SAFETY: a unique reference requires a valid `T` that nobody else accesses; a view's
        // memory is initialised and aligned for `'a`, and the caller vouches for the second.
        unsafe { &mut *self.memory.as_ptr() }
    }
}

impl<'a, T: ?Sized + KnownSize> IoBase<'a> for CoherentView<'a, T> {
    type Backend = CoherentIoBackend;
    type Target = T;

    #[inline(always)]
    fn as_view(self) -> Self {
        self
    }
}

/// The backend of [`CoherentView`].
pub struct CoherentIoBackend;

impl IoBackend for CoherentIoBackend {
    type View<'a, T: ?Sized + KnownSize> = CoherentView<'a, T>;

    #[inline(always)]
    fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
        view.memory.as_ptr()
    }

    #[inline(always)]
    unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
        view: Self::View<'a, T>,
        ptr: *mut U,
    ) -> Self::View<'a, U> {
        let start = view.memory.as_ptr().cast::<u8>().addr();
        // OVERFLOW: the part lies within the view, and each byte of the view has an address for the
        // device.
        let dma = view.dma + (ptr.cast::<u8>().addr() - start) as DmaAddress;
        CoherentView {
            // SAFETY: `project_view` of system memory has the same requirements as this method; the
            // caller vouches for them.
            memory: unsafe { SysMemBackend::project_view(view.memory, ptr) },
            dma,
        }
    }
}

impl<T> IoCapable<T> for CoherentIoBackend
where
    SysMemBackend: IoCapable<T>,
{
    #[inline(always)]
    fn io_read<'a>(view: Self::View<'a, T>) -> T {
        SysMemBackend::io_read(view.memory)
    }

    #[inline(always)]
    fn io_write<'a>(view: Self::View<'a, T>, value: T) {
        SysMemBackend::io_write(view.memory, value)
    }
}

impl IoCopyable for CoherentIoBackend {
    #[inline]
    unsafe fn copy_from_io(view: Self::View<'_, [u8]>, buffer: *mut u8) {
        // SAFETY: the callee has the same requirements as this method; the caller vouches for them.
        unsafe { SysMemBackend::copy_from_io(view.memory, buffer) }
    }

    #[inline]
    unsafe fn copy_to_io(view: Self::View<'_, [u8]>, buffer: *const u8) {
        // SAFETY: the callee has the same requirements as this method; the caller vouches for them.
        unsafe { SysMemBackend::copy_to_io(view.memory, buffer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{Io, io_project, io_read, io_write};

    #[test]
    fn parts_have_their_own_address() {
        let mut memory = [1_u32, 2, 3, 4];
        // SAFETY: `new` requires memory that is used only through views; the local is, while the
        // view lives.
        let view = CoherentView::new(unsafe { SysMem::new(&raw mut memory) }, 0x1_0000_0000);
        let third = io_project!(view, [2]);
        assert_eq!(third.dma_address(), 0x1_0000_0008);
        third.write_val(30);
        io_write!(view, [3], 40);
        assert_eq!(io_read!(view, [2]), 30);
        let bytes = view.try_cast::<[u8; 16]>().unwrap();
        assert_eq!(io_project!(bytes, [13]).dma_address(), 0x1_0000_000d);
        assert_eq!(bytes.copy_read()[12], 40);
        assert_eq!(memory, [1, 2, 30, 40]);
    }
}
