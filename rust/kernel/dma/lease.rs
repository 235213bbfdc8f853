// SPDX-License-Identifier: GPL-2.0

//! Memory or mappings that a driver has, and a device may use.

use core::{
    mem::ManuallyDrop,
    ptr,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    alloc::Flags,
    bindings,
    device::{Bound, Device},
    devres::Owned,
    driver::Binding,
    prelude::*,
};

/// An entry of the binding whose payload the device may be using.
///
/// # Invariants
///
/// DMA-QUIET: the payload is dropped while the device is in service, which is the driver's word that no transfer uses
/// it, or else after bus mastering was turned off.
pub(crate) struct Lease<'a, P: Payload>(ManuallyDrop<Owned<'a, Quiet<P>>>);

/// What a lease is about.
///
/// # Safety
///
/// [`device`](Self::device) must return the device with which the payload was attached.
pub(crate) unsafe trait Payload: Send + Sync + 'static {
    /// The device that may use it.
    fn device(&self) -> *mut bindings::device;
}

/// A payload before whose end the device is stopped.
struct Quiet<P: Payload> {
    payload: P,
    /// Whether the driver has been told of it.
    exposed: AtomicBool,
}

impl<P: Payload> Quiet<P> {
    fn into_payload(self) -> P {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, and not dropped.
        unsafe { ptr::read(&raw const this.payload) }
    }
}

impl<P: Payload> Drop for Quiet<P> {
    fn drop(&mut self) {
        if !*self.exposed.get_mut() {
            return;
        }
        let device = self.payload.device();
        // SAFETY: payloads are dropped while their device is alive; if it has a binding of this module in its list, that
        // stays there meanwhile, since this runs for an owner that borrows the binding.
        if !unsafe { Binding::is_settled(device) } {
            // SAFETY: the device is alive.
            unsafe { bindings::lb_dma_quiesce(device) };
        }
    }
}

impl<'a, P: Payload> Lease<'a, P> {
    /// Attaches a payload. Sleeps as `flags` allow. On error the payload is dropped; see [`Owned::with_flags`].
    pub(crate) fn new(device: &'a Device<Bound>, payload: P, flags: Flags) -> Result<Self> {
        let quiet = Quiet {
            payload,
            exposed: AtomicBool::new(false),
        };
        // INVARIANT: DMA-QUIET: see `drop`, and `Quiet`'s.
        let owned = Owned::with_flags(device, quiet, flags)?;
        owned.payload().exposed.store(true, Ordering::Release);
        Ok(Self(ManuallyDrop::new(owned)))
    }

    /// What the lease is about.
    pub(crate) fn payload(&self) -> &P {
        &self.0.payload().payload
    }

    /// Ends the lease, on the driver's word that no transfer runs. `None` if the binding has ended it.
    pub(crate) fn into_payload(self) -> Option<P> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: this is the end of `self`.
        let owned = unsafe { ManuallyDrop::take(&mut this.0) };
        owned.into_payload().map(Quiet::into_payload)
    }
}

impl<P: Payload> Drop for Lease<'_, P> {
    fn drop(&mut self) {
        // SAFETY: this is the end of `self`.
        let owned = unsafe { ManuallyDrop::take(&mut self.0) };
        // SAFETY: DEV-LIVE; the lease borrows the binding.
        if !unsafe { Binding::is_settled(owned.device().as_raw()) } {
            return owned.abandon();
        }
        drop(owned);
    }
}
