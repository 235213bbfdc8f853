// SPDX-License-Identifier: GPL-2.0

//! Memory that device and CPU see alike: [`Coherent`], and [`CoherentHandle`] without an address for the CPU.

use core::{ffi::c_void, marker::PhantomData, ptr::NonNull};

use super::{Attrs, CoherentIoBackend, CoherentView, DmaAddress, Lease, begin};
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

/// An allocation, as C knows it.
pub(super) struct Memory {
    device: NonNull<bindings::device>,
    /// Its address; of one without mapping, what C calls it.
    cpu: NonNull<c_void>,
    dma: DmaAddress,
    size: usize,
    attrs: c_ulong,
}

// SAFETY: an allocation may be freed on any thread.
unsafe impl Send for Memory {}

// SAFETY: numbers.
unsafe impl Sync for Memory {}

impl Memory {
    /// Allocates zeroed memory, at least one byte of it. May sleep as `flags` allow.
    ///
    /// Errors: `EINVAL` for no bytes; those of `begin`; `ENOMEM`.
    fn alloc(
        device: &device::Device<Bound>,
        size: usize,
        flags: Flags,
        attrs: c_ulong,
    ) -> Result<Lease<'_, Self>> {
        if size == 0 {
            return Err(EINVAL);
        }
        // Near the end of the address space, C rounds up to none.
        if isize::try_from(size).is_err() {
            return Err(ENOMEM);
        }
        begin(device)?;
        let mut dma = 0;
        // C warns about more than it could ever have, unless it is told not to.
        let mut flags_for_c = flags | __GFP_ZERO;
        if size > bindings::LB_LARGEST_PAGES {
            flags_for_c = flags_for_c | __GFP_NOWARN;
        }
        let zeroed = flags_for_c.as_raw();
        // SAFETY: `dma_alloc_attrs()` wants a live device that can do DMA: `begin`.
        let cpu =
            unsafe { bindings::dma_alloc_attrs(device.as_raw(), size, &mut dma, zeroed, attrs) };
        let memory = Self {
            // SAFETY: a reference's pointer is not null.
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
        // SAFETY: `dma_free_attrs()` wants what `dma_alloc_attrs()` was told and gave, once; the device is alive. No
        // transfer uses it: DMA-QUIET.
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
/// A reference to it is an [`Io`](crate::io::Io): the CPU's accesses go through that trait, through
/// [`io_read!`](crate::io_read), [`io_write!`](crate::io_write) and [`io_project!`](crate::io_project), each a single
/// load or store that is checked against the bounds, in any context. Nothing orders them against each other but the
/// barriers of [`sync::barrier`](crate::sync::barrier) (`dma_*`).
///
/// The memory is zeroed, and aligned to a page. Dropping this gives it back (see [`dma`](super) for when exactly), which
/// needs process context with interrupts enabled; a value that is forgotten is given back when the binding ends.
///
/// # Invariants
///
/// DMA-MEMORY: `memory` is a `T` that is mapped for the CPU, at the device's address `dma`, until `lease` ends. All its
/// accesses are volatile.
pub struct Coherent<'a, T: KnownSize + ?Sized> {
    memory: NonNull<T>,
    dma: DmaAddress,
    _lease: Lease<'a, Memory>,
    _content: PhantomData<T>,
}

// SAFETY: it owns its `T`s, as a box does.
unsafe impl<T: KnownSize + ?Sized + Send> Send for Coherent<'_, T> {}

// SAFETY: a shared reference gives volatile access only, as views of system memory do.
unsafe impl<T: KnownSize + ?Sized + Send> Sync for Coherent<'_, T> {}

impl<T: KnownSize + ?Sized> Coherent<'_, T> {
    /// The number of bytes. Any context.
    #[inline]
    pub fn size(&self) -> usize {
        T::size(self.memory.as_ptr())
    }

