// SPDX-License-Identifier: GPL-2.0

//! Direct memory access: memory that a device reads and writes by itself.
//!
//! C header: [`include/linux/dma-mapping.h`](srctree/include/linux/dma-mapping.h)
//!
//! | | memory | for |
//! |---|---|---|
//! | [`Coherent`], [`CoherentBox`] | allocated here, seen alike by device and CPU at any time | descriptor rings, command blocks |
//! | [`CoherentHandle`] | the same, without an address for the CPU | what the device alone uses |
//! | [`Mapped`] | a buffer that the driver had before, `kmalloc()`ed and contiguous | single transfers |
//! | [`Slot`] | none: a place in which buffers are mapped one after the other | rings |
//! | [`SGTable`](crate::scatterlist::SGTable) | the same for `vmalloc()`ed buffers, in pieces | large transfers |
//!
//! In `probe`, a driver sets the addresses that its device can drive ([`Device`]). It makes the
//! device a bus master ([`pci::Device::bus_master`](crate::pci::Device::bus_master)), then
//! allocates memory:
//!
//! ```
//! use kernel::{
//!     device::Core,
//!     dma::{Coherent, Device as _, DmaMask},
//!     io::{io_read, io_write},
//!     pci,
//!     prelude::*,
//! };
//!
//! #[derive(FromBytes, IntoBytes, zerocopy::Immutable)]
//! #[repr(C)]
//! struct Descriptor {
//!     address: u64,
//!     length: u32,
//!     state: u32,
//! }
//!
//! struct Data<'bound> {
//!     ring: Coherent<[Descriptor]>,
//!     _master: pci::BusMaster<'bound>,
//! }
//!
//! fn set_up<'bound>(pdev: &'bound pci::Device<Core<'_>>) -> Result<Data<'bound>> {
//!     pdev.dma_set_mask_and_coherent(DmaMask::new::<40>())?;
//!     let ring = Coherent::<Descriptor>::zeroed_slice(pdev.as_ref(), 64, GFP_KERNEL)?;
//!     io_write!(&ring, [0]?.length, 512);
//!     let state = io_read!(&ring, [0]?.state);
//!     dev_info!(pdev, "ring at {:#x}, state {state}\n", ring.dma_address());
//!     Ok(Data { ring, _master: pdev.bus_master()? })
//! }
//! ```
//!
//! # How long memory stays
//!
//! Memory and mappings belong to the binding. What happens to a handle that is forgotten depends on
//! its type:
//!
//! - A handle that borrows the binding ([`Mapped`], and what has [`Within`] as its parameter)
//!   cannot outlive it. The end of the binding frees the memory.
//! - A handle that borrows nothing ([`Coherent<T>`](Coherent), and what has [`Unbounded`]) may be
//!   in use after the binding's end. C frees memory only for a bound device, so this memory stays
//!   for ever, and can still be read. A message says so, and `CONFIG_DMA_API_DEBUG` reports it. A
//!   driver keeps such a handle in its data, which is dropped before the binding ends.
//!
//! A transfer may still run when a driver drops a handle. So the time of the drop decides when the
//! memory is freed:
//!
//! 1. *While the device is in service*: at once. The driver knows its device, and drops a handle
//!    only if no transfer uses the memory.
//! 2. *While `probe` runs*: when `probe` has succeeded. If `probe` fails, step 3 applies.
//! 3. *After `unbind` has returned*: at the end of the binding, when the driver's data is gone and
//!    the device's bus mastering is turned off.
//!
//! So a PCI device cannot write into memory that has another owner by then (DMA-QUIET). That holds
//! even if `probe` fails in the middle of a transfer, and for any order of the fields of the
//! driver's data. On buses without a bit for bus mastering, such as the platform bus, a driver
//! stops its device in `unbind`.
//!
//! This crate, like C, does not check the addresses that a driver writes into its device's
//! registers. An IOMMU does that.

use crate::{
    binding, bindings,
    device::{self, Bound, Core},
    error::to_result,
    prelude::*,
};

mod buffer;
mod coherent;
mod coherent_box;
mod flags;
mod lease;
mod masks;
mod place;
mod streaming;
mod view;

pub use buffer::DmaBuffer;
pub use coherent::{Coherent, CoherentHandle};
pub use coherent_box::CoherentBox;
pub use flags::{Attrs, DataDirection, attrs};
pub(crate) use lease::Lease;
pub use lease::{Unbounded, Within};
pub(crate) use masks::Masks;
pub use place::Slot;
pub use streaming::{CpuAccess, Mapped, Streaming};
pub use view::{CoherentIoBackend, CoherentView};

/// An address that a device drives on its bus (`dma_addr_t`).
pub type DmaAddress = bindings::dma_addr_t;

