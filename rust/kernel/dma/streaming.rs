// SPDX-License-Identifier: GPL-2.0

//! Buffers that CPU and device use in turns: [`Mapped`], and what it has in common with
//! [`SGTable`](crate::scatterlist::SGTable).

use core::{alloc::Layout, ops::Deref, ptr::NonNull};

use super::{DataDirection, DmaAddress, Lease, begin};
use crate::{
    alloc::{AllocError, Flags, allocator::dma::into_whole_lines, layout::ArrayLayout},
    bindings,
    device::{self, Bound},
    io::{IoBase, SysMem, SysMemBackend},
    prelude::*,
    ptr::KnownSize,
};

/// A buffer of contiguous memory that can be mapped in one piece: [`KBox`] and [`KVec`].
///
/// Memory of `vmalloc()` is not contiguous: [`SGTable`](crate::scatterlist::SGTable) is for that.
///
/// # Safety
///
/// [`content`](Self::content) must return a pointer to initialised memory of `kmalloc()` which the
/// buffer owns alone, in whole cache lines. It must stay there until the buffer is dropped or
/// changed, though the value that owns it moves; any bytes must be valid in it.
pub unsafe trait DmaBuffer: Send + 'static {
    /// What is in it.
    type Content: KnownSize + ?Sized;

    /// Where it is. Content that shares a cache line with other memory is moved before. Sleeps as
    /// `flags` allow.
    ///
    /// # Errors
    ///
    /// `ENOMEM`: there was no memory to move it to. The buffer is as it was.
    fn content(&mut self, flags: Flags) -> Result<NonNull<Self::Content>>;
}

// SAFETY: a box owns its memory, of the layout of its content, and does not move it; `FromBytes`,
// `IntoBytes`; whole lines.
unsafe impl<T> DmaBuffer for KBox<T>
where
    T: FromBytes + IntoBytes + Send + 'static,
{
    type Content = T;

    fn content(&mut self, flags: Flags) -> Result<NonNull<T>> {
        let old = NonNull::from(&mut **self);
        // SAFETY: `into_whole_lines` wants memory of `Kmalloc` for the layout, which the box has.
        // If it is moved, the box is told below.
        let new = unsafe { into_whole_lines(old.cast(), Layout::new::<T>(), flags) }?.cast::<T>();
        // SAFETY: `from_raw` wants the only pointer to a `T` in memory of `Kmalloc` for its layout.
        // The box that had it is forgotten.
        let this = unsafe { KBox::from_raw(new.as_ptr()) };
        core::mem::forget(core::mem::replace(self, this));
        Ok(NonNull::from(&mut **self))
    }
}

// SAFETY: as for a box of one `T`.
unsafe impl<T> DmaBuffer for KBox<[T]>
where
    T: FromBytes + IntoBytes + Send + 'static,
{
    type Content = [T];

    fn content(&mut self, flags: Flags) -> Result<NonNull<[T]>> {
        let old = NonNull::from(&mut **self);
        let layout = Layout::for_value::<[T]>(self);
        // SAFETY: `into_whole_lines` wants memory of `Kmalloc` for the layout, which the box has.
        // If it is moved, the box is told below.
        let new = unsafe { into_whole_lines(old.cast(), layout, flags) }?.cast::<T>();
        let new = NonNull::slice_from_raw_parts(new, old.len());
        // SAFETY: `from_raw` wants the only pointer to a `[T]` in memory of `Kmalloc` for its
        // layout. The box that had it is forgotten.
        let this = unsafe { KBox::from_raw(new.as_ptr()) };
        core::mem::forget(core::mem::replace(self, this));
        Ok(NonNull::from(&mut **self))
    }
}

// SAFETY: a vector owns its memory, in which its elements are initialised, and moves it only when
// it is changed; whole lines.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> DmaBuffer for KVec<T> {
    type Content = [T];

    fn content(&mut self, flags: Flags) -> Result<NonNull<[T]>> {
        // Elements without size have no memory.
        if size_of::<T>() == 0 {
            return Ok(NonNull::from(self.as_mut_slice()));
        }
        let (old, length, capacity) = core::mem::take(self).into_raw_parts();
        let layout = ArrayLayout::<T>::new(capacity).map(Layout::from);
        let moved = layout.map_err(AllocError::from).and_then(|layout| {
            // SAFETY: the pointer of a vector is not null.
            let old = unsafe { NonNull::new_unchecked(old) }.cast();
            // SAFETY: `into_whole_lines` wants memory of `Kmalloc` for the layout that is not used
            // any more. It was the vector's, which is the one of the result, or of no result, from
            // here on.
            unsafe { into_whole_lines(old, layout, flags) }
        });
        let memory = moved.map_or(old, |new| new.as_ptr().cast());
        // SAFETY: `from_raw_parts` wants the only pointer to memory of `Kmalloc` for that capacity,
        // with that many elements. `into_whole_lines` has moved both, or neither.
        *self = unsafe { KVec::from_raw_parts(memory, length, capacity) };
        moved?;
        Ok(NonNull::from(self.as_mut_slice()))
    }
}

