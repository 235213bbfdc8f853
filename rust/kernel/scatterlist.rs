// SPDX-License-Identifier: GPL-2.0

//! Scatter-gather lists: large buffers that are mapped for a device in pieces.
//!
//! C header: [`include/linux/scatterlist.h`](srctree/include/linux/scatterlist.h)
//!
//! ```
//! use kernel::{
//!     device::{Bound, Device}, dma::DataDirection, prelude::*, scatterlist::{Owned, SGTable},
//! };
//!
//! #[pin_data]
//! struct Data {
//!     #[pin]
//!     image: SGTable<Owned<VVec<u8>>>,
//! }
//!
//! fn data(dev: &Device<Bound>, image: VVec<u8>) -> impl PinInit<Data, Error> + '_ {
//!     try_pin_init!(Data {
//!         image <- SGTable::new(dev, image, DataDirection::ToDevice, GFP_KERNEL),
//!     })
//! }
//!
//! fn show(dev: &Device<Bound>, data: &Data) {
//!     for piece in data.image.iter() {
//!         dev_info!(dev, "{} bytes at {:#x}\n", piece.dma_len(), piece.dma_address());
//!     }
//! }
//! ```
//!
//! [`SGTable::new_within`] returns a table that borrows the binding. Such a table lends its buffer
//! to the CPU in turns, and gives it back.

use core::{marker::PhantomData, mem::MaybeUninit, ops::Deref, ptr::NonNull};

use crate::{
    alloc::Flags,
    bindings,
    device::{self, Bound},
    dma::{self, CpuAccess, DataDirection, DmaAddress, Lease, Streaming, Unbounded, Within},
    error::to_result,
    ffi::c_uint,
    io::ResourceSize,
    page::PAGE_SIZE,
    prelude::*,
    ptr::KnownSize,
    types::Opaque,
};

/// A buffer of whole pages that an [`SGTable`] can own: [`VVec`] with all of its capacity, and
/// [`VBox`].
///
/// # Safety
///
/// 1. [`memory`](Self::memory) must return the start and the size of initialised memory of
///    `vmalloc()`, from its first page on. Only the buffer owns that memory, and any bytes must be
///    valid in it. The memory must stay in place until the buffer is dropped or changed, even if
///    the value that owns it moves.
/// 2. [`content`](Self::content) must return a pointer to a value in that memory.
pub unsafe trait PageBuffer: Send + 'static {
    /// The type of the buffer's content.
    type Content: KnownSize + ?Sized;

    /// The memory that the device uses: its start, and its size in bytes.
    ///
    /// Context: any context.
    fn memory(&mut self) -> (NonNull<u8>, usize);

    /// The content, which the CPU uses.
    ///
    /// Context: any context.
    fn content(&mut self) -> NonNull<Self::Content>;
}

// SAFETY: `PageBuffer` requires (1) initialised memory of `vmalloc()` that only the buffer owns, in
// which any bytes are valid, and which stays; (2) that the content is in it. (1) A `VVec` owns such
// memory, and moves it only when it is changed. `IntoBytes` and the zeros below initialise it, and
// `FromBytes` accepts any bytes. (2) The elements are in the memory.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> PageBuffer for VVec<T> {
    type Content = [T];

    fn memory(&mut self) -> (NonNull<u8>, usize) {
        // The device reads nothing that was here before.
        self.spare_capacity_mut().fill_with(MaybeUninit::zeroed);
        let start = NonNull::from(self.as_mut_slice()).cast();
        // OVERFLOW: the product is the size of memory that exists, or 0.
        (start, self.capacity() * size_of::<T>())
    }

    fn content(&mut self) -> NonNull<[T]> {
        NonNull::from(self.as_mut_slice())
    }
}

// SAFETY: `PageBuffer` requires the same as for a `VVec`. A `VBox` owns its memory, never moves it,
// and has one value in it.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> PageBuffer for VBox<T> {
    type Content = T;

    fn memory(&mut self) -> (NonNull<u8>, usize) {
        (self.content().cast(), size_of::<T>())
    }

    fn content(&mut self) -> NonNull<T> {
        NonNull::from(&mut **self)
    }
}

/// A table of the pages of a buffer. Dropping it frees the table, not the buffer.
struct Table(bindings::sg_table);

