// SPDX-License-Identifier: GPL-2.0

//! Resources that the device's binding owns.
//!
//! C header: [`include/linux/device.h`](srctree/include/linux/device.h) (`devres_*`)
//!
//! What a driver keeps in its `Data<'bound>` needs nothing of this: it is dropped when the binding ends. [`Devres`] is
//! for a resource that has to be reachable from a place with a life of its own (a `'static` callback, an `Arc`): the
//! binding takes the resource away when it ends, and access fails from then on. [`DevresLt`] is the same for a type
//! with a lifetime. [`register`] hands a value to the binding without giving it back.
//!
//! Resources can be attached to a device that a driver of the calling module has bound, and to no other: the release
//! functions are code of that module, which is gone when it is unloaded (its own drivers are unbound before).

use core::{ops::Deref, ptr::NonNull};

use crate::{
    alloc::Flags,
    binding::{self, Links},
    device::{Bound, Device},
    prelude::*,
    revocable::{Revocable, RevocableGuard},
    sync::{Arc, aref::ARef},
    types::{CovariantForLt, ForLt},
};

mod node;

use node::Node;
pub(crate) use node::Owned;

/// A value that can be taken away, in the list of a binding; its handle and the list share it.
///
/// # Invariants
///
/// SHARED-COUNTED: while it is in a list, the list owns one count of the `Arc`, which is given up after the value was
/// dropped.
#[pin_data]
#[repr(C)]
struct Entry<T> {
    links: Links,
    #[pin]
    value: Revocable<T>,
}

/// Drops the value of an entry that its binding's end has taken off the list.
///
/// # Safety
///
/// `links` must head an `Entry<T>`, and the list's count of it passes to this function.
unsafe fn release<T>(links: NonNull<Links>) {
    // SAFETY: SHARED-COUNTED: the list's count came from `into_raw` in `Shared::new`.
    let entry = unsafe { Arc::from_raw(links.cast::<Entry<T>>().as_ptr().cast_const()) };
    entry.value.revoke();
}

/// A handle to an entry.
struct Shared<T: 'static> {
    device: ARef<Device>,
    entry: Arc<Entry<T>>,
}

impl<T: Send + 'static> Shared<T> {
    fn new<E>(device: &Device<Bound>, data: impl PinInit<T, E>) -> Result<Self>
    where
        Error: From<E>,
    {
        // The release function is this module's code; see the documentation of the module.
        let binding = binding::of(device)?;
        let entry = try_pin_init!(Entry {
            links: Links::new(release::<T>),
            value <- Revocable::new(data),
        }? E);
        let entry = Arc::pin_init::<E>(entry, GFP_KERNEL)?;
        let listed = Arc::into_raw(entry.clone()).cast_mut().cast::<Links>();
        // SAFETY: `into_raw` never returns null.
        let listed = unsafe { NonNull::new_unchecked(listed) };
        // INVARIANT: SHARED-COUNTED.
        // SAFETY: (1) `links` are the head of the entry, and new. (2) The count of the list keeps it. (3) The release
        // function is of this module, whose bindings end before it is unloaded; the value is `Send`.
        unsafe { binding.managed().add(listed) };
        Ok(Self {
            device: device.into(),
            entry,
        })
    }
}

impl<T: 'static> Shared<T> {
    fn access<'a>(&'a self, device: &'a Device<Bound>) -> Result<&'a T> {
        if self.device.as_raw() != device.as_raw() {
            return Err(EINVAL);
        }
        // The device may be bound again: the value went with the binding to which it was attached.
        if self.entry.value.is_revoked() {
            return Err(ENODEV);
        }
        // SAFETY: the value was not revoked, so the binding to which it was attached has not ended: it is the one that
        // lasts for `'a`, and does not release the value within it. The handle, which could, is borrowed for `'a`.
        Ok(unsafe { self.entry.value.access() })
    }
}

impl<T: 'static> Drop for Shared<T> {
    fn drop(&mut self) {
        // If the binding's end has the entry, it has dropped the value or is about to. That is not waited for: the value
        // may be what owns this handle.
        let Some(claim) = self.entry.links.claim() else {
            return;
        };
        self.entry.value.revoke();
        claim.finish();
        // SAFETY: SHARED-COUNTED: the entry has left the list, whose count is given up here.
        drop(unsafe { Arc::from_raw(Arc::as_ptr(&self.entry)) });
    }
}

/// A `T` that lives until this handle is dropped or the device is unbound, whichever is first.
///
/// Forgetting the handle costs its memory; the value is dropped when the device is unbound.
///
/// # Invariants
///
/// DEVRES-SHARED: the value is dropped by the binding's end at the latest, before anything that was attached earlier.
pub struct Devres<T: Send + 'static>(Shared<T>);

impl<T: Send + 'static> Devres<T> {
    /// Builds a value and attaches it to the device. May sleep.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `EPERM` if no driver of this module has bound the device. Nothing is
    /// attached then, and the value dropped.
    pub fn new<E>(device: &Device<Bound>, data: impl PinInit<T, E>) -> Result<Self>
    where
        Error: From<E>,
    {
        Shared::new(device, data).map(Self)
    }

    /// The device to which the value is attached, bound or not. Any context.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// The value, for as long as the device is known to be bound. Any context; costs a comparison.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `device` is not the one to which the value is attached; `ENODEV` if it was unbound since, and is
    /// bound again.
    pub fn access<'a>(&'a self, device: &'a Device<Bound>) -> Result<&'a T> {
        self.0.access(device)
    }

    /// The value, unless the device was unbound. Any context. The unbinding waits for the guard to be dropped.
    pub fn try_access(&self) -> Option<RevocableGuard<'_, T>> {
        self.0.entry.value.try_access()
    }

    /// Calls `f` with the value, unless the device was unbound. Any context. The unbinding waits for `f` to return.
    pub fn try_access_with<R, F: FnOnce(&T) -> R>(&self, f: F) -> Option<R> {
        self.0.entry.value.try_access_with(f)
    }
}

