// SPDX-License-Identifier: GPL-2.0

//! Bus mastering: whether the device may start transfers.

use core::sync::atomic::{AtomicU32, Ordering};

use super::device::Device;
use crate::{
    binding::{self, Binding, Part},
    bindings,
    device::{Bound, Core},
    dma::Masks,
    prelude::*,
};

/// The shares in the device's permission to start transfers.
pub struct Masters {
    /// How many [`BusMaster`]s there are.
    count: AtomicU32,
    /// Whether the device was a bus master before it was bound.
    was_master: bool,
}

impl Masters {
    #[inline]
    pub(super) fn new(pdev: &Device<Core<'_>>) -> Self {
        Self {
            count: AtomicU32::new(0),
            // SAFETY: `lb_pci_is_master()` requires a live device: DEV-LIVE.
            was_master: unsafe { bindings::lb_pci_is_master(pdev.as_raw()) },
        }
    }

    /// Gives up one share.
    fn remove(&self, pdev: &Device<Bound>) {
        if self.count.fetch_sub(1, Ordering::AcqRel) != 1 {
            return;
        }
        // SAFETY: `pci_clear_master()` requires a live device: DEV-LIVE.
        unsafe { bindings::pci_clear_master(pdev.as_raw()) };
        if self.count.load(Ordering::Acquire) != 0 {
            // Another thread took a share between the decrement and the write.
            // SAFETY: `pci_set_master()` requires a live device: DEV-LIVE.
            unsafe { bindings::pci_set_master(pdev.as_raw()) };
        }
    }
}

impl Part for Masters {
    /// Takes the permission away, by whatever call the driver gave it, before memory for DMA is
    /// freed (DMA-QUIET). When the write has completed, every earlier transfer has completed, too.
    #[inline]
    fn data_dropped(&self, binding: Binding<'_>) {
        let used = binding.part::<Masks>().is_some_and(Masks::is_used);
        if self.was_master && !used {
            return;
        }
        // SAFETY: `embedded_in` requires a device of the PCI bus; only that bus has this part.
        let pdev: &Device<Bound> = unsafe { binding.device().embedded_in() };
        // SAFETY: `pci_clear_master()` requires a live device: DEV-LIVE.
        unsafe { bindings::pci_clear_master(pdev.as_raw()) };
    }
}

/// The device's permission to start transfers, which ends when this is dropped.
///
/// If several of these are alive, the permission ends with the last one. If a driver forgets one,
/// or uses [`set_master`](Device::set_master), the permission ends with the binding, before memory
/// for DMA is freed; see [`dma`](crate::dma).
#[must_use = "the device may be bus master as long as this lives"]
pub struct BusMaster<'a> {
    pdev: &'a Device<Bound>,
    masters: &'a Masters,
}

impl Drop for BusMaster<'_> {
    fn drop(&mut self) {
        self.masters.remove(self.pdev);
    }
}

impl Device<Core<'_>> {
    /// Lets the device start transfers until the result is dropped.
    ///
    /// Context: any; does not sleep.
    ///
    /// # Errors
    ///
    /// `EPERM` if no driver of this module has bound the device.
    pub fn bus_master(&self) -> Result<BusMaster<'_>> {
        let masters = binding::of(self)?.part::<Masters>().ok_or(EPERM)?;
        // OVERFLOW: the count cannot overflow, because each share is a value that the driver holds.
        masters.count.fetch_add(1, Ordering::AcqRel);
        self.set_master();
        Ok(BusMaster {
            pdev: self,
            masters,
        })
    }
}
