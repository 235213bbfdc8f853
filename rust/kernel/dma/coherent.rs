// SPDX-License-Identifier: GPL-2.0

//! Memory that device and CPU see alike at any time: [`Coherent`], and [`CoherentHandle`] without
//! an address for the CPU.

use core::{ffi::c_void, ptr::NonNull};

use super::{Attrs, CoherentIoBackend, CoherentView, DmaAddress, Lease, Unbounded, Within, begin};
use crate::{
    alloc::{Flags, flags::__GFP_ZERO},
    bindings, debugfs,
    device::{self, Bound},
    ffi::c_ulong,
    fs::file,
    io::{IoBase, SysMem},
    prelude::*,
    ptr::KnownSize,
    transmute::{AsBytes, FromBytes},
    uaccess::{UserSliceWriter, advance, file_position},
};

/// An allocation of C's.
pub(super) struct Memory {
    device: NonNull<bindings::device>,
    /// The address for the CPU. For memory without such an address, the cookie that C returned.
    cpu: NonNull<c_void>,
    dma: DmaAddress,
    size: usize,
    attrs: c_ulong,
}

// SAFETY: `Send` requires that any thread may drop the value; any thread may free an allocation.
unsafe impl Send for Memory {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only numbers.
unsafe impl Sync for Memory {}

impl Memory {
    /// Allocates `size` bytes of zeroed memory.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// Errors: `EINVAL` if `size` is 0; the errors of `begin`; `ENOMEM`.
    fn alloc(
        device: &device::Device<Bound>,
        size: usize,
        flags: Flags,
        attrs: c_ulong,
    ) -> Result<Lease<Self>> {
        if size == 0 {
            return Err(EINVAL);
        }
        // C rounds the size up, and a size near the end of the address space would become 0.
        if isize::try_from(size).is_err() {
            return Err(ENOMEM);
        }
        begin(device)?;
        let mut dma = 0;
        // C warns about a size that it can never allocate, unless a flag forbids the warning.
        let mut flags_for_c = flags | __GFP_ZERO;
        if size > bindings::LB_LARGEST_PAGES {
            flags_for_c = flags_for_c | __GFP_NOWARN;
        }
        let zeroed = flags_for_c.as_raw();
        // SAFETY: `dma_alloc_attrs()` requires a live device that can do DMA; DEV-LIVE gives the
        // first, and `begin` checked the second.
        let cpu =
            unsafe { bindings::dma_alloc_attrs(device.as_raw(), size, &mut dma, zeroed, attrs) };
        let memory = Self {
            // SAFETY: `new_unchecked` requires a pointer that is not null; the pointer of a
            // reference is not.
            device: unsafe { NonNull::new_unchecked(device.as_raw()) },
            cpu: NonNull::new(cpu).ok_or(ENOMEM)?,
            dma,
            size,
            attrs,
        };
        Lease::new(device, memory, flags)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: `dma_free_attrs()` requires (1) the arguments and results of one call of
        // `dma_alloc_attrs()`, once, (2) a live device, (3) memory that no transfer uses. (1)
        // `alloc` stored them, and only `drop` frees the memory. (2) Managed resources are released
        // while the device lives. (3) DMA-QUIET.
        unsafe {
            bindings::dma_free_attrs(
                self.device.as_ptr(),
                self.size,
                self.cpu.as_ptr(),
                self.dma,
                self.attrs,
            )
        }
    }
}

/// Memory for a `T`, or for a slice, that the device reads and writes while the CPU does.
///
/// A reference to it is an [`Io`](crate::io::Io). The CPU accesses the memory through that trait,
/// or through [`io_read!`](crate::io_read), [`io_write!`](crate::io_write) and
/// [`io_project!`](crate::io_project). Each access is a single load or store, which is checked
/// against the bounds. Only the barriers of [`sync::barrier`](crate::sync::barrier) (`dma_*`) order
/// the accesses against each other.
///
/// Context: any context (accesses); process context with interrupts enabled (drop).
///
/// New memory is zeroed, and aligned to a page. Dropping this frees the memory; [`dma`](super) says
/// when exactly.
///
/// `H` says what becomes of memory whose handle is still there when the device is unbound.
///
/// - A `Coherent<T>` borrows nothing. Its memory stays for ever.
/// - A `Coherent<T, Within<'a>>` borrows the binding. Its handle can only have been forgotten, and
///   the end of the binding frees the memory. [`within`](Self::within) makes one.
///
/// ```
/// use kernel::{device::{Bound, Device}, dma::{Coherent, Within}, prelude::*};
///
/// fn page<'a>(dev: &'a Device<Bound>) -> Result<Coherent<[u8], Within<'a>>> {
///     Coherent::<u8>::zeroed_slice(dev, 4096, GFP_KERNEL)?.within(dev)
/// }
/// ```
///
/// # Invariants
///
/// DMA-MEMORY: until `lease` ends, `memory` is a `T` that is mapped for the CPU, and its address
/// for the device is `dma`. All accesses to it are volatile.
pub struct Coherent<T: KnownSize + ?Sized, H = Unbounded> {
    memory: NonNull<T>,
    dma: DmaAddress,
    lease: Lease<Memory, H>,
}

// SAFETY: `Send` requires that any thread may own the value; it owns its `T`s, as a box does.
unsafe impl<T: KnownSize + ?Sized + Send, H> Send for Coherent<T, H> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only volatile
// access, as views of system memory do.
unsafe impl<T: KnownSize + ?Sized + Send, H> Sync for Coherent<T, H> {}

impl<T: KnownSize + ?Sized> Coherent<T> {
    /// Borrows the binding: its end frees the memory even if the result is forgotten. Not in Linux
    /// 7.3.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// The memory is freed then, as when this is dropped.
    ///
    /// - `EINVAL`: the memory belongs to another device, or to an earlier binding of `dev`.
    /// - `EPERM`: no driver of this module has bound `dev`.
    pub fn within(self, dev: &device::Device<Bound>) -> Result<Coherent<T, Within<'_>>> {
        Ok(Coherent {
            memory: self.memory,
            dma: self.dma,
            lease: self.lease.within(dev)?,
        })
    }
}