// SAFETY: both shares can be dropped on any thread, which then drops or waits for a `T: Send`.
unsafe impl<T: Send + 'static> Send for Devres<T> {}

// SAFETY: a shared handle lends `&T` to any thread, hence `T: Sync`.
unsafe impl<T: Send + Sync + 'static> Sync for Devres<T> {}

/// [`Devres`] for a type with a lifetime, `F::Of<'_>`.
pub struct DevresLt<F: ForLt>(Shared<F::Of<'static>>)
where
    F::Of<'static>: 'static;

impl<F: ForLt> DevresLt<F>
where
    for<'a> F::Of<'a>: Send,
{
    /// Builds a value and attaches it to the device. May sleep.
    ///
    /// Types that are safe to attach have a method of their own for it, such as
    /// [`pci::Bar::into_devres`](crate::pci::Bar::into_devres).
    ///
    /// # Errors
    ///
    /// As [`Devres::new`].
    ///
    /// # Safety
    ///
    /// What the value borrows must live until the device's managed resources that were attached before are released,
    /// which may be later than the end of `'a`.
    pub unsafe fn new<'a, E>(
        device: &'a Device<Bound>,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        // SAFETY: the types differ in a lifetime, so not in layout. The value is only given back for lifetimes that
        // its user cannot choose (`access*`, `try_access*`), and dropped while what it borrows lives (the caller).
        let data = unsafe { pin_init::cast_pin_init::<F::Of<'a>, F::Of<'static>, E>(data) };
        Shared::new(device, data).map(Self)
    }

    /// The device to which the value is attached, bound or not. Any context.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// Calls `f` with the value, given that the device is bound. Any context.
    ///
    /// # Errors
    ///
    /// As [`Devres::access`]; `f` is not called then.
    pub fn access_with<R, G>(&self, device: &Device<Bound>, f: G) -> Result<R>
    where
        G: for<'a> FnOnce(&F::Of<'a>) -> R,
    {
        Ok(f(self.0.access(device)?))
    }

    /// Calls `f` with the value, unless the device was unbound. Any context. The unbinding waits for `f` to return.
    pub fn try_access_with<R, G>(&self, f: G) -> Option<R>
    where
        G: for<'a> FnOnce(&F::Of<'a>) -> R,
    {
        Some(f(&*self.0.entry.value.try_access()?))
    }
}

impl<F: CovariantForLt> DevresLt<F>
where
    for<'a> F::Of<'a>: Send,
{
    /// The value, for as long as the device is known to be bound. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `device` is not the one to which the value is attached; `ENODEV` if it was unbound since, and is
    /// bound again.
    pub fn access<'a>(&'a self, device: &'a Device<Bound>) -> Result<&'a F::Of<'a>> {
        Ok(F::cast_ref(self.0.access(device)?))
    }

    /// The value, unless the device was unbound. Any context. The unbinding waits for the guard to be dropped.
    pub fn try_access(&self) -> Option<DevresGuard<'_, F>> {
        self.0.entry.value.try_access().map(DevresGuard)
    }
}

// SAFETY: as for `Devres`.
unsafe impl<F: ForLt> Send for DevresLt<F> where for<'a> F::Of<'a>: Send {}

// SAFETY: as for `Devres`.
unsafe impl<F: ForLt> Sync for DevresLt<F> where for<'a> F::Of<'a>: Send + Sync {}

/// Access to the value of a [`DevresLt`]. The device's unbinding waits for it to be dropped.
pub struct DevresGuard<'a, F: CovariantForLt>(RevocableGuard<'a, F::Of<'static>>);

impl<F: CovariantForLt> DevresGuard<'_, F> {
    /// The value, for as long as the guard is borrowed. Any context. Ours alone.
    pub fn get<'g>(&'g self) -> &'g F::Of<'g> {
        F::cast_ref(&*self.0)
    }
}

/// A type out of which nothing that borrows for its lifetime can be taken, so that its guard may dereference to it.
///
/// # Safety
///
/// Safe code must not get anything that lives for `'a` from a `&Of<'a>` that is borrowed for less.
pub unsafe trait Tight: CovariantForLt {}

impl<'a, F: Tight> Deref for DevresGuard<'a, F> {
    type Target = F::Of<'a>;

    fn deref(&self) -> &Self::Target {
        F::cast_ref(&*self.0)
    }
}

/// Hands a value to the device's binding, which drops it when it ends. May sleep, as `flags` allow.
///
/// # Errors
///
/// The initialiser's error; `ENOMEM`; `EPERM` if no driver of this module has bound the device. The value is dropped
/// then.
pub fn register<T, E>(device: &Device<Bound>, data: impl PinInit<T, E>, flags: Flags) -> Result
where
    T: Send + 'static,
    Error: From<E>,
{
    Node::attach(device, data, flags).map(drop)
}

#[cfg(lifebound_kunit)]
mod kunit;