impl Table {
    /// Makes a table of the `size` bytes from `start` on, in pieces of at most `longest` bytes.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// Errors: `ENOMEM`.
    ///
    /// # Safety
    ///
    /// `start` must point to `size` bytes of `vmalloc()`ed memory, from their first page on.
    unsafe fn new(start: NonNull<u8>, size: usize, longest: c_uint, flags: Flags) -> Result<Self> {
        let count = size.div_ceil(PAGE_SIZE);
        let mut pages = KVVec::with_capacity(count, flags)?;
        for index in 0..count {
            // OVERFLOW: the address lies within the memory.
            let address = start.as_ptr().wrapping_add(index * PAGE_SIZE);
            // SAFETY: `vmalloc_to_page` requires an address in memory of `vmalloc()`; the caller
            // vouches for it.
            let page = unsafe { bindings::vmalloc_to_page(address.cast()) };
            pages.push(page, flags)?;
        }
        let count = c_uint::try_from(count)?;
        let mut table = bindings::sg_table::default();
        // SAFETY: the C function requires `count` pages that hold `size` bytes from offset 0 on;
        // `pages` has the pages of the memory, which starts at a page.
        to_result(unsafe {
            bindings::sg_alloc_table_from_pages_segment(
                &mut table,
                pages.as_mut_ptr(),
                count,
                0,
                size,
                longest,
                flags.as_raw(),
            )
        })?;
        Ok(Self(table))
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: `sg_free_table` requires an allocated table, once; `new` allocated it, and only
        // `drop` frees it.
        unsafe { bindings::sg_free_table(&mut self.0) }
    }
}

/// The mapping of a buffer, its table, and the buffer. `drop` unmaps the buffer; then the fields
/// are dropped in this order.
struct Mapping<P> {
    device: NonNull<bindings::device>,
    direction: bindings::dma_data_direction,
    table: Table,
    // `None` if the driver took the buffer back.
    buffer: Option<P>,
}

// SAFETY: `Send` requires that any thread may drop the value; any thread may unmap, and `P` is
// `Send`.
unsafe impl<P: Send> Send for Mapping<P> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only numbers.
unsafe impl<P> Sync for Mapping<P> {}

impl<P: PageBuffer> Mapping<P> {
    /// Maps all of a buffer's memory.
    ///
    /// Context: process context; may sleep.
    ///
    /// Errors: those of [`SGTable::new`].
    fn new(
        device: &device::Device<Bound>,
        mut buffer: P,
        direction: DataDirection,
        flags: Flags,
    ) -> Result<Self> {
        let (start, size) = buffer.memory();
        if size == 0 || direction == DataDirection::None {
            return Err(EINVAL);
        }
        dma::begin(device)?;
        let (raw, direction) = (device.as_raw(), direction.into());
        // SAFETY: the shim requires a live device, and that nobody changes the size meanwhile;
        // DEV-LIVE gives the first, and `begin` fixes the size before the first mapping.
        let longest = unsafe { bindings::lb_dma_get_max_seg_size(raw) };
        // C warns about sizes below a page.
        if usize::try_from(longest)? < PAGE_SIZE {
            return Err(EINVAL);
        }
        // SAFETY: `new` requires `size` bytes of `vmalloc()`, from their first page on:
        // `PageBuffer`.
        let mut table = unsafe { Table::new(start, size, longest, flags) }?;
        // SAFETY: `dma_map_sgtable` requires a live device that can do DMA, and a table of live
        // pages. DEV-LIVE and `begin` give the device; the buffer owns the pages.
        to_result(unsafe { bindings::dma_map_sgtable(raw, &mut table.0, direction, 0) })?;
        Ok(Self {
            // SAFETY: `new_unchecked` requires a pointer that is not null; the pointer of a
            // reference is not.
            device: unsafe { NonNull::new_unchecked(raw) },
            direction,
            table,
            buffer: Some(buffer),
        })
    }
}

impl<P> Drop for Mapping<P> {
    fn drop(&mut self) {
        // SAFETY: `lb_dma_unmap_sgtable` requires (1) a mapped table, once, (2) a live device, (3)
        // that no transfer uses the buffer. (1) `new` mapped it, and only `drop` unmaps. (2)
        // Managed resources are released while the device lives, and so is a lease that is taken
        // off their list. (3) DMA-QUIET.
        unsafe {
            bindings::lb_dma_unmap_sgtable(self.device.as_ptr(), &mut self.table.0, self.direction)
        }
    }
}

mod private {
    /// What an `SGTable` may be.
    pub trait Sealed {}
}

impl private::Sealed for Borrowed {}
impl<P: PageBuffer, H> private::Sealed for Owned<P, H> {}

