// SPDX-License-Identifier: GPL-2.0

//! Scatter-gather lists: large buffers that are mapped for a device in pieces.
//!
//! C header: [`include/linux/scatterlist.h`](srctree/include/linux/scatterlist.h)
//!
//! ```
//! use kernel::{device::{Bound, Device}, dma::DataDirection, prelude::*, scatterlist::SGTable};
//!
//! fn image<'a>(dev: &'a Device<Bound>, image: VVec<u8>) -> Result<SGTable<'a, u8>> {
//!     let table = SGTable::new(dev, image, DataDirection::ToDevice, GFP_KERNEL)?;
//!     for piece in table.iter() {
//!         dev_info!(dev, "{} bytes at {:#x}\n", piece.dma_len(), piece.dma_address());
//!     }
//!     Ok(table)
//! }
//! ```

use core::{marker::PhantomData, ptr::NonNull};

use crate::{
    alloc::Flags,
    bindings,
    device::{self, Bound},
    dma::{self, CpuAccess, DataDirection, DmaAddress, Lease, Streaming},
    error::to_result,
    ffi::c_uint,
    prelude::*,
};

/// A table of the pages of a buffer. Dropping it frees the table, not the buffer.
struct Table(bindings::sg_table);

impl Table {
    /// Makes a table of pieces of at most `longest` bytes. Errors:
    ///
    /// Context: any context; sleeps as `flags` allow.
    /// `ENOMEM`.
    fn new<T>(buffer: &mut VVec<T>, size: usize, longest: c_uint, flags: Flags) -> Result<Self> {
        let start = buffer.as_mut_ptr().cast::<u8>();
        let count = size.div_ceil(bindings::LB_PAGE_SIZE);
        let mut pages = KVVec::with_capacity(count, flags)?;
        for index in 0..count {
            // OVERFLOW: the address lies within the buffer.
            let address = start.wrapping_add(index * bindings::LB_PAGE_SIZE);
            // SAFETY: `vmalloc_to_page` requires an address in memory of `vmalloc()`; the buffer is
            // such memory, and starts at a page.
            let page = unsafe { bindings::vmalloc_to_page(address.cast()) };
            pages.push(page, flags)?;
        }
        let count = c_uint::try_from(count)?;
        let mut table = bindings::sg_table::default();
        // SAFETY: the C function requires `count` pages that hold `size` bytes from offset 0 on;
        // `pages` has the pages of the buffer, which starts at a page.
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
struct Mapping<T> {
    device: NonNull<bindings::device>,
    direction: bindings::dma_data_direction,
    table: Table,
    // `None` if the driver took the buffer back.
    buffer: Option<VVec<T>>,
}

// SAFETY: `Send` requires that any thread may drop the value; any thread may unmap, and `T` is
// `Send`.
unsafe impl<T: Send> Send for Mapping<T> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only numbers.
unsafe impl<T> Sync for Mapping<T> {}

impl<T> Drop for Mapping<T> {
    fn drop(&mut self) {
        // SAFETY: `lb_dma_unmap_sgtable` requires (1) a mapped table, once, (2) a live device, (3)
        // that no transfer uses the buffer. (1) `SGTable::new` mapped it, and only `drop` unmaps.
        // (2) Managed resources are released while the device lives. (3) DMA-QUIET.
        unsafe {
            bindings::lb_dma_unmap_sgtable(self.device.as_ptr(), &mut self.table.0, self.direction)
        }
    }
}

/// A `vmalloc()`ed buffer that is mapped for a device in pieces, and owned by the mapping.
///
/// The documentation of [`dma::Mapped`] about owners in turn and about dropping applies here, too.
///
/// # Invariants
///
/// SG-MAPPED: `memory` is the memory of the buffer in `lease`, and nobody else uses that memory.
/// `table` is a copy of the table in `lease`, with the pieces of the mapping. Memory and pieces
/// stay until `lease` ends.
pub struct SGTable<'a, T: FromBytes + IntoBytes + Send + 'static> {
    memory: NonNull<[T]>,
    table: bindings::sg_table,
    direction: bindings::dma_data_direction,
    device: &'a device::Device<Bound>,
    lease: Lease<'a, Mapping<T>>,
}

// SAFETY: `Send` requires that any thread may own the value; it owns the buffer, and `T` is `Send`.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> Send for SGTable<'_, T> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only addresses
// and sizes.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> Sync for SGTable<'_, T> {}

impl<'a, T: FromBytes + IntoBytes + Send + 'static> SGTable<'a, T> {
    /// Maps a buffer.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The buffer is dropped then.
    ///
    /// - `EINVAL`: the buffer is empty, `direction` is `None`, or the device's pieces have to be
    ///   smaller than a page.
    /// - `ENOMEM`.
    /// - Errors of `dma_map_sgtable()`, such as `EIO`.
    /// - Otherwise the errors of [`dma::Mapped::new`].
    pub fn new(
        device: &'a device::Device<Bound>,
        mut buffer: VVec<T>,
        direction: DataDirection,
        flags: Flags,
    ) -> Result<Self> {
        let memory = NonNull::from(buffer.as_mut_slice());
        let size = size_of_val(buffer.as_slice());
        if size == 0 || direction == DataDirection::None {
            return Err(EINVAL);
        }
        dma::begin(device)?;
        let (raw, direction) = (device.as_raw(), direction.into());
        // SAFETY: the shim requires a live device, and that nobody changes the size meanwhile;
        // DEV-LIVE gives the first, and `begin` fixes the size before the first mapping.
        let longest = unsafe { bindings::lb_dma_get_max_seg_size(raw) };
        // C warns about sizes below a page.
        if usize::try_from(longest)? < bindings::LB_PAGE_SIZE {
            return Err(EINVAL);
        }
        let mut table = Table::new(&mut buffer, size, longest, flags)?;
        // SAFETY: `dma_map_sgtable` requires a live device that can do DMA, and a table of live
        // pages. DEV-LIVE and `begin` give the device; the buffer owns the pages.
        to_result(unsafe { bindings::dma_map_sgtable(raw, &mut table.0, direction, 0) })?;
        // INVARIANT: SG-MAPPED: the buffer and the table move into the lease, but the memory and
        // the pieces stay in place.
        Ok(Self {
            memory,
            table: bindings::sg_table { ..table.0 },
            direction,
            device,
            lease: Lease::new(
                device,
                Mapping {
                    // SAFETY: `new_unchecked` requires a pointer that is not null; the pointer of a
                    // reference is not.
                    device: unsafe { NonNull::new_unchecked(raw) },
                    direction,
                    table,
                    buffer: Some(buffer),
                },
                flags,
            )?,
        })
    }

    /// The pieces of the buffer as the device sees them, in order.
    ///
    /// Context: any context.
    pub fn iter(&self) -> SGTableIter<'_> {
        SGTableIter {
            next: NonNull::new(self.table.sgl),
            left: self.table.nents,
            _table: PhantomData,
        }
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    pub fn size(&self) -> usize {
        // OVERFLOW: the product is the size of a buffer that exists.
        self.memory.len() * size_of::<T>()
    }

    /// Gives the buffer to the CPU, until the result is dropped.
    ///
    /// Context: any context.
    ///
    /// The device should not use the buffer meanwhile: both may read old or new bytes then.
    pub fn sync_for_cpu(&mut self) -> CpuAccess<'_, Self> {
        CpuAccess::new(self)
    }