impl<T: KnownSize + ?Sized, H> Coherent<T, H> {
    /// The number of bytes.
    ///
    /// Context: any context.
    #[inline]
    pub fn size(&self) -> usize {
        T::size(self.memory.as_ptr())
    }

    /// The address of the memory for the CPU.
    ///
    /// Context: any context.
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self.memory.as_ptr()
    }

    /// The address of the memory for the CPU.
    ///
    /// Context: any context.
    #[inline]
    pub fn as_mut_ptr(&self) -> *mut T {
        self.memory.as_ptr()
    }

    /// The address of the memory for the device.
    ///
    /// Context: any context.
    #[inline]
    pub fn dma_address(&self) -> DmaAddress {
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
    pub unsafe fn as_ref(&self) -> &T {
        // SAFETY: `as_ref` requires a valid `T` that nobody changes; DMA-MEMORY gives the first,
        // and the caller vouches for the second.
        unsafe { self.memory.as_ref() }
    }

    /// A unique reference to the memory.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// While the reference lives, neither the device nor other code may read or write the memory.
    #[inline]
    #[expect(
        clippy::mut_from_ref,
        reason = "the caller vouches that it is the only one"
    )]
    pub unsafe fn as_mut(&self) -> &mut T {
        // SAFETY: a unique reference requires a valid `T` that nobody else accesses; DMA-MEMORY
        // gives the first, and the caller vouches for the second.
        unsafe { &mut *self.memory.as_ptr() }
    }
}

impl<T: AsBytes + FromBytes> Coherent<T> {
    /// Allocates zeroed memory for one `T`.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// Nothing is allocated then.
    ///
    /// - `ENOMEM`.
    /// - `EINVAL`: a `T` has no bytes.
    /// - `EIO`: the device cannot do DMA.
    /// - `EBUSY`: a mask is being set.
    /// - `EPERM`: no driver of this module has bound the device.
    #[doc(alias("dma_alloc_attrs", "dmam_alloc_attrs", "dma_free_attrs"))]
    pub fn zeroed_with_attrs(
        dev: &device::Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        Self::alloc(dev, size_of::<T>(), gfp_flags, dma_attrs, |memory| memory)
    }

