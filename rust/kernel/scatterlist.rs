// SPDX-License-Identifier: GPL-2.0

//! Scatter-gather: large buffers, mapped for a device in pieces.
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

/// A table of the pages of a buffer. Freed when dropped; its buffer is not its own.
struct Table(bindings::sg_table);

impl Table {
    /// Makes a table of pieces of at most `longest` bytes. May sleep as `flags` allow. Errors: `ENOMEM`.
    fn new<T>(buffer: &mut VVec<T>, size: usize, longest: c_uint, flags: Flags) -> Result<Self> {
        let start = buffer.as_mut_ptr().cast::<u8>();
        let count = size.div_ceil(bindings::LB_PAGE_SIZE);
        let mut pages = KVVec::with_capacity(count, flags)?;
        for index in 0..count {
            // OVERFLOW: within the buffer.
            let address = start.wrapping_add(index * bindings::LB_PAGE_SIZE);
            // SAFETY: an address of memory of `vmalloc()`, which starts at a page.
            let page = unsafe { bindings::vmalloc_to_page(address.cast()) };
            pages.push(page, flags)?;
        }
        let count = c_uint::try_from(count)?;
        let mut table = bindings::sg_table::default();
        // SAFETY: `count` pages, of which the first starts with the first of `size` bytes.
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
        // SAFETY: allocated by `new`, freed once.
        unsafe { bindings::sg_free_table(&mut self.0) }
    }
}

/// The mapping of a buffer, its table, and the buffer. Fields are dropped in this order, after `drop` has unmapped it.
struct Mapping<T> {
    device: NonNull<bindings::device>,
    direction: bindings::dma_data_direction,
    table: Table,
    // `None` if it was taken back.
    buffer: Option<VVec<T>>,
}

// SAFETY: a mapping may be ended on any thread.
unsafe impl<T: Send> Send for Mapping<T> {}

// SAFETY: a shared reference gives numbers.
unsafe impl<T> Sync for Mapping<T> {}

impl<T> Drop for Mapping<T> {
    fn drop(&mut self) {
        // SAFETY: mapped by `SGTable::new`, and unmapped once; the device is alive. DMA-QUIET.
        unsafe {
            bindings::lb_dma_unmap_sgtable(self.device.as_ptr(), &mut self.table.0, self.direction)
        }
    }
}

/// A `vmalloc()`ed buffer that is mapped for a device in pieces, and owned by the mapping.
///
/// What [`dma::Mapped`] says about whose turn it is and about dropping applies here.
///
/// # Invariants
///
/// SG-MAPPED: `memory` is the memory of the buffer in `lease`, which nobody else uses; `list` are the pieces of its
/// mapping, `table` all that C wants to know of it. They stay until `lease` ends.
pub struct SGTable<'a, T: FromBytes + IntoBytes + Send + 'static> {
    memory: NonNull<[T]>,
    table: bindings::sg_table,
    direction: bindings::dma_data_direction,
    device: &'a device::Device<Bound>,
    lease: Lease<'a, Mapping<T>>,
}

// SAFETY: it owns the buffer, of `T: Send`.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> Send for SGTable<'_, T> {}

// SAFETY: a shared reference gives addresses and sizes.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> Sync for SGTable<'_, T> {}

impl<'a, T: FromBytes + IntoBytes + Send + 'static> SGTable<'a, T> {
    /// Maps a buffer. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` for an empty buffer, no direction, or a device whose pieces have to be smaller than a page; `ENOMEM`; what
    /// `dma_map_sgtable()` returns, such as `EIO`;
    /// otherwise as [`dma::Mapped::new`]. The buffer is dropped then.
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
        // SAFETY: DEV-LIVE; changed before the first mapping alone (`begin`).
        let longest = unsafe { bindings::lb_dma_get_max_seg_size(raw) };
        // C warns about less than a page.
        if usize::try_from(longest)? < bindings::LB_PAGE_SIZE {
            return Err(EINVAL);
        }
        let mut table = Table::new(&mut buffer, size, longest, flags)?;
        // SAFETY: a live device that can do DMA (`begin`), and a table of pages that the buffer owns.
        to_result(unsafe { bindings::dma_map_sgtable(raw, &mut table.0, direction, 0) })?;
        // INVARIANT: SG-MAPPED: the buffer and the list move into the lease, their memory does not.
        Ok(Self {
            memory,
            table: bindings::sg_table { ..table.0 },
            direction,
            device,
            lease: Lease::new(
                device,
                Mapping {
                    // SAFETY: a reference's pointer is not null.
                    device: unsafe { NonNull::new_unchecked(raw) },
                    direction,
                    table,
                    buffer: Some(buffer),
                },
                flags,
            )?,
        })
    }

    /// The pieces as the device sees them, in order. Any context.
    pub fn iter(&self) -> SGTableIter<'_> {
        SGTableIter {
            next: NonNull::new(self.table.sgl),
            left: self.table.nents,
            _table: PhantomData,
        }
    }

    /// The number of bytes. Any context.
    pub fn size(&self) -> usize {
        // OVERFLOW: the bytes of a buffer that exists.
        self.memory.len() * size_of::<T>()
    }

    /// Gives the buffer to the CPU, until the result is dropped. Any context.
    ///
    /// The device should not use it meanwhile: what either reads then may be old or new.
    pub fn sync_for_cpu(&mut self) -> CpuAccess<'_, Self> {
        CpuAccess::new(self)
    }

    /// Unmaps the buffer and gives it back. The caller says that the device does not use it any more. May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the binding has ended the mapping, which it has not while the driver's data lives.
    pub fn into_inner(self) -> Result<VVec<T>> {
        let mut mapping = self.lease.into_payload();
        let buffer = mapping.buffer.take();
        drop(mapping);
        buffer.ok_or(ENODEV)
    }
}

// SAFETY: SG-MAPPED; `FromBytes`, `IntoBytes`.
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
        // SAFETY: SG-MAPPED, for this device and direction.
        unsafe { sync(self.device.as_raw(), &mut self.table, self.direction) }
    }
}

/// One piece of a mapped buffer: contiguous for the device.
pub struct SGEntry<'a> {
    entry: NonNull<bindings::scatterlist>,
    _table: PhantomData<&'a ()>,
}

impl SGEntry<'_> {
    /// Where it is for the device. Any context.
    pub fn dma_address(&self) -> DmaAddress {
        // SAFETY: SG-MAPPED: an entry of a mapped list, borrowed.
        unsafe { bindings::lb_sg_dma_address(self.entry.as_ptr()) }
    }

    /// The number of bytes. Any context.
    pub fn dma_len(&self) -> u32 {
        // SAFETY: SG-MAPPED: an entry of a mapped list, borrowed.
        unsafe { bindings::lb_sg_dma_len(self.entry.as_ptr()) }
    }
}

/// The pieces of a mapped buffer, of [`SGTable::iter`].
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
        // SAFETY: SG-MAPPED: an entry of a list, borrowed.
        self.next = NonNull::new(unsafe { bindings::lb_sg_next(entry.as_ptr()) });
        Some(SGEntry {
            entry,
            _table: PhantomData,
        })
    }
}
