// SPDX-License-Identifier: GPL-2.0

//! Buffers that CPU and device use in turns: [`Mapped`], and the items that it shares with
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
/// Memory of `vmalloc()` is not contiguous; [`SGTable`](crate::scatterlist::SGTable) maps such
/// memory.
///
/// # Safety
///
/// [`content`](Self::content) must return a pointer to initialised memory of `kmalloc()`. Only the
/// buffer owns that memory, which must be in whole cache lines. The memory must stay in place until
/// the buffer is dropped or changed, even if the value that owns it moves. Any bytes must be valid
/// in it.
pub unsafe trait DmaBuffer: Send + 'static {
    /// The type of the buffer's content.
    type Content: KnownSize + ?Sized;

    /// The address of the content. If the content shares a cache line with other memory, this first
    /// moves it to memory of its own.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// `ENOMEM`: there is no memory to which the content could be moved. The buffer is unchanged
    /// then.
    fn content(&mut self, flags: Flags) -> Result<NonNull<Self::Content>>;
}

// SAFETY: `DmaBuffer` requires (1) memory of `kmalloc()` that only the buffer owns, in whole cache
// lines, (2) that stays in place, (3) that is initialised, and in which any bytes are valid. (1) A
// box owns such memory, and `into_whole_lines` gives the lines. (2) A box does not move its memory.
// (3) `IntoBytes` and `FromBytes`.
unsafe impl<T> DmaBuffer for KBox<T>
where
    T: FromBytes + IntoBytes + Send + 'static,
{
    type Content = T;

    fn content(&mut self, flags: Flags) -> Result<NonNull<T>> {
        let old = NonNull::from(&mut **self);
        // SAFETY: `into_whole_lines` requires memory of `Kmalloc` for the layout, which is not used
        // any more if the content moves. The box has such memory, and the code below replaces the
        // box.
        let new = unsafe { into_whole_lines(old.cast(), Layout::new::<T>(), flags) }?.cast::<T>();
        // SAFETY: `from_raw` requires the only pointer to a `T` in memory of `Kmalloc` for its
        // layout; `new` is one, and the old box is forgotten below.
        let this = unsafe { KBox::from_raw(new.as_ptr()) };
        core::mem::forget(core::mem::replace(self, this));
        Ok(NonNull::from(&mut **self))
    }
}

// SAFETY: the same holds as for a box of one `T`.
unsafe impl<T> DmaBuffer for KBox<[T]>
where
    T: FromBytes + IntoBytes + Send + 'static,
{
    type Content = [T];

    fn content(&mut self, flags: Flags) -> Result<NonNull<[T]>> {
        let old = NonNull::from(&mut **self);
        let layout = Layout::for_value::<[T]>(self);
        // SAFETY: `into_whole_lines` requires memory of `Kmalloc` for the layout, which is not used
        // any more if the content moves. The box has such memory, and the code below replaces the
        // box.
        let new = unsafe { into_whole_lines(old.cast(), layout, flags) }?.cast::<T>();
        let new = NonNull::slice_from_raw_parts(new, old.len());
        // SAFETY: `from_raw` requires the only pointer to a `[T]` in memory of `Kmalloc` for its
        // layout; `new` is one, and the old box is forgotten below.
        let this = unsafe { KBox::from_raw(new.as_ptr()) };
        core::mem::forget(core::mem::replace(self, this));
        Ok(NonNull::from(&mut **self))
    }
}