    /// Does what [`zeroed_with_attrs`](Self::zeroed_with_attrs) does, without attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`zeroed_with_attrs`](Self::zeroed_with_attrs).
    #[doc(alias("dma_alloc_coherent", "dmam_alloc_coherent", "dma_free_coherent"))]
    pub fn zeroed(dev: &device::Device<Bound>, gfp_flags: Flags) -> Result<Self> {
        Self::zeroed_with_attrs(dev, gfp_flags, Attrs::NONE)
    }

    /// Allocates memory and builds a `T` in it.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// The initialiser's error; otherwise the errors of
    /// [`zeroed_with_attrs`](Self::zeroed_with_attrs).
    pub fn init_with_attrs<E>(
        dev: &device::Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
        init: impl Init<T, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        let this = Self::zeroed_with_attrs(dev, gfp_flags, dma_attrs)?;
        // SAFETY: `__init` requires memory for a `T` that nobody else uses; DMA-MEMORY gives the
        // memory, and neither the device nor other code knows it yet. If the initialiser fails, the
        // memory is freed as bytes.
        unsafe { init.__init(this.as_mut_ptr()) }?;
        Ok(this)
    }

    /// Does what [`init_with_attrs`](Self::init_with_attrs) does, without attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`init_with_attrs`](Self::init_with_attrs).
    pub fn init<E>(
        dev: &device::Device<Bound>,
        gfp_flags: Flags,
        init: impl Init<T, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        Self::init_with_attrs(dev, gfp_flags, Attrs::NONE, init)
    }

    /// Allocates zeroed memory for `len` elements.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `len` is 0; `EOVERFLOW` if the elements do not fit into an address space;
    /// otherwise the errors of [`zeroed_with_attrs`](Self::zeroed_with_attrs).
    pub fn zeroed_slice_with_attrs(
        dev: &device::Device<Bound>,
        len: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Coherent<[T]>> {
        let size = len.checked_mul(size_of::<T>()).ok_or(EOVERFLOW)?;
        Coherent::alloc(dev, size, gfp_flags, dma_attrs, |memory: NonNull<T>| {
            NonNull::slice_from_raw_parts(memory, len)
        })
    }

    /// Does what [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs) does, without
    /// attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs).
    pub fn zeroed_slice(
        dev: &device::Device<Bound>,
        len: usize,
        gfp_flags: Flags,
    ) -> Result<Coherent<[T]>> {
        Self::zeroed_slice_with_attrs(dev, len, gfp_flags, Attrs::NONE)
    }

    /// Allocates memory and copies `data` into it.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// The errors of [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs).
    pub fn from_slice_with_attrs(
        dev: &device::Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Coherent<[T]>>
    where
        T: Copy,
    {
        let this = Self::zeroed_slice_with_attrs(dev, data.len(), gfp_flags, dma_attrs)?;
        let there = this.as_mut_ptr().cast::<T>();
        // SAFETY: `copy_from_nonoverlapping` requires `data.len()` elements on both sides, which do
        // not overlap. Both have that many. The memory is new, so nobody else uses it.
        unsafe { there.copy_from_nonoverlapping(data.as_ptr(), data.len()) };
        Ok(this)
    }

    /// Does what [`from_slice_with_attrs`](Self::from_slice_with_attrs) does, without attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`from_slice_with_attrs`](Self::from_slice_with_attrs).
    pub fn from_slice(
        dev: &device::Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
    ) -> Result<Coherent<[T]>>
    where
        T: Copy,
    {
        Self::from_slice_with_attrs(dev, data, gfp_flags, Attrs::NONE)
    }
}

impl<T: KnownSize + ?Sized> Coherent<T> {
    /// Allocates `size` bytes. `whole` makes the pointer to all of them. All bytes are zero, which
    /// must be a valid `T`.
    fn alloc<E: AsBytes + FromBytes>(
        dev: &device::Device<Bound>,
        size: usize,
        flags: Flags,
        attrs: Attrs,
        whole: impl FnOnce(NonNull<E>) -> NonNull<T>,
    ) -> Result<Self> {
        const {
            assert!(
                align_of::<E>() <= bindings::LB_PAGE_SIZE,
                "C aligns to a page"
            )
        };
        let lease = Memory::alloc(dev, size, flags, attrs.as_raw())?;
        // INVARIANT: DMA-MEMORY: `Memory::alloc` allocated `size` bytes there, and each named
        // attribute keeps the mapping for the CPU.
        Ok(Self {
            memory: whole(lease.payload().cpu.cast()),
            dma: lease.payload().dma,
            lease,
        })
    }
}

impl<T, H> Coherent<[T], H> {
    /// The number of elements.
    ///
    /// Context: any context.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.memory.len()
    }
}

/// Writes the bytes of the memory as they are at the time of the read.
impl<T: KnownSize + AsBytes + ?Sized, H> debugfs::BinaryWriter for Coherent<T, H> {
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        let Some(start) = file_position(self.size(), *offset)? else {
            return Ok(0);
        };
        // OVERFLOW: `file_position` returns a position within the memory.
        let count = (self.size() - start).min(writer.len());
        writer.write_dma(self, start, count)?;
        Ok(advance(offset, count))
    }
}