    /// Where the memory is for the CPU. Any context.
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self.memory.as_ptr()
    }

    /// Where the memory is for the CPU. Any context.
    #[inline]
    pub fn as_mut_ptr(&self) -> *mut T {
        self.memory.as_ptr()
    }

    /// Where the memory is for the device. Any context.
    #[inline]
    pub fn dma_address(&self) -> DmaAddress {
        self.dma
    }

    /// The memory as Rust's own. Any context.
    ///
    /// # Safety
    ///
    /// While the reference lives, neither the device nor the CPU may write to the memory.
    #[inline]
    pub unsafe fn as_ref(&self) -> &T {
        // SAFETY: DMA-MEMORY; the caller keeps others from changing it.
        unsafe { self.memory.as_ref() }
    }

    /// The memory as Rust's own, to change. Any context.
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
        // SAFETY: DMA-MEMORY; the caller keeps others away.
        unsafe { &mut *self.memory.as_ptr() }
    }
}

impl<'a, T: AsBytes + FromBytes> Coherent<'a, T> {
    /// Allocates zeroed memory for one `T`. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `EINVAL` for a `T` without bytes; `EIO` if the device cannot do DMA; `EBUSY` while a mask is being set;
    /// `EPERM` if no driver of this module has bound it. Nothing is allocated then.
    pub fn zeroed_with_attrs(
        dev: &'a device::Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        Self::alloc(dev, size_of::<T>(), gfp_flags, dma_attrs, |memory| memory)
    }

    /// [`zeroed_with_attrs`](Self::zeroed_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn zeroed(dev: &'a device::Device<Bound>, gfp_flags: Flags) -> Result<Self> {
        Self::zeroed_with_attrs(dev, gfp_flags, Attrs::NONE)
    }

    /// Allocates memory and builds a `T` in it. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// The initialiser's error; otherwise as [`zeroed_with_attrs`](Self::zeroed_with_attrs).
    pub fn init_with_attrs<E>(
        dev: &'a device::Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
        init: impl Init<T, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        let this = Self::zeroed_with_attrs(dev, gfp_flags, dma_attrs)?;
        // SAFETY: `__init` wants memory for a `T` that nobody else uses: DMA-MEMORY, and neither device nor CPU know it
        // yet. If it fails, what it leaves is freed as bytes.
        unsafe { init.__init(this.as_mut_ptr()) }?;
        Ok(this)
    }

    /// [`init_with_attrs`](Self::init_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn init<E>(
        dev: &'a device::Device<Bound>,
        gfp_flags: Flags,
        init: impl Init<T, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        Self::init_with_attrs(dev, gfp_flags, Attrs::NONE, init)
    }

    /// Allocates zeroed memory for `len` elements. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// `EINVAL` for no elements; `EOVERFLOW` for more than fit into an address space; otherwise as
    /// [`zeroed_with_attrs`](Self::zeroed_with_attrs).
    pub fn zeroed_slice_with_attrs(
        dev: &'a device::Device<Bound>,
        len: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Coherent<'a, [T]>> {
        let size = len.checked_mul(size_of::<T>()).ok_or(EOVERFLOW)?;
        Coherent::alloc(dev, size, gfp_flags, dma_attrs, |memory: NonNull<T>| {
            NonNull::slice_from_raw_parts(memory, len)
        })
    }

    /// [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn zeroed_slice(
        dev: &'a device::Device<Bound>,
        len: usize,
        gfp_flags: Flags,
    ) -> Result<Coherent<'a, [T]>> {
        Self::zeroed_slice_with_attrs(dev, len, gfp_flags, Attrs::NONE)
    }

    /// Allocates memory and copies `data` into it. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// As [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs).
    pub fn from_slice_with_attrs(
        dev: &'a device::Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Coherent<'a, [T]>>
    where
        T: Copy,
    {
        let this = Self::zeroed_slice_with_attrs(dev, data.len(), gfp_flags, dma_attrs)?;
        let there = this.as_mut_ptr().cast::<T>();
        // SAFETY: both have `data.len()` elements; the memory is new, so that nobody else uses it.
        unsafe { there.copy_from_nonoverlapping(data.as_ptr(), data.len()) };
        Ok(this)
    }

    /// [`from_slice_with_attrs`](Self::from_slice_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn from_slice(
        dev: &'a device::Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
    ) -> Result<Coherent<'a, [T]>>
    where
        T: Copy,
    {
        Self::from_slice_with_attrs(dev, data, gfp_flags, Attrs::NONE)
    }
}