// SAFETY: `DmaBuffer` requires the same as for a box. A vector owns its memory, in which its
// elements are initialised, and moves it only when the vector is changed. `into_whole_lines` gives
// the lines.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> DmaBuffer for KVec<T> {
    type Content = [T];

    fn content(&mut self, flags: Flags) -> Result<NonNull<[T]>> {
        // Elements of size 0 have no memory.
        if size_of::<T>() == 0 {
            return Ok(NonNull::from(self.as_mut_slice()));
        }
        let (old, length, capacity) = core::mem::take(self).into_raw_parts();
        let layout = ArrayLayout::<T>::new(capacity).map(Layout::from);
        let moved = layout.map_err(AllocError::from).and_then(|layout| {
            // SAFETY: `new_unchecked` requires a pointer that is not null; the pointer of a vector
            // is not.
            let old = unsafe { NonNull::new_unchecked(old) }.cast();
            // SAFETY: `into_whole_lines` requires memory of `Kmalloc` for the layout, which is not
            // used any more if the content moves. It is the memory of the vector, which was taken
            // apart above. The code below uses only the result.
            unsafe { into_whole_lines(old, layout, flags) }
        });
        let memory = moved.map_or(old, |new| new.as_ptr().cast());
        // SAFETY: `from_raw_parts` requires the only pointer to memory of `Kmalloc` for that
        // capacity, with that many elements. `into_whole_lines` has moved memory and elements
        // together, or neither.
        *self = unsafe { KVec::from_raw_parts(memory, length, capacity) };
        moved?;
        Ok(NonNull::from(self.as_mut_slice()))
    }
}

/// The mapping of a buffer, together with the buffer.
struct Mapping<B> {
    device: NonNull<bindings::device>,
    dma: DmaAddress,
    size: usize,
    direction: bindings::dma_data_direction,
    // The buffer is freed after `drop` has unmapped it. `None` if the driver took the buffer back.
    buffer: Option<B>,
}

// SAFETY: `Send` requires that any thread may drop the value; any thread may unmap, and `B` is
// `Send`.
unsafe impl<B: Send> Send for Mapping<B> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only numbers.
unsafe impl<B> Sync for Mapping<B> {}

impl<B> Drop for Mapping<B> {
    fn drop(&mut self) {
        // SAFETY: `lb_dma_unmap_single` requires (1) the values of one mapping, once, (2) a live
        // device, (3) that no transfer uses the buffer. (1) `Mapped::new` stored them, and only
        // `drop` unmaps. (2) Managed resources are released while the device lives. (3) DMA-QUIET.
        unsafe {
            bindings::lb_dma_unmap_single(self.device.as_ptr(), self.dma, self.size, self.direction)
        }
    }
}

/// A buffer that is mapped for a device, and owned by the mapping.
///
/// If a buffer shared a cache line with other memory, the device and the CPU could write to the
/// same line. So mapping moves such a buffer to memory of its own. A buffer whose size is a power
/// of two of at least a line stays in place.
///
/// The CPU owns the buffer while the result of [`sync_for_cpu`](Self::sync_for_cpu) lives, and the
/// device owns it otherwise. Each sees the other's writes from the next change of owner on. Mapping
/// a buffer once for many transfers is cheaper than mapping it for each.
///
/// Dropping this unmaps the buffer and drops it; [`dma`](super) says when exactly. If this is
/// forgotten, the end of the binding unmaps and drops the buffer.
///
/// ```
/// use kernel::{device::{Bound, Device}, dma::{DataDirection, Mapped}, io::Io, prelude::*};
///
/// fn receive<'a>(
///     dev: &'a Device<Bound>,
///     message: &mut [u8],
/// ) -> Result<Mapped<'a, KBox<[u8; 512]>>> {
///     let buffer = KBox::new([0; 512], GFP_KERNEL)?;
///     let mut mapped = Mapped::new(dev, buffer, DataDirection::FromDevice, GFP_KERNEL)?;
///     // .. the device is told `mapped.dma_address()`, and says when it has written ..
///     let received = mapped.sync_for_cpu().try_cast::<[u8; 512]>()?.copy_read();
///     received.iter().zip(message).for_each(|(from, to)| *to = *from);
///     Ok(mapped)
/// }
/// ```
///
/// # Invariants
///
/// STREAM-OWNED: `content` is the memory of the buffer in `lease`. Nobody else uses that memory, or
/// the cache lines in which it lies.
pub struct Mapped<'a, B: DmaBuffer> {
    content: NonNull<B::Content>,
    dma: DmaAddress,
    direction: bindings::dma_data_direction,
    device: &'a device::Device<Bound>,
    lease: Lease<'a, Mapping<B>>,
}