impl<'a, T: KnownSize + ?Sized, H> IoBase<'a> for &'a Coherent<T, H> {
    type Backend = CoherentIoBackend;
    type Target = T;

    #[inline]
    fn as_view(self) -> CoherentView<'a, T> {
        // SAFETY: `SysMem::new` requires (1) aligned and initialised memory for the borrow, (2)
        // that no Rust reference to it is used. (1) DMA-MEMORY. (2) The callers of `as_ref` and
        // `as_mut` vouch that no view is used meanwhile.
        let memory = unsafe { SysMem::new(self.memory.as_ptr()) };
        CoherentView::new(memory, self.dma)
    }
}

impl UserSliceWriter {
    /// Writes `count` bytes of memory for DMA, from `offset` on. The bytes are copied as they are
    /// at the time of the copy.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ERANGE` if `alloc` has no `count` bytes from `offset` on; otherwise the errors of
    /// [`write_slice`](Self::write_slice).
    pub fn write_dma<T: KnownSize + AsBytes + ?Sized, H>(
        &mut self,
        alloc: &Coherent<T, H>,
        offset: usize,
        count: usize,
    ) -> Result {
        match offset.checked_add(count) {
            Some(end) if end <= alloc.size() => {}
            _ => return Err(ERANGE),
        }
        let start = alloc.as_ptr().cast::<u8>().wrapping_add(offset);
        // SAFETY: `write_raw` requires `count` initialised bytes at `start`. The range was checked,
        // the memory exists while `alloc` is borrowed, and a `T: AsBytes` has no padding. C does
        // the copy, so others may write meanwhile.
        unsafe { self.write_raw(start, count) }
    }
}

/// Memory that only the device uses. It has no address for the CPU.
///
/// Dropping this frees the memory, at the same times as for [`Coherent`], whose documentation also
/// says what `H` is.
pub struct CoherentHandle<H = Unbounded>(Lease<Memory, H>);

impl CoherentHandle {
    /// Allocates `size` bytes.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// The errors of [`Coherent::zeroed_with_attrs`].
    pub fn alloc_with_attrs(
        dev: &device::Device<Bound>,
        size: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        let attrs = dma_attrs.as_raw() | bindings::DMA_ATTR_NO_KERNEL_MAPPING as c_ulong;
        Memory::alloc(dev, size, gfp_flags, attrs).map(Self)
    }

    /// Does what [`alloc_with_attrs`](Self::alloc_with_attrs) does, without attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`alloc_with_attrs`](Self::alloc_with_attrs).
    pub fn alloc(dev: &device::Device<Bound>, size: usize, gfp_flags: Flags) -> Result<Self> {
        Self::alloc_with_attrs(dev, size, gfp_flags, Attrs::NONE)
    }

    /// Borrows the binding, as [`Coherent::within`] does. Not in Linux 7.3.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// The errors of [`Coherent::within`].
    pub fn within(self, dev: &device::Device<Bound>) -> Result<CoherentHandle<Within<'_>>> {
        self.0.within(dev).map(CoherentHandle)
    }
}

impl<H> CoherentHandle<H> {
    /// The address of the memory for the device.
    ///
    /// Context: any context.
    pub fn dma_address(&self) -> DmaAddress {
        self.0.payload().dma
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    pub fn size(&self) -> usize {
        self.0.payload().size
    }
}