impl<'a, T: KnownSize + ?Sized> Coherent<'a, T> {
    /// Allocates `size` bytes; `whole` makes the pointer to all of them. The content is zero bytes, and must be valid.
    fn alloc<E: AsBytes + FromBytes>(
        dev: &'a device::Device<Bound>,
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
        // INVARIANT: DMA-MEMORY: `size` bytes were allocated there; none of the named attributes leaves out the mapping.
        Ok(Self {
            memory: whole(lease.payload().cpu.cast()),
            dma: lease.payload().dma,
            _lease: lease,
            _content: PhantomData,
        })
    }
}

impl<T> Coherent<'_, [T]> {
    /// The number of elements. Any context.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.memory.len()
    }
}

/// The memory as it is found while it is read.
impl<T: KnownSize + AsBytes + ?Sized> debugfs::BinaryWriter for Coherent<'_, T> {
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        let Some(start) = file_position(self.size(), *offset)? else {
            return Ok(0);
        };
        // OVERFLOW: a position is inside.
        let count = (self.size() - start).min(writer.len());
        writer.write_dma(self, start, count)?;
        Ok(advance(offset, count))
    }
}

impl<'a, T: KnownSize + ?Sized> IoBase<'a> for &'a Coherent<'_, T> {
    type Backend = CoherentIoBackend;
    type Target = T;

    #[inline]
    fn as_view(self) -> CoherentView<'a, T> {
        // SAFETY: DMA-MEMORY: there, aligned and initialised as long as `self` is borrowed. A reference by `as_ref` or
        // `as_mut` has a caller who keeps accesses by views away.
        let memory = unsafe { SysMem::new(self.memory.as_ptr()) };
        CoherentView::new(memory, self.dma)
    }
}

impl UserSliceWriter {
    /// Writes the `count` bytes of memory for DMA from `offset` on, as they are found while they are copied. May sleep.
    ///
    /// # Errors
    ///
    /// `ERANGE` if there are not so many; as [`write_slice`](Self::write_slice).
    pub fn write_dma<T: KnownSize + AsBytes + ?Sized>(
        &mut self,
        alloc: &Coherent<'_, T>,
        offset: usize,
        count: usize,
    ) -> Result {
        match offset.checked_add(count) {
            Some(end) if end <= alloc.size() => {}
            _ => return Err(ERANGE),
        }
        let start = alloc.as_ptr().cast::<u8>().wrapping_add(offset);
        // SAFETY: the range was checked; the memory is there while it is borrowed. No byte of it is padding, and C copies
        // what others may be writing.
        unsafe { self.write_raw(start, count) }
    }
}

/// Memory that the device alone uses: it has no address for the CPU.
///
/// Given back as [`Coherent`] is.
pub struct CoherentHandle<'a>(Lease<'a, Memory>);

impl<'a> CoherentHandle<'a> {
    /// Allocates `size` bytes. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// As [`Coherent::zeroed_with_attrs`].
    pub fn alloc_with_attrs(
        dev: &'a device::Device<Bound>,
        size: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        let attrs = dma_attrs.as_raw() | bindings::DMA_ATTR_NO_KERNEL_MAPPING as c_ulong;
        Memory::alloc(dev, size, gfp_flags, attrs).map(Self)
    }

    /// [`alloc_with_attrs`](Self::alloc_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn alloc(dev: &'a device::Device<Bound>, size: usize, gfp_flags: Flags) -> Result<Self> {
        Self::alloc_with_attrs(dev, size, gfp_flags, Attrs::NONE)
    }

    /// Where the memory is for the device. Any context.
    pub fn dma_address(&self) -> DmaAddress {
        self.0.payload().dma
    }

    /// The number of bytes. Any context.
    pub fn size(&self) -> usize {
        self.0.payload().size
    }
}
