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

use core::ops::Deref;

use crate::{
    alloc::Flags,
    device::{Bound, Device},
    prelude::*,
    revocable::{Revocable, RevocableGuard},
    sync::{Arc, aref::ARef},
    types::{CovariantForLt, ForLt},
};

mod node;
mod slot;

use node::Node;
pub(crate) use node::{Owned, release_abandoned};
pub(crate) use slot::Slot;

/// A value that can be taken away, shared between its handle and the binding.
struct Shared<T: 'static> {
    device: ARef<Device>,
    data: Arc<Revocable<T>>,
}

/// The binding's share of it: takes the value away when released.
struct Release<T>(Arc<Revocable<T>>);

impl<T> Drop for Release<T> {
    fn drop(&mut self) {
        self.0.revoke();
    }
}

// SAFETY: dropping it drops a `T` on another thread, which `T: Send` allows; nothing else can be done with it.
unsafe impl<T: Send> Send for Release<T> {}

impl<T: Send + 'static> Shared<T> {
    fn new<E>(device: &Device<Bound>, data: impl PinInit<T, E>) -> Result<Self>
    where
        Error: From<E>,
    {
        let data = Arc::pin_init(Revocable::new(data), GFP_KERNEL)?;
        let key = Arc::as_ptr(&data).cast();
        Node::attach(device, Some(key), Release(data.clone()), GFP_KERNEL)?;
        Ok(Self {
            device: device.into(),
            data,
        })
    }
}

impl<T: 'static> Shared<T> {
    fn access<'a>(&'a self, device: &'a Device<Bound>) -> Result<&'a T> {
        if self.device.as_raw() != device.as_raw() {
            return Err(EINVAL);
        }
        // The device may be bound again: the value went with the binding to which it was attached.
        if self.data.is_revoked() {
            return Err(ENODEV);
        }
        // SAFETY: the value was not revoked, so the binding to which it was attached has not ended: it is the one that
        // lasts for `'a`, and does not release the value within it. The handle, which could, is borrowed for `'a`.
        Ok(unsafe { self.data.access() })
    }
}

impl<T: 'static> Drop for Shared<T> {
    fn drop(&mut self) {
        let key = Arc::as_ptr(&self.data).cast();
        // If it is not there, the binding is ending and has dropped the value, or is about to. That is not waited for:
        // the value may be what owns this handle.
        Node::<Release<T>>::release_now(&self.device, key);
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
        self.0.data.try_access()
    }

    /// Calls `f` with the value, unless the device was unbound. Any context. The unbinding waits for `f` to return.
    pub fn try_access_with<R, F: FnOnce(&T) -> R>(&self, f: F) -> Option<R> {
        self.0.data.try_access_with(f)
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
        Some(f(&*self.0.data.try_access()?))
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
        self.0.data.try_access().map(DevresGuard)
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
    let data = KBox::pin_init(data, flags)?;
    Node::attach(device, None, data, flags)?;
    Ok(())
}

/// [`register`] for a small payload of this crate: kept in the entry itself.
pub(crate) fn attach<P: Send + 'static>(device: &Device<Bound>, payload: P) -> Result {
    Node::attach(device, None, payload, GFP_KERNEL).map(drop)
}

#[cfg(lifebound_kunit)]
mod kunit;
