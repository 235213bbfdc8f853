// SPDX-License-Identifier: GPL-2.0

//! Memory or mappings that a driver has, and a device may use.

use core::mem::ManuallyDrop;

use super::Masks;
use crate::{
    alloc::Flags,
    device::{Bound, Device},
    devres::Owned,
    prelude::*,
};

/// A managed resource that the device may be using.
///
/// # Invariants
///
/// DMA-QUIET: the payload is dropped
///
/// 1. while the device is in service: that the driver drops it is its word that no transfer uses it;
/// 2. when `probe` has succeeded, if it was dropped while `probe` ran: the same;
/// 3. or else by the end of the binding, after the bus has taken the device's permission to start transfers away, if it
///    can (the hook `data_dropped` of the part `pci::Masters`).
pub(crate) struct Lease<'a, P: Send + Sync + 'static>(ManuallyDrop<Owned<'a, P>>);

impl<'a, P: Send + Sync + 'static> Lease<'a, P> {
    /// Attaches a payload. Sleeps as `flags` allow. On error the payload is dropped; see [`Owned::with_flags`].
    pub(crate) fn new(device: &'a Device<Bound>, payload: P, flags: Flags) -> Result<Self> {
        // INVARIANT: DMA-QUIET: see `drop`.
        let owned = Owned::with_flags(device, payload, flags)?;
        Ok(Self(ManuallyDrop::new(owned)))
    }

    /// What the lease is about.
    pub(crate) fn payload(&self) -> &P {
        self.0.payload()
    }

    /// Ends the lease, on the driver's word that no transfer runs.
    pub(crate) fn into_payload(self) -> P {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `take` requires that the value is not used again: `self` ends here, and is not dropped.
        let owned = unsafe { ManuallyDrop::take(&mut this.0) };
        owned.into_payload()
    }
}

impl<P: Send + Sync + 'static> Drop for Lease<'_, P> {
    fn drop(&mut self) {
        // SAFETY: `take` requires that the value is not used again: this is the end of `self`.
        let owned = unsafe { ManuallyDrop::take(&mut self.0) };
        let binding = owned.binding();
        if binding.is_in_service() {
            return drop(owned);
        }
        owned.abandon();
        if let Some(masks) = binding.part::<Masks>() {
            masks.note_abandoned();
        }
    }
}