/// A table of the pieces of a mapped buffer.
///
/// An `SGTable<Owned<P>>` owns the buffer. It dereferences to an `SGTable`, which is the table
/// alone.
///
/// Dropping this unmaps and frees the buffer; [`dma`] says when exactly, and what becomes of a
/// table that is forgotten.
pub struct SGTable<T: private::Sealed = Borrowed>(T);

/// What an [`SGTable`] is without its buffer.
///
/// # Invariants
///
/// The pieces of the table stay as long as this is borrowed.
pub struct Borrowed(bindings::sg_table);

// SAFETY: `Send` requires that any thread may own the value; it has only numbers, and pointers to
// memory that does not change.
unsafe impl Send for Borrowed {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only addresses
// and sizes.
unsafe impl Sync for Borrowed {}

/// What an [`SGTable`] is with its buffer.
///
/// An `Owned<P>` borrows nothing. If it is still there when the device is unbound, its buffer stays
/// mapped for ever. An `Owned<P, Within<'a>>` borrows the binding, whose end unmaps and frees the
/// buffer even if this was forgotten. [`SGTable::new_within`] makes one.
///
/// # Invariants
///
/// SG-MAPPED: `content` is in the memory of the buffer in `lease`, and nobody else uses that
/// memory. `table` is a copy of the table in `lease`, with the pieces of the mapping. Memory and
/// pieces stay until `lease` ends.
pub struct Owned<P: PageBuffer, H = Unbounded> {
    table: SGTable,
    content: NonNull<P::Content>,
    lease: Lease<Mapping<P>, H>,
}

// SAFETY: `Send` requires that any thread may own the value; it owns the buffer, which is `Send`.
unsafe impl<P: PageBuffer, H> Send for Owned<P, H> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only addresses
// and sizes.
unsafe impl<P: PageBuffer, H> Sync for Owned<P, H> {}

impl<P: PageBuffer> SGTable<Owned<P>> {
    /// Maps a buffer: all of its memory, even what a [`VVec`] does not use.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The buffer is dropped then.
    ///
    /// - `EINVAL`: the buffer has no memory, `dir` is `None`, or the device's pieces have to be
    ///   smaller than a page.
    /// - `ENOMEM`.
    /// - Errors of `dma_map_sgtable()`, such as `EIO`.
    /// - Otherwise the errors of [`dma::Mapped::new`].
    #[doc(alias(
        "dma_map_sg",
        "dma_map_sgtable",
        "dma_unmap_sg",
        "sg_alloc_table",
        "sg_alloc_table_from_pages",
        "sg_init_table",
        "sg_init_one"
    ))]
    pub fn new(
        dev: &device::Device<Bound>,
        pages: P,
        dir: DataDirection,
        flags: Flags,
    ) -> impl PinInit<Self, Error> + '_ {
        pin_init::pin_init_scope(move || Ok(Self::map(dev, pages, dir, flags)))
    }

    /// Maps a buffer, as [`new`](Self::new) does, for a table that borrows the binding. Not in
    /// Linux 7.3.
    ///
    /// ```
    /// use kernel::{
    ///     device::{Bound, Device},
    ///     dma::{DataDirection, Within},
    ///     prelude::*,
    ///     scatterlist::{Owned, SGTable},
    /// };
    ///
    /// fn image<'a>(
    ///     dev: &'a Device<Bound>,
    ///     image: VVec<u8>,
    /// ) -> Result<SGTable<Owned<VVec<u8>, Within<'a>>>> {
    ///     SGTable::new_within(dev, image, DataDirection::ToDevice, GFP_KERNEL)
    /// }
    /// ```
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    pub fn new_within(
        dev: &device::Device<Bound>,
        pages: P,
        dir: DataDirection,
        flags: Flags,
    ) -> Result<SGTable<Owned<P, Within<'_>>>> {
        let this = Self::map(dev, pages, dir, flags)?.0;
        Ok(SGTable(Owned {
            table: this.table,
            content: this.content,
            lease: this.lease.within(dev)?,
        }))
    }

    fn map(
        dev: &device::Device<Bound>,
        mut pages: P,
        dir: DataDirection,
        flags: Flags,
    ) -> Result<Self> {
        let content = pages.content();
        let mapping = Mapping::new(dev, pages, dir, flags)?;
        // INVARIANT: SG-MAPPED: the buffer and the table move into the lease, but the memory and
        // the pieces stay in place.
        Ok(Self(Owned {
            table: SGTable(Borrowed(bindings::sg_table { ..mapping.table.0 })),
            content,
            lease: Lease::new(dev, mapping, flags)?,
        }))
    }
}

