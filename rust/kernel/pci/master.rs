// SPDX-License-Identifier: GPL-2.0

//! Bus mastering: whether the device may start transfers.

use super::{Device, resource::Behind};
use crate::{
    bindings,
    device::{Bound, Core},
    devres::Owned,
    driver::Binding,
    prelude::*,
};

/// The device's permission to start transfers, which ends when this is dropped.
///
/// When several are alive, the last one counts. What a driver forgets, and what it enabled by
/// [`set_master`](Device::set_master), ends with the binding, before memory for DMA is given back; see
/// [`dma`](crate::dma).
#[must_use = "the device may be bus master as long as this lives"]
pub struct BusMaster<'a>(#[expect(dead_code, reason = "kept for its end")] Owned<'a, Permission>);

/// One share of the permission.
struct Permission(Behind);

impl Drop for Permission {
    fn drop(&mut self) {
        let pdev = self.0.as_ptr();
        // SAFETY: payloads are dropped while their device is alive; while it has a binding of this module in its list, the
        // device is bound.
        let pdev = unsafe { Device::<Bound>::from_raw(pdev) };
        // At the binding's end there is none, and another entry ends mastering.
        let Some(binding) = Binding::find(pdev) else {
            return;
        };
        if binding.dma().remove_master() {
            // SAFETY: DEV-LIVE.
            unsafe { bindings::pci_clear_master(pdev.as_raw()) };
            if binding.dma().has_masters() {
                // Somebody got a share between the two.
                // SAFETY: DEV-LIVE.
                unsafe { bindings::pci_set_master(pdev.as_raw()) };
            }
        }
    }
}

impl Device<Core<'_>> {
    /// Lets the device start transfers until the result is dropped. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; the device is as before then.
    pub fn bus_master(&self) -> Result<BusMaster<'_>> {
        let binding = Binding::find(self).ok_or(EPERM)?;
        binding.dma().add_master();
        // On error the payload is dropped, and its share with it.
        let permission = Owned::new(self.as_ref(), Permission(Behind::new(self)))?;
        self.set_master();
        Ok(BusMaster(permission))
    }
}