    /// Unmaps the buffer and returns it. By calling this, the caller says that the device no longer
    /// uses the buffer.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the binding has ended the mapping. That cannot happen while the driver's data
    /// lives.
    pub fn into_inner(self) -> Result<VVec<T>> {
        let mut mapping = self.lease.into_payload();
        let buffer = mapping.buffer.take();
        drop(mapping);
        buffer.ok_or(ENODEV)
    }
}

// SAFETY: `Streaming` requires initialised memory in which any bytes are valid, that stays as long
// as `self`, and that is used only through `CpuAccess`. `FromBytes` and `IntoBytes` give the first,
// SG-MAPPED gives the others.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> Streaming for SGTable<'_, T> {
    type Content = [T];

    fn memory(&self) -> NonNull<[T]> {
        self.memory
    }

    fn sync(&mut self, for_cpu: bool) {
        let sync = if for_cpu {
            bindings::lb_dma_sync_sgtable_for_cpu
        } else {
            bindings::lb_dma_sync_sgtable_for_device
        };
        // SAFETY: the shim requires the device, the table and the direction of a mapping:
        // SG-MAPPED.
        unsafe { sync(self.device.as_raw(), &mut self.table, self.direction) }
    }
}

/// One piece of a mapped buffer: contiguous for the device.
pub struct SGEntry<'a> {
    entry: NonNull<bindings::scatterlist>,
    _table: PhantomData<&'a ()>,
}

impl SGEntry<'_> {
    /// The address of the piece for the device.
    ///
    /// Context: any context.
    pub fn dma_address(&self) -> DmaAddress {
        // SAFETY: the shim requires an entry of a mapped table; SG-MAPPED, and the table is
        // borrowed.
        unsafe { bindings::lb_sg_dma_address(self.entry.as_ptr()) }
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    pub fn dma_len(&self) -> u32 {
        // SAFETY: the shim requires an entry of a mapped table; SG-MAPPED, and the table is
        // borrowed.
        unsafe { bindings::lb_sg_dma_len(self.entry.as_ptr()) }
    }
}

/// An iterator over the pieces of a mapped buffer, which [`SGTable::iter`] returns.
pub struct SGTableIter<'a> {
    next: Option<NonNull<bindings::scatterlist>>,
    left: c_uint,
    _table: PhantomData<&'a ()>,
}

impl<'a> Iterator for SGTableIter<'a> {
    type Item = SGEntry<'a>;

    fn next(&mut self) -> Option<SGEntry<'a>> {
        self.left = self.left.checked_sub(1)?;
        let entry = self.next?;
        // SAFETY: `lb_sg_next` requires an entry of a live table; SG-MAPPED, and the table is
        // borrowed.
        self.next = NonNull::new(unsafe { bindings::lb_sg_next(entry.as_ptr()) });
        Some(SGEntry {
            entry,
            _table: PhantomData,
        })
    }
}
