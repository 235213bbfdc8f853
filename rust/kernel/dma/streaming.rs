// SPDX-License-Identifier: GPL-2.0

//! Buffers that CPU and device use in turns: [`Mapped`], and the items that it shares with
//! [`SGTable`](crate::scatterlist::SGTable).

use core::{ops::Deref, ptr::NonNull};

use super::{DataDirection, DmaAddress, DmaBuffer, Slot, place::Full};
use crate::{
    alloc::Flags,
    bindings,
    device::{self, Bound},
    io::{IoBase, SysMem, SysMemBackend},
    prelude::*,
    ptr::KnownSize,
};

/// A buffer that is mapped for a device, and owned by the mapping.
///
/// If a buffer shared a cache line with other memory, the device and the CPU could write to the
/// same line. So mapping moves such a buffer to memory of its own. A buffer whose size is a power
/// of two of at least a line stays in place.
///
/// The CPU owns the buffer while the result of [`sync_for_cpu`](Self::sync_for_cpu) lives, and the
/// device owns it otherwise. Each sees the other's writes from the next change of owner on. Mapping
/// a buffer once for many transfers is cheaper than mapping it for each; a [`Slot`] makes the
/// latter as cheap as it is in C.
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
/// STREAM-OWNED: `content` is the memory of the buffer, a `B`, in the place of `full`. Nobody else
/// uses that memory, or the cache lines in which it lies.
pub struct Mapped<'a, B: DmaBuffer> {
    content: NonNull<B::Content>,
    full: Full<'a>,
}

// SAFETY: `Send` requires that any thread may own the value; it owns the buffer, which is `Send`.
unsafe impl<B: DmaBuffer> Send for Mapped<'_, B> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives only addresses
// and sizes.
unsafe impl<B: DmaBuffer> Sync for Mapped<'_, B> {}

impl<'a> Slot<'a> {
    /// Maps a buffer.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// The buffer and the slot are dropped then.
    ///
    /// - `EINVAL`: the buffer is empty, or `direction` is `None`.
    /// - `ENOMEM`: the buffer has to move, and memory is short; or the device cannot reach it.
    ///
    /// ```
    /// use kernel::{device::{Bound, Device}, dma::{DataDirection, Mapped, Slot}, prelude::*};
    ///
    /// /// Sends one message after the other; `send` tells the device, and waits for it.
    /// fn send_all(
    ///     dev: &Device<Bound>,
    ///     mut messages: KVec<KVec<u8>>,
    ///     send: impl Fn(&Mapped<'_, KVec<u8>>),
    /// ) -> Result {
    ///     let mut slot = Slot::new(dev, GFP_KERNEL)?;
    ///     while let Some(message) = messages.pop() {
    ///         let mapped = slot.map(message, DataDirection::ToDevice, GFP_KERNEL)?;
    ///         send(&mapped);
    ///         (_, slot) = mapped.unmap();
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[inline]
    #[doc(alias(
        "dma_map_single",
        "dma_map_single_attrs",
        "dma_map_page",
        "dma_mapping_error"
    ))]
    pub fn map<B: DmaBuffer>(
        self,
        mut buffer: B,
        direction: DataDirection,
        flags: Flags,
    ) -> Result<Mapped<'a, B>> {
        let content = buffer.content(flags)?;
        let size = B::Content::size(content.as_ptr());
        if size == 0 || direction == DataDirection::None {
            return Err(EINVAL);
        }
        // SAFETY: `fill` requires `size` bytes of `kmalloc()` that stay until the buffer is
        // dropped: `DmaBuffer`.
        let full = unsafe { self.fill(buffer, content.as_ptr().cast(), size, direction.into()) }?;
        // INVARIANT: STREAM-OWNED: the buffer moves into the place, but its memory, which is in
        // whole lines, stays in place (`DmaBuffer`).
        Ok(Mapped { content, full })
    }
}

impl<'a, B: DmaBuffer> Mapped<'a, B> {
    /// Maps a buffer.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// The buffer is dropped then. The errors are those of [`Slot::new`] and [`Slot::map`].
    #[inline]
    pub fn new(
        device: &'a device::Device<Bound>,
        buffer: B,
        direction: DataDirection,
        flags: Flags,
    ) -> Result<Self> {
        Slot::new(device, flags)?.map(buffer, direction, flags)
    }

    /// The address of the buffer for the device.
    ///
    /// Context: any context.
    #[inline]
    pub fn dma_address(&self) -> DmaAddress {
        self.full.mapping().dma
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    #[inline]
    pub fn size(&self) -> usize {
        B::Content::size(self.content.as_ptr())
    }

    /// Gives the buffer to the CPU, until the result is dropped.
    ///
    /// Context: any context.
    ///
    /// The device should not use the buffer meanwhile: both may read old or new bytes then.
    #[inline]
    #[doc(alias("dma_sync_single_for_cpu", "dma_sync_single_for_device"))]
    pub fn sync_for_cpu(&mut self) -> CpuAccess<'_, Self> {
        CpuAccess::new(self)
    }

    /// Unmaps the buffer and returns it, with the slot for the next one. By calling this, the
    /// caller says that the device no longer uses the buffer. Not in Linux 7.3.
    ///
    /// Context: any context.
    #[inline]
    #[doc(alias("dma_unmap_single", "dma_unmap_page"))]
    pub fn unmap(self) -> (B, Slot<'a>) {
        // SAFETY: `take` requires (1) the type of the buffer, (2) that no transfer uses it. (1)
        // STREAM-OWNED. (2) The driver says so.
        unsafe { self.full.take() }
    }

    /// Unmaps the buffer and returns it. By calling this, the caller says that the device no longer
    /// uses the buffer.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// None: the result is always `Ok`.
    #[inline]
    pub fn into_inner(self) -> Result<B> {
        Ok(self.unmap().0)
    }
}

// SAFETY: `Streaming` requires initialised memory in which any bytes are valid, that stays as long
// as `self`, and that is used only through `CpuAccess`. `DmaBuffer` gives the first two;
// STREAM-OWNED gives the last.
unsafe impl<B: DmaBuffer> Streaming for Mapped<'_, B> {
    type Content = B::Content;

    #[inline]
    fn memory(&self) -> NonNull<B::Content> {
        self.content
    }

    #[inline]
    fn sync(&mut self, for_cpu: bool) {
        let mapping = self.full.mapping();
        if !mapping.needs_sync {
            return;
        }
        let sync = if for_cpu {
            bindings::lb_dma_sync_single_for_cpu
        } else {
            bindings::lb_dma_sync_single_for_device
        };
        // SAFETY: the shim requires a mapping; this owns it.
        unsafe { sync(mapping) }
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
    #[inline]
    pub(crate) fn new(mapping: &'a mut M) -> Self {
        mapping.sync(true);
        Self(mapping)
    }
}

impl<M: Streaming> Deref for CpuAccess<'_, M> {
    type Target = M;

    #[inline]
    fn deref(&self) -> &M {
        self.0
    }
}

impl<M: Streaming> Drop for CpuAccess<'_, M> {
    #[inline]
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