/// The mapping of a buffer, and the buffer.
struct Mapping<B> {
    device: NonNull<bindings::device>,
    dma: DmaAddress,
    size: usize,
    direction: bindings::dma_data_direction,
    // Freed after `drop` has unmapped it. `None` if it was taken back.
    buffer: Option<B>,
}

// SAFETY: a mapping may be ended on any thread.
unsafe impl<B: Send> Send for Mapping<B> {}

// SAFETY: a shared reference gives numbers.
unsafe impl<B> Sync for Mapping<B> {}

impl<B> Drop for Mapping<B> {
    fn drop(&mut self) {
        // SAFETY: mapped by `Mapped::new` with these values, and unmapped once; the device is alive. DMA-QUIET.
        unsafe {
            bindings::lb_dma_unmap_single(self.device.as_ptr(), self.dma, self.size, self.direction)
        }
    }
}

/// A buffer that is mapped for a device, and owned by the mapping.
///
/// A buffer whose memory shares a cache line with something else would have the device's writes and
/// the CPU's in one line. Such a buffer is moved to memory of its own when it is mapped. One whose
/// size is a power of two of at least a line stays where it is.
///
/// The device has it between [`sync_for_cpu`](Self::sync_for_cpu)s, the CPU while the value of that lives: what one
/// writes the other sees from the next change on. Mapping once and using the buffer for many transfers is cheaper than
/// mapping it for each.
///
/// Dropping this unmaps the buffer and drops it (see [`dma`](super) for when exactly); one that is forgotten is unmapped
/// and dropped when the binding ends.
///
/// ```
/// use kernel::{device::{Bound, Device}, dma::{DataDirection, Mapped}, io::Io, prelude::*};
///
/// fn receive<'a>(dev: &'a Device<Bound>, message: &mut [u8]) -> Result<Mapped<'a, KBox<[u8; 512]>>> {
///     let buffer = KBox::new([0; 512], GFP_KERNEL)?;
///     let mut mapped = Mapped::new(dev, buffer, DataDirection::FromDevice, GFP_KERNEL)?;
///     // .. the device is told `mapped.dma_address()`, and says when it has written ..
///     mapped.sync_for_cpu().try_cast::<[u8; 512]>()?.copy_read().iter().zip(message).for_each(|(from, to)| *to = *from);
///     Ok(mapped)
/// }
/// ```
///
/// # Invariants
///
/// STREAM-OWNED: `content` is the memory of the buffer in `lease`, which nobody else uses; nor does
/// anybody use the cache lines that it is in.
pub struct Mapped<'a, B: DmaBuffer> {
    content: NonNull<B::Content>,
    dma: DmaAddress,
    direction: bindings::dma_data_direction,
    device: &'a device::Device<Bound>,
    lease: Lease<'a, Mapping<B>>,
}

// SAFETY: it owns the buffer, which is `Send`.
unsafe impl<B: DmaBuffer> Send for Mapped<'_, B> {}

// SAFETY: a shared reference gives addresses and sizes.
unsafe impl<B: DmaBuffer> Sync for Mapped<'_, B> {}