/// A device whose driver sets, in `probe`, the addresses that the device can drive.
///
/// All methods fail once this binding has allocated or mapped memory for the device, because that
/// memory might lie outside of the new mask.
///
/// Context: process context; may sleep.
pub trait Device<'a>: AsRef<device::Device<Core<'a>>> {
    /// Sets the addresses that streaming mappings may have (`dma_set_mask()`).
    ///
    /// # Errors
    ///
    /// The mask is as before then.
    ///
    /// - `EIO`, from C: the platform or the device cannot use this mask.
    /// - `EBUSY`: the binding has, or had, allocations or mappings.
    /// - `EPERM`: no driver of this module has bound the device.
    fn dma_set_mask(&self, mask: DmaMask) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: `dma_set_mask` requires a live device, and that nobody reads the mask
            // meanwhile. DEV-LIVE gives the first. `change` keeps out allocations and mappings,
            // which read the mask.
            to_result(unsafe { bindings::dma_set_mask(raw, mask.value()) })
        })
    }

    /// Sets the addresses that coherent memory may have (`dma_set_coherent_mask()`).
    ///
    /// # Errors
    ///
    /// The errors of [`dma_set_mask`](Self::dma_set_mask).
    fn dma_set_coherent_mask(&self, mask: DmaMask) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: the same holds as in `dma_set_mask`.
            to_result(unsafe { bindings::dma_set_coherent_mask(raw, mask.value()) })
        })
    }

    /// Sets the addresses for streaming mappings and for coherent memory
    /// (`dma_set_mask_and_coherent()`).
    ///
    /// # Errors
    ///
    /// The errors of [`dma_set_mask`](Self::dma_set_mask).
    fn dma_set_mask_and_coherent(&self, mask: DmaMask) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: the same holds as in `dma_set_mask`.
            to_result(unsafe { bindings::lb_dma_set_mask_and_coherent(raw, mask.value()) })
        })
    }

    /// Sets the largest piece of a scatter-gather list in bytes (`dma_set_max_seg_size()`).
    ///
    /// # Errors
    ///
    /// `EIO` if the device's bus has no place for this number; otherwise the errors of
    /// [`dma_set_mask`](Self::dma_set_mask).
    fn dma_set_max_seg_size(&self, size: u32) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: the shim requires a live device, and that nobody reads the size meanwhile.
            // DEV-LIVE gives the first. `change` keeps out mappings, which read the size.
            to_result(unsafe { bindings::lb_dma_set_max_seg_size(raw, size) })
        })
    }
}

/// Calls `set`, which changes a mask or a size, unless there were allocations or mappings.
fn change(
    device: &device::Device<Bound>,
    set: impl FnOnce(*mut bindings::device) -> Result,
) -> Result {
    masks(device)?.change(|| set(device.as_raw()))
}

/// The state of DMA in the device's binding.
fn masks(device: &device::Device<Bound>) -> Result<&Masks> {
    binding::of(device)?.part().ok_or(EPERM)
}

/// The addresses that a device can drive: all addresses of up to a number of bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[doc(alias = "DMA_BIT_MASK")]
pub struct DmaMask(u64);

impl DmaMask {
    /// Addresses of `N` bits, 1 to 64, checked while compiling (`DMA_BIT_MASK()`).
    pub const fn new<const N: u32>() -> Self {
        const { assert!(N >= 1 && N <= 64, "a DMA mask has 1 to 64 bits") };
        // OVERFLOW: the line above makes 64 - N a number from 0 to 63.
        Self(u64::MAX >> (64 - N))
    }

    /// Addresses of `n` bits.
    ///
    /// # Errors
    ///
    /// `EINVAL` unless `n` is 1 to 64.
    pub const fn try_new(n: u32) -> Result<Self> {
        match n {
            // OVERFLOW: 64 - n is a number from 0 to 63.
            1..=64 => Ok(Self(u64::MAX >> (64 - n))),
            _ => Err(EINVAL),
        }
    }

    /// The highest address.
    pub const fn value(&self) -> u64 {
        self.0
    }
}

/// Checks that memory may be allocated or mapped for a device, and fixes its masks from now on.
///
/// Context: any context.
///
/// # Errors
///
/// `EPERM` if no driver of this module has bound the device; `EIO` if the device cannot do DMA;
/// `EBUSY` while a mask is being set.
pub(crate) fn begin(device: &device::Device<Bound>) -> Result {
    let masks = masks(device)?;
    if masks.is_used() {
        return Ok(());
    }
    // SAFETY: the shim requires a live device, and that nobody changes its masks meanwhile.
    // DEV-LIVE gives the first. Only `change` writes masks, and the bus does before it probes.
    if !unsafe { bindings::lb_dma_is_capable(device.as_raw()) } {
        return Err(EIO);
    }
    masks.begin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        assert_eq!(DmaMask::new::<1>().value(), 1);
        assert_eq!(DmaMask::new::<28>().value(), 0x0fff_ffff);
        assert_eq!(DmaMask::new::<64>().value(), u64::MAX);
        assert_eq!(DmaMask::try_new(32), Ok(DmaMask::new::<32>()));
        for bits in [0, 65, u32::MAX] {
            assert_eq!(DmaMask::try_new(bits), Err(EINVAL));
        }
    }
}