// SAFETY: `Send` requires that any thread may own the value; it owns the buffer, which is `Send`.
unsafe impl<B: DmaBuffer> Send for Mapped<'_, B> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only addresses
// and sizes.
unsafe impl<B: DmaBuffer> Sync for Mapped<'_, B> {}

impl<'a, B: DmaBuffer> Mapped<'a, B> {
    /// Maps a buffer.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// The buffer is dropped then.
    ///
    /// - `EINVAL`: the buffer is empty, or `direction` is `None`.
    /// - `ENOMEM`: memory is short, or the device cannot reach the buffer.
    /// - `EIO`: the device cannot do DMA.
    /// - `EBUSY`: a mask is being set.
    /// - `EPERM`: no driver of this module has bound the device.
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
        // SAFETY: the shim requires a live device that can do DMA, and `size` bytes of `kmalloc()`.
        // DEV-LIVE and `begin` give the device, `DmaBuffer` gives the bytes.
        let dma =
            unsafe { bindings::lb_dma_map_single(raw, content.as_ptr().cast(), size, direction) };
        // SAFETY: the shim requires the result of a mapping for this device, which `dma` is.
        if unsafe { bindings::lb_dma_mapping_error(raw, dma) } {
            return Err(ENOMEM);
        }
        let mapping = Mapping {
            // SAFETY: `new_unchecked` requires a pointer that is not null; the pointer of a
            // reference is not.
            device: unsafe { NonNull::new_unchecked(raw) },
            dma,
            size,
            direction,
            buffer: Some(buffer),
        };
        // INVARIANT: STREAM-OWNED: the buffer moves into the lease, but its memory, which is in
        // whole lines, stays in place (`DmaBuffer`).
        Ok(Self {
            content,
            dma,
            direction,
            device,
            lease: Lease::new(device, mapping, flags)?,
        })
    }

    /// The address of the buffer for the device.
    ///
    /// Context: any context.
    pub fn dma_address(&self) -> DmaAddress {
        self.dma
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    pub fn size(&self) -> usize {
        B::Content::size(self.content.as_ptr())
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
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the binding has ended the mapping. That cannot happen while the driver's data
    /// lives.
    pub fn into_inner(self) -> Result<B> {
        let mut mapping = self.lease.into_payload();
        let buffer = mapping.buffer.take();
        drop(mapping);
        buffer.ok_or(ENODEV)
    }
}

// SAFETY: `Streaming` requires initialised memory in which any bytes are valid, that stays as long
// as `self`, and that is used only through `CpuAccess`. `DmaBuffer` gives the first two;
// STREAM-OWNED gives the last.
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
        // SAFETY: the shim requires the device and the values of a mapping; `new` mapped the buffer
        // for this device with these values.
        unsafe { sync(self.device.as_raw(), self.dma, self.size(), self.direction) }
    }
}

/// A mapping whose memory the CPU and the device use in turns.
///
/// # Safety
///
/// [`memory`](Self::memory) must return initialised memory in which any bytes are valid. The memory
/// must stay as long as `self`, and only [`CpuAccess`] may use it.
pub unsafe trait Streaming {
    /// The type of the memory's content.
    type Content: KnownSize + ?Sized;

    /// The address of the content.
    fn memory(&self) -> NonNull<Self::Content>;

    /// Makes the writes of one side visible to the other: the device's to the CPU, or the CPU's to
    /// the device.
    fn sync(&mut self, for_cpu: bool);
}

/// The CPU's turn at a mapped buffer.
///
/// A reference to it is an [`Io`](crate::io::Io). Each access is a single load or store, so a
/// device that writes at the same time can only spoil the values. Dropping this passes the buffer
/// to the device. If this is forgotten, the device may never see the CPU's writes.
///
/// Context: any context (accesses and drop).
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
        // SAFETY: `SysMem::new` requires initialised memory for the borrow, in which any bytes are
        // valid, and which nobody else uses through references. `Streaming` promises that as long
        // as the mapping is borrowed.
        unsafe { SysMem::new(self.0.memory().as_ptr()) }
    }
}
