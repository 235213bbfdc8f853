// SPDX-License-Identifier: GPL-2.0

//! Leases: memory or mappings that a driver owns, and that its device may be using.

use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::NonNull,
    sync::atomic::{AtomicU8, Ordering},
};

use super::Masks;
use crate::{
    alloc::Flags,
    binding::{self, Binding, Links},
    device::{Bound, Device},
    prelude::*,
    sync::Arc,
};

/// The handle borrows nothing. If it is still there when the binding ends, the memory stays.
///
/// This is the default parameter of [`Coherent`](super::Coherent),
/// [`CoherentBox`](super::CoherentBox), [`CoherentHandle`](super::CoherentHandle) and
/// [`scatterlist::Owned`](crate::scatterlist::Owned).
///
/// Not in Linux 7.3, where such types have no parameter for this.
pub struct Unbounded(());

/// The handle borrows the binding for `'a`. The end of the binding frees the memory, even if the
/// handle was forgotten.
///
/// Methods such as [`Coherent::within`](super::Coherent::within) give a handle this parameter.
///
/// Not in Linux 7.3.
pub struct Within<'a>(PhantomData<&'a Device<Bound>>);

/// An entry of a binding, for a managed resource that the device may be using.
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
///
/// LEASE-COUNTED: while the entry is in the list of its binding, the list owns a count of the
/// `Arc`, and `binding` is there. The lease owns another count.
///
/// LEASE-LENT: the payload is dropped or moved out once. Its lease has gone by then, or cannot be
/// used any more: a `Lease<P, Within<'a>>` is neither used nor dropped after `'a`.
#[pin_data]
#[repr(C)]
struct LeaseEntry<P> {
    links: Links,
    binding: Binding<'static>,
    /// The state of the lease: [`UNBOUNDED`], [`WITHIN`] or [`GONE`].
    lease: AtomicU8,
    payload: UnsafeCell<ManuallyDrop<P>>,
}

/// The lease may be used after the binding.
const UNBOUNDED: u8 = 0;
/// The lease cannot be used after the binding.
const WITHIN: u8 = 1;
/// The lease was dropped.
const GONE: u8 = 2;

// SAFETY: `Sync` requires that threads may share the value. They share the payload (`P: Sync`), and
// one thread drops it or moves it out (`P: Send`) when no other uses it any more (LEASE-LENT).
unsafe impl<P: Send + Sync> Sync for LeaseEntry<P> {}

/// The handle of a payload that is attached to a binding.
///
/// If a `Lease<P, Unbounded>` is there when the binding ends, the payload stays for ever, and a
/// message says so. C frees it only for a bound device, and this still lends it.
///
/// The end of the binding drops the payload of a `Lease<P, Within<'a>>`, which can only have been
/// forgotten. This type has a `Drop` of its own, so the compiler accepts no drop after `'a`.
pub(crate) struct Lease<P: Send + Sync + 'static, H = Unbounded>(
    Arc<LeaseEntry<P>>,
    PhantomData<H>,
);

impl<P: Send + Sync + 'static> Lease<P> {
    /// Attaches a payload to the binding. On error the payload is dropped.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `EPERM` if no driver of this module has bound the device.
    pub(crate) fn new(device: &Device<Bound>, payload: P, flags: Flags) -> Result<Self> {
        let binding = binding::of(device)?;
        let entry = try_pin_init!(LeaseEntry {
            links: Links::new(release::<P>),
            // SAFETY: `without_lifetime` requires that the result is used only while the binding
            // is there: LEASE-COUNTED, and `drop` has claimed the entry.
            binding: unsafe { binding.without_lifetime() },
            lease: AtomicU8::new(UNBOUNDED),
            payload: UnsafeCell::new(ManuallyDrop::new(payload)),
        }? Error);
        let entry = Arc::pin_init(entry, flags)?;
        let listed = Arc::into_raw(entry.clone()).cast_mut().cast::<Links>();
        // SAFETY: `new_unchecked` requires a pointer that is not null; `into_raw` never returns
        // null.
        let listed = unsafe { NonNull::new_unchecked(listed) };
        // INVARIANT: LEASE-COUNTED: the list gets the count of `listed`.
        // SAFETY: `add` requires (1) new links in no list, (2) memory that stays until the entry is
        // removed, (3) a release function that any thread may call until the binding has ended. (1)
        // `links` are the head of the entry (`repr(C)`), and new. (2) The list's count keeps the
        // entry. (3) The function is code of this module, whose bindings end before it is unloaded,
        // and the payload is `Send`.
        unsafe { binding.managed().add(listed) };
        Ok(Self(entry, PhantomData))
    }

    /// Lets the lease borrow the binding. The end of the binding drops the payload even if the
    /// result is forgotten.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// The lease is dropped then.
    ///
    /// `EINVAL` if the payload is attached to another binding than that of `device`; `EPERM` if no
    /// driver of this module has bound `device`.
    pub(crate) fn within(self, device: &Device<Bound>) -> Result<Lease<P, Within<'_>>> {
        // If the payload's binding has ended, another one may be in its memory. That is harmless:
        // nobody looks at this entry any more, and the payload stays.
        if !self.0.binding.is(binding::of(device)?) {
            return Err(EINVAL);
        }
        let entry = self.into_entry();
        // INVARIANT: LEASE-LENT: the result borrows `device`, whose binding does not end meanwhile.
        entry.lease.store(WITHIN, Ordering::Release);
        Ok(Lease(entry, PhantomData))
    }
}

