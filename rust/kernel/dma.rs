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
//! | [`SGTable`](crate::scatterlist::SGTable) | the same for `vmalloc()`ed buffers, in pieces | large transfers |
//!
//! In `probe`, a driver says which addresses its device can drive ([`Device`]), lets it master the bus
//! ([`pci::Device::bus_master`](crate::pci::Device::bus_master)), then allocates:
//!
//! ```
//! use kernel::{device::Core, dma::{ Coherent, Device as _, DmaMask}, io::{io_read, io_write}, pci, prelude::*};
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
//!     ring: Coherent<'bound, [Descriptor]>,
//!     _master: pci::BusMaster<'bound>,
//! }
//!
//! fn set_up<'bound>(pdev: &'bound pci::Device<Core<'_>>) -> Result<Data<'bound>> {
//!     pdev.dma_set_mask_and_coherent(DmaMask::new::<40>())?;
//!     let ring = Coherent::<Descriptor>::zeroed_slice(pdev.as_ref(), 64, GFP_KERNEL)?;
//!     io_write!(&ring, [0]?.length, 512);
//!     dev_info!(pdev, "ring at {:#x}, state {}\n", ring.dma_address(), io_read!(&ring, [0]?.state));
//!     Ok(Data { ring, _master: pdev.bus_master()? })
//! }
//! ```
//!
//! # How long memory stays
//!
//! Memory and mappings belong to the binding, and their handles borrow it, so none outlives it; one that is forgotten
//! is given back when the binding ends.
//!
//! A transfer may still run when a driver lets go of its memory. While a device is in service it is the driver who
//! knows: dropping a handle gives the memory back at once. While `probe` runs, and from the moment that `unbind` has
//! returned, nobody knows: a handle that is dropped then leaves its memory to the binding, which gives it back when
//! `probe` has succeeded, or else when the driver's data is gone and the device's bus mastering was turned off. So
//! neither a `probe` that fails in the middle of a transfer, nor the order of the fields of the driver's data, lets a
//! PCI device write into memory that somebody else has by then (DMA-QUIET). On buses without a bit for that, such as the
//! platform bus, a driver stops its device in `unbind`.
//!
//! What addresses a driver writes into its device's registers is not checked, here as in C. An IOMMU does that.

use crate::{
    binding, bindings,
    device::{self, Bound, Core},
    error::to_result,
    prelude::*,
};

mod coherent;
mod coherent_box;
mod flags;
mod lease;
mod masks;
mod streaming;
mod view;

pub use coherent::{Coherent, CoherentHandle};
pub use coherent_box::CoherentBox;
pub use flags::{Attrs, DataDirection, attrs};
pub(crate) use lease::Lease;
pub(crate) use masks::Masks;
pub use streaming::{CpuAccess, DmaBuffer, Mapped, Streaming};
pub use view::{CoherentIoBackend, CoherentView};

/// An address as a device drives it on its bus (`dma_addr_t`).
pub type DmaAddress = bindings::dma_addr_t;

/// A device that can be told in `probe` which addresses it can drive.
///
/// All methods may sleep. They are refused once memory was allocated or mapped for the device, by this binding: memory
/// that exists would not be where the new mask says.
pub trait Device<'a>: AsRef<device::Device<Core<'a>>> {
    /// Sets the addresses that streaming mappings may have (`dma_set_mask()`).
    ///
    /// # Errors
    ///
    /// `EIO` from C if the platform or the device cannot do it; `EBUSY` if there are, or were, allocations or mappings;
    /// `EPERM` if no driver of this module has bound the device. The mask is as before.
    fn dma_set_mask(&self, mask: DmaMask) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: DEV-LIVE; `change` keeps allocations and mappings, which read the mask, away.
            to_result(unsafe { bindings::dma_set_mask(raw, mask.value()) })
        })
    }

    /// Sets the addresses that coherent memory may have (`dma_set_coherent_mask()`).
    ///
    /// # Errors
    ///
    /// As [`dma_set_mask`](Self::dma_set_mask).
    fn dma_set_coherent_mask(&self, mask: DmaMask) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: DEV-LIVE; `change` keeps allocations and mappings, which read the mask, away.
            to_result(unsafe { bindings::dma_set_coherent_mask(raw, mask.value()) })
        })
    }

    /// Sets both (`dma_set_mask_and_coherent()`).
    ///
    /// # Errors
    ///
    /// As [`dma_set_mask`](Self::dma_set_mask).
    fn dma_set_mask_and_coherent(&self, mask: DmaMask) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: DEV-LIVE; `change` keeps allocations and mappings, which read the mask, away.
            to_result(unsafe { bindings::lb_dma_set_mask_and_coherent(raw, mask.value()) })
        })
    }

    /// Sets the largest piece of a scatter-gather list in bytes (`dma_set_max_seg_size()`).
    ///
    /// # Errors
    ///
    /// `EIO` if the device's bus keeps no such number; otherwise as [`dma_set_mask`](Self::dma_set_mask).
    fn dma_set_max_seg_size(&self, size: u32) -> Result {
        change(self.as_ref(), |raw| {
            // SAFETY: DEV-LIVE; `change` keeps mappings, which read the size, away.
            to_result(unsafe { bindings::lb_dma_set_max_seg_size(raw, size) })
        })
    }
}

/// Lets `set` change what allocations depend on, unless there were any.
fn change(
    device: &device::Device<Bound>,
    set: impl FnOnce(*mut bindings::device) -> Result,
) -> Result {
    masks(device)?.change(|| set(device.as_raw()))
}

/// What the device's binding knows of its DMA.
fn masks(device: &device::Device<Bound>) -> Result<&Masks> {
    binding::of(device)?.part().ok_or(EPERM)
}

/// The addresses that a device can drive: those of up to 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DmaMask(u64);

impl DmaMask {
    /// Addresses of `N` bits, 1 to 64, checked while compiling (`DMA_BIT_MASK()`).
    pub const fn new<const N: u32>() -> Self {
        const { assert!(N >= 1 && N <= 64, "a DMA mask has 1 to 64 bits") };
        // OVERFLOW: 64 - N is 0 to 63 by the line above.
        Self(u64::MAX >> (64 - N))
    }

    /// Addresses of `n` bits.
    ///
    /// # Errors
    ///
    /// `EINVAL` unless `n` is 1 to 64.
    pub const fn try_new(n: u32) -> Result<Self> {
        match n {
            // OVERFLOW: 64 - n is 0 to 63.
            1..=64 => Ok(Self(u64::MAX >> (64 - n))),
            _ => Err(EINVAL),
        }
    }

    /// The highest address.
    pub const fn value(&self) -> u64 {
        self.0
    }
}

/// Checks that memory may be allocated or mapped for a device, and keeps its masks from now on. Any context.
///
/// # Errors
///
/// `EPERM` if no driver of this module has bound it; `EIO` if it cannot do DMA; `EBUSY` while a mask is being set.
pub(crate) fn begin(device: &device::Device<Bound>) -> Result {
    let masks = masks(device)?;
    if masks.is_used() {
        return Ok(());
    }
    // SAFETY: DEV-LIVE; masks are changed under `change` alone, and by the bus before it probes.
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