impl<P: PageBuffer> SGTable<Owned<P, Within<'_>>> {
    /// Gives the buffer to the CPU, until the result is dropped. Not in Linux 7.3.
    ///
    /// The documentation of [`dma::Mapped`] says more about owners in turn.
    ///
    /// Context: any context.
    ///
    /// The device should not use the buffer meanwhile: both may read old or new bytes then.
    #[doc(alias(
        "dma_sync_sg_for_cpu",
        "dma_sync_sg_for_device",
        "dma_sync_sgtable_for_cpu"
    ))]
    pub fn sync_for_cpu(&mut self) -> CpuAccess<'_, Self> {
        CpuAccess::new(self)
    }

    /// Unmaps the buffer and returns it. By calling this, the caller says that the device no longer
    /// uses the buffer. Not in Linux 7.3.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the binding has ended the mapping. That cannot happen while the driver's data
    /// lives.
    pub fn into_inner(self) -> Result<P> {
        let mut mapping = self.0.lease.into_payload()?;
        let buffer = mapping.buffer.take();
        drop(mapping);
        buffer.ok_or(ENODEV)
    }
}

impl<P: PageBuffer, H> Deref for SGTable<Owned<P, H>> {
    type Target = SGTable;

    fn deref(&self) -> &SGTable {
        &self.0.table
    }
}

impl SGTable {
    /// The pieces of the buffer as the device sees them, in order.
    ///
    /// Context: any context.
    pub fn iter(&self) -> SGTableIter<'_> {
        SGTableIter {
            next: NonNull::new(self.0.0.sgl),
            left: self.0.0.nents,
            _table: PhantomData,
        }
    }
}

// SAFETY: `Streaming` requires initialised memory in which any bytes are valid, that stays as long
// as `self`, and that is used only through `CpuAccess`. `PageBuffer` gives the first, SG-MAPPED
// gives the others.
unsafe impl<P: PageBuffer> Streaming for SGTable<Owned<P, Within<'_>>> {
    type Content = P::Content;

    fn memory(&self) -> NonNull<P::Content> {
        self.0.content
    }

    fn sync(&mut self, for_cpu: bool) {
        let sync = if for_cpu {
            bindings::lb_dma_sync_sgtable_for_cpu
        } else {
            bindings::lb_dma_sync_sgtable_for_device
        };
        let mapping = self.0.lease.payload();
        // SAFETY: the shim requires the device, the table and the direction of a mapping:
        // SG-MAPPED. The binding, which this borrows, keeps the device bound.
        unsafe {
            sync(
                mapping.device.as_ptr(),
                &mut self.0.table.0.0,
                mapping.direction,
            )
        }
    }
}

/// One piece of a mapped buffer: contiguous for the device.
///
/// # Invariants
///
/// This is an entry of a mapped table, which stays as long as this is borrowed.
#[repr(transparent)]
pub struct SGEntry(Opaque<bindings::scatterlist>);

// SAFETY: `Send` requires that any thread may own the value; nobody owns an entry, and it does not
// change while it is borrowed.
unsafe impl Send for SGEntry {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only numbers.
unsafe impl Sync for SGEntry {}

impl SGEntry {
    /// The address of the piece for the device.
    ///
    /// Context: any context.
    #[doc(alias = "sg_dma_address")]
    pub fn dma_address(&self) -> DmaAddress {
        // SAFETY: the shim requires an entry of a mapped table; the type's invariant gives one.
        unsafe { bindings::lb_sg_dma_address(self.0.get()) }
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    pub fn dma_len(&self) -> ResourceSize {
        // SAFETY: the shim requires an entry of a mapped table; the type's invariant gives one.
        unsafe { bindings::lb_sg_dma_len(self.0.get()) }.into()
    }
}

/// An iterator over the pieces of a mapped buffer, which [`SGTable::iter`] returns.
pub struct SGTableIter<'a> {
    next: Option<NonNull<bindings::scatterlist>>,
    left: c_uint,
    _table: PhantomData<&'a SGTable>,
}

impl<'a> Iterator for SGTableIter<'a> {
    type Item = &'a SGEntry;

    fn next(&mut self) -> Option<&'a SGEntry> {
        self.left = self.left.checked_sub(1)?;
        let entry = self.next?;
        // SAFETY: `lb_sg_next` requires an entry of a live table; the table is borrowed, and its
        // pieces stay meanwhile (`Borrowed`).
        self.next = NonNull::new(unsafe { bindings::lb_sg_next(entry.as_ptr()) });
        // SAFETY: the reference requires a live entry for `'a`; the table is borrowed for `'a`.
        Some(unsafe { entry.cast::<SGEntry>().as_ref() })
    }
}