impl<P: Send + Sync + 'static, H> Lease<P, H> {
    /// What is leased.
    pub(crate) fn payload(&self) -> &P {
        // SAFETY: the reference requires a value that nobody changes: `self` is the lease, and is
        // in use (LEASE-LENT).
        unsafe { &*self.0.payload.get() }
    }

    /// Ends the lease. By calling this, the driver says that no transfer uses the payload.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the binding has ended. The payload stays for ever then.
    pub(crate) fn into_payload(self) -> Result<P> {
        let entry = self.into_entry();
        let claim = entry.links.claim().ok_or(ENODEV)?;
        // SAFETY: `take` requires that the payload is not used again: the claim keeps the list from
        // releasing it, and the lease is gone.
        let payload = unsafe { take(&entry) };
        claim.finish();
        give_up_count(&entry);
        Ok(payload)
    }

    /// The entry, with the count that the lease owns.
    fn into_entry(self) -> Arc<LeaseEntry<P>> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `read` requires that the original is not used again; it is not dropped.
        unsafe { core::ptr::read(&this.0) }
    }
}

impl<P: Send + Sync + 'static, H> Drop for Lease<P, H> {
    fn drop(&mut self) {
        let entry = &self.0;
        // If the end of the binding has taken the entry, it has settled what becomes of it.
        let Some(claim) = entry.links.claim() else {
            return;
        };
        // The binding is there: its end waits for the claim.
        if !entry.binding.is_in_service() {
            if let Some(masks) = entry.binding.part::<Masks>() {
                masks.note_abandoned();
            }
            // INVARIANT: LEASE-LENT: the lease is being dropped.
            entry.lease.store(GONE, Ordering::Release);
            return claim.abandon();
        }
        // SAFETY: `take` requires that the payload is not used again: the claim keeps the list from
        // releasing it, and the lease is being dropped.
        drop(unsafe { take(entry) });
        claim.finish();
        give_up_count(entry);
    }
}

/// Gives up a count of an entry that nobody else gives up: the list's count of an entry that has
/// just left the list, or the count of a lease that was forgotten.
fn give_up_count<P>(entry: &Arc<LeaseEntry<P>>) {
    // SAFETY: `from_raw` requires a count to give up: LEASE-COUNTED. `Claim::finish` passes the
    // list's count, and a forgotten lease does not use its own.
    drop(unsafe { Arc::from_raw(Arc::as_ptr(entry)) });
}

/// Moves the payload out of an entry.
///
/// # Safety
///
/// The payload must not be used afterwards, nor be dropped or moved out by others.
unsafe fn take<P>(entry: &LeaseEntry<P>) -> P {
    // SAFETY: the reference requires that nobody else uses the payload; the caller vouches for it.
    let payload = unsafe { &mut *entry.payload.get() };
    // SAFETY: `take` requires a value that is not used again; the caller vouches for it.
    unsafe { ManuallyDrop::take(payload) }
}

/// Releases an entry that was removed from its list.
///
/// # Safety
///
/// `links` must be the links of a `LeaseEntry<P>` that the list owned a count of. The count passes
/// to this function.
unsafe fn release<P>(links: NonNull<Links>) {
    // SAFETY: `from_raw` requires a count to give up, and the pointer of `into_raw`; the links are
    // the head of the entry (`repr(C)`), and the caller passes the count (LEASE-COUNTED).
    let entry = unsafe { Arc::from_raw(links.cast::<LeaseEntry<P>>().as_ptr().cast_const()) };
    let lease = entry.lease.load(Ordering::Acquire);
    if lease == UNBOUNDED {
        pr_warn!("memory for DMA is in use after its device was unbound, and is not freed\n");
        return;
    }
    // SAFETY: `take` requires that the payload is not used again: its lease has gone without taking
    // it, or is not used any more (LEASE-LENT). An entry is released once.
    drop(unsafe { take(&entry) });
    if lease == WITHIN {
        // The lease was not dropped while it borrowed the binding, and cannot be dropped later.
        give_up_count(&entry);
    }
}

#[cfg(lifebound_kunit)]
mod kunit;
