// SPDX-License-Identifier: GPL-2.0

//! Leases: memory or mappings that a driver owns, and that its device may be using.

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
/// DMA-QUIET: no transfer uses the payload when it is dropped. The payload is dropped at one of
/// three times:
///
/// 1. While the device is in service, when the driver drops the lease. By dropping it, the driver
///    says that no transfer uses it.
/// 2. When `probe` has succeeded, if the driver dropped the lease while `probe` ran. The driver
///    says the same.
/// 3. Otherwise at the end of the binding. By then the bus has taken away the device's permission
///    to start transfers, if the bus can (the hook `data_dropped` of the part `pci::Masters`).
pub(crate) struct Lease<'a, P: Send + Sync + 'static>(ManuallyDrop<Owned<'a, P>>);

impl<'a, P: Send + Sync + 'static> Lease<'a, P> {
    /// Attaches a payload to the binding. On error the payload is dropped; see
    /// [`Owned::with_flags`].
    ///
    /// Context: any context; sleeps as `flags` allow.
    pub(crate) fn new(device: &'a Device<Bound>, payload: P, flags: Flags) -> Result<Self> {
        // INVARIANT: DMA-QUIET: `drop` and `into_payload` are the only ways to the payload's end
        // before the binding's.
        let owned = Owned::with_flags(device, payload, flags)?;
        Ok(Self(ManuallyDrop::new(owned)))
    }

    /// The memory or mapping of the lease.
    pub(crate) fn payload(&self) -> &P {
        self.0.payload()
    }

    /// Ends the lease. By calling this, the driver says that no transfer uses the payload.
    pub(crate) fn into_payload(self) -> P {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `take` requires that the value is not used again; `self` ends here, and is not
        // dropped.
        let owned = unsafe { ManuallyDrop::take(&mut this.0) };
        owned.into_payload()
    }
}

impl<P: Send + Sync + 'static> Drop for Lease<'_, P> {
    fn drop(&mut self) {
        // SAFETY: `take` requires that the value is not used again; `self` ends with this drop.
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