impl<'a, B: DmaBuffer> Mapped<'a, B> {
    /// Maps a buffer. Sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// `EINVAL` for an empty buffer, or no direction; `ENOMEM`, also if the device cannot reach the buffer; `EIO` if it
    /// cannot do DMA; `EBUSY` while a mask is being set; `EPERM` if no driver of this module has bound it. The buffer is
    /// dropped then.
    pub fn new(
        device: &'a device::Device<Bound>,
        mut buffer: B,
        direction: DataDirection,
        flags: Flags,
    ) -> Result<Self> {
        let content = buffer.content(flags)?;
        let size = B::Content::size(content.as_ptr());
        if size == 0 || direction == DataDirection::None {
            return Err(EINVAL);
        }
        begin(device)?;
        let (raw, direction) = (device.as_raw(), direction.into());
        // SAFETY: a live device that can do DMA (`begin`), and `size` bytes of `kmalloc()` (`DmaBuffer`).
        let dma =
            unsafe { bindings::lb_dma_map_single(raw, content.as_ptr().cast(), size, direction) };
        // SAFETY: the result of a mapping for this device.
        if unsafe { bindings::lb_dma_mapping_error(raw, dma) } {
            return Err(ENOMEM);
        }
        let mapping = Mapping {
            // SAFETY: a reference's pointer is not null.
            device: unsafe { NonNull::new_unchecked(raw) },
            dma,
            size,
            direction,
            buffer: Some(buffer),
        };
        // INVARIANT: STREAM-OWNED: the buffer moves into the lease, its memory, which is whole
        // lines, does not (`DmaBuffer`).
        Ok(Self {
            content,
            dma,
            direction,
            device,
            lease: Lease::new(device, mapping, flags)?,
        })
    }

    /// Where the buffer is for the device. Any context.
    pub fn dma_address(&self) -> DmaAddress {
        self.dma
    }

    /// The number of bytes. Any context.
    pub fn size(&self) -> usize {
        B::Content::size(self.content.as_ptr())
    }

    /// Gives the buffer to the CPU, until the result is dropped. Any context.
    ///
    /// The device should not use it meanwhile: what either reads then may be old or new.
    pub fn sync_for_cpu(&mut self) -> CpuAccess<'_, Self> {
        CpuAccess::new(self)
    }

    /// Unmaps the buffer and gives it back. The caller says that the device does not use it any more. Any context.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the binding has ended the mapping, which it has not while the driver's data lives.
    pub fn into_inner(self) -> Result<B> {
        let mut mapping = self.lease.into_payload();
        let buffer = mapping.buffer.take();
        drop(mapping);
        buffer.ok_or(ENODEV)
    }
}

// SAFETY: STREAM-OWNED.
unsafe impl<B: DmaBuffer> Streaming for Mapped<'_, B> {
    type Content = B::Content;

    fn memory(&self) -> NonNull<B::Content> {
        self.content
    }

    fn sync(&mut self, for_cpu: bool) {
        let sync = if for_cpu {
            bindings::lb_dma_sync_single_for_cpu
        } else {
            bindings::lb_dma_sync_single_for_device
        };
        // SAFETY: mapped for this device with these values.
        unsafe { sync(self.device.as_raw(), self.dma, self.size(), self.direction) }
    }
}

/// A mapping whose memory the CPU and the device use in turns.
///
/// # Safety
///
/// [`memory`](Self::memory) must return initialised memory in which any bytes are valid; it must stay as long as `self`,
/// and be used through [`CpuAccess`] alone.
pub unsafe trait Streaming {
    /// What is in it.
    type Content: KnownSize + ?Sized;

    /// Where it is.
    fn memory(&self) -> NonNull<Self::Content>;

    /// Passes what one side has written to the other: the device's writes to the CPU, or the CPU's to the device.
    fn sync(&mut self, for_cpu: bool);
}

/// The CPU's turn at a mapped buffer.
///
/// A reference to it is an [`Io`](crate::io::Io), with accesses in any context; each is a single load or store, so that
/// a device that writes at the same time does no more harm than to the values. Dropping it gives the buffer to the
/// device; one that is forgotten may leave the CPU's writes unseen by the device.
pub struct CpuAccess<'a, M: Streaming>(&'a mut M);

impl<'a, M: Streaming> CpuAccess<'a, M> {
    pub(crate) fn new(mapping: &'a mut M) -> Self {
        mapping.sync(true);
        Self(mapping)
    }
}

impl<M: Streaming> Deref for CpuAccess<'_, M> {
    type Target = M;

    fn deref(&self) -> &M {
        self.0
    }
}

impl<M: Streaming> Drop for CpuAccess<'_, M> {
    fn drop(&mut self) {
        self.0.sync(false);
    }
}

impl<'a, M: Streaming> IoBase<'a> for &'a CpuAccess<'_, M> {
    type Backend = SysMemBackend;
    type Target = M::Content;

    #[inline]
    fn as_view(self) -> SysMem<'a, M::Content> {
        // SAFETY: `Streaming` promises memory that is there, initialised, for any bytes, and used through this alone,
        // as long as the mapping is borrowed.
        unsafe { SysMem::new(self.0.memory().as_ptr()) }
    }
}
