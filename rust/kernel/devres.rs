// SPDX-License-Identifier: GPL-2.0

//! Resources that a device's binding owns.
//!
//! C header: [`include/linux/device.h`](srctree/include/linux/device.h) (`devres_*`)
//!
//! Most drivers need nothing of this file: they keep resources in their `Data<'bound>`, which is
//! dropped when the binding ends. There are three other ways:
//!
//! - [`Devres`] is for a resource in a place with a lifetime of its own, such as a `'static`
//!   callback or an `Arc`. The end of the binding drops the resource, and access fails from then
//!   on.
//! - [`DevresLt`] does the same for a type with a lifetime.
//! - [`register`] hands a value to the binding, without a handle.
//!
//! A resource can be attached only to a device that a driver of the calling module has bound. The
//! reason is that the release functions are code of that module. Its own drivers are unbound before
//! the module is unloaded.

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

/// A revocable value in the list of a binding. Its handle and the list share it.
///
/// # Invariants
///
/// SHARED-COUNTED: while an entry is in a list, the list owns one count of the `Arc`. That count is
/// given up after the value was dropped.
#[pin_data]
#[repr(C)]
struct DevresEntry<T> {
    links: Links,
    #[pin]
    value: Revocable<T>,
}

/// Drops the value of an entry that the end of the binding has removed from the list.
///
/// # Safety
///
/// `links` must be the links of an `DevresEntry<T>`. The list's count of the entry passes to this
/// function.
unsafe fn release<T>(links: NonNull<Links>) {
    // SAFETY: `Arc::from_raw` requires a count that came from `into_raw`; the caller passes the
    // list's count, which came from `into_raw` in `DevresShared::new` (SHARED-COUNTED).
    let entry = unsafe { Arc::from_raw(links.cast::<DevresEntry<T>>().as_ptr().cast_const()) };
    entry.value.revoke();
}

/// A handle to an entry.
struct DevresShared<T: 'static> {
    device: ARef<Device>,
    entry: Arc<DevresEntry<T>>,
}

impl<T: Send + 'static> DevresShared<T> {
    fn new<E>(device: &Device<Bound>, data: impl PinInit<T, E>) -> Result<Self>
    where
        Error: From<E>,
    {
        // This check keeps the release function's code loaded; see the documentation of this file.
        let binding = binding::of(device)?;
        let entry = try_pin_init!(DevresEntry {
            links: Links::new(release::<T>),
            value <- Revocable::new(data),
        }? E);
        let entry = Arc::pin_init::<E>(entry, GFP_KERNEL)?;
        let listed = Arc::into_raw(entry.clone()).cast_mut().cast::<Links>();
        // SAFETY: `new_unchecked` requires a pointer that is not null; `into_raw` never returns
        // null.
        let listed = unsafe { NonNull::new_unchecked(listed) };
        // INVARIANT: SHARED-COUNTED: the list gets the count of `listed`.
        // SAFETY: `add` requires (1) new links in no list, (2) memory that stays until the entry is
        // removed, (3) a release function that any thread may call until the binding has ended. (1)
        // `links` are the head of the entry, and new. (2) The list's count keeps the entry. (3) The
        // function is code of this module, whose bindings end before it is unloaded, and the value
        // is `Send`.
        unsafe { binding.managed().add(listed) };
        Ok(Self {
            device: device.into(),
            entry,
        })
    }
}

impl<T: 'static> DevresShared<T> {
    fn access<'a>(&'a self, device: &'a Device<Bound>) -> Result<&'a T> {
        if self.device.as_raw() != device.as_raw() {
            return Err(EINVAL);
        }
        // The device may be bound again. The value was dropped with the binding to which it was
        // attached.
        if self.entry.value.is_revoked() {
            return Err(ENODEV);
        }
        // SAFETY: `access` requires a value that is not revoked for `'a`. It was not revoked, so
        // the binding to which it was attached has not ended. So that binding is the one that lasts
        // for `'a`, and it does not release the value meanwhile. The handle could revoke the value,
        // but is borrowed for `'a`.
        Ok(unsafe { self.entry.value.access() })
    }
}

impl<T: 'static> Drop for DevresShared<T> {
    fn drop(&mut self) {
        // If the end of the binding has taken the entry, it has dropped the value, or is about to.
        // This drop does not wait for that, because the value may be the owner of this handle.
        let Some(claim) = self.entry.links.claim() else {
            return;
        };
        self.entry.value.revoke();
        claim.finish();
        // SAFETY: `Arc::from_raw` requires a count to give up; the entry has left the list, so the
        // list's count is the caller's (SHARED-COUNTED).
        drop(unsafe { Arc::from_raw(Arc::as_ptr(&self.entry)) });
    }
}

/// A `T` that lives until this handle is dropped or the device is unbound, whichever happens first.
///
/// If the handle is forgotten, its memory leaks, and the value is dropped when the device is
/// unbound.
///
/// # Invariants
///
/// DEVRES-SHARED: the end of the binding drops the value at the latest, before anything that was
/// attached earlier.
pub struct Devres<T: Send + 'static>(DevresShared<T>);

impl<T: Send + 'static> Devres<T> {
    /// Builds a value and attaches it to the device.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `EPERM` if no driver of this module has bound the device.
    /// Nothing is attached then, and the value is dropped.
    pub fn new<E>(device: &Device<Bound>, data: impl PinInit<T, E>) -> Result<Self>
    where
        Error: From<E>,
    {
        DevresShared::new(device, data).map(Self)
    }

    /// The device to which the value is attached, even if it is no longer bound.
    ///
    /// Context: any context.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// The value, for as long as the device is known to be bound. The call costs two comparisons.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `device` is not the device to which the value is attached; `ENODEV` if the
    /// device was unbound meanwhile, and is bound again.
    pub fn access<'a>(&'a self, device: &'a Device<Bound>) -> Result<&'a T> {
        self.0.access(device)
    }

    /// The value, unless the device was unbound. Unbinding waits until the guard is dropped.
    ///
    /// Context: any context.
    pub fn try_access(&self) -> Option<RevocableGuard<'_, T>> {
        self.0.entry.value.try_access()
    }

    /// Calls `f` with the value, unless the device was unbound. Unbinding waits until `f` returns.
    ///
    /// Context: any context.
    pub fn try_access_with<R, F: FnOnce(&T) -> R>(&self, f: F) -> Option<R> {
        self.0.entry.value.try_access_with(f)
    }
}

// SAFETY: `Send` requires that any thread may own and drop the value; any thread may drop the
// handle, which may drop a `T: Send`.
unsafe impl<T: Send + 'static> Send for Devres<T> {}

// SAFETY: `Sync` requires that threads may share the value; a shared handle lends `&T` to any
// thread, and `T` is `Sync`.
unsafe impl<T: Send + Sync + 'static> Sync for Devres<T> {}

/// [`Devres`] for a type with a lifetime, `F::Of<'_>`.
pub struct DevresLt<F: ForLt>(DevresShared<F::Of<'static>>)
where
    F::Of<'static>: 'static;

impl<F: ForLt> DevresLt<F>
where
    for<'a> F::Of<'a>: Send,
{
    /// Builds a value and attaches it to the device.
    ///
    /// Context: process context; may sleep.
    ///
    /// Types that are safe to attach have a safe method for it, such as
    /// [`pci::Bar::into_devres`](crate::pci::Bar::into_devres).
    ///
    /// # Errors
    ///
    /// The errors of [`Devres::new`].
    ///
    /// # Safety
    ///
    /// Everything that the value borrows must live until the release of the managed resources that
    /// were attached to the device before. That may be later than the end of `'a`.
    pub unsafe fn new<'a, E>(
        device: &'a Device<Bound>,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        // SAFETY: `cast_pin_init` requires types of one layout, and that the value may be used as
        // the new type. The types differ only in a lifetime. `access*` and `try_access*` lend the
        // value only for lifetimes that its user cannot choose. The caller vouches that the borrows
        // of the value last until it is dropped.
        let data = unsafe { pin_init::cast_pin_init::<F::Of<'a>, F::Of<'static>, E>(data) };
        DevresShared::new(device, data).map(Self)
    }

    /// The device to which the value is attached, even if it is no longer bound.
    ///
    /// Context: any context.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// Calls `f` with the value, for a device that is known to be bound.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// The errors of [`Devres::access`]; `f` is not called then.
    pub fn access_with<R, G>(&self, device: &Device<Bound>, f: G) -> Result<R>
    where
        G: for<'a> FnOnce(&F::Of<'a>) -> R,
    {
        Ok(f(self.0.access(device)?))
    }

    /// Calls `f` with the value, unless the device was unbound. Unbinding waits until `f` returns.
    ///
    /// Context: any context.
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
    /// The value, for as long as the device is known to be bound.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `device` is not the device to which the value is attached; `ENODEV` if the
    /// device was unbound meanwhile, and is bound again.
    pub fn access<'a>(&'a self, device: &'a Device<Bound>) -> Result<&'a F::Of<'a>> {
        Ok(F::cast_ref(self.0.access(device)?))
    }

    /// The value, unless the device was unbound. Unbinding waits until the guard is dropped.
    ///
    /// Context: any context.
    pub fn try_access(&self) -> Option<DevresGuard<'_, F>> {
        self.0.entry.value.try_access().map(DevresGuard)
    }
}

// SAFETY: the same holds as for `Devres`.
unsafe impl<F: ForLt> Send for DevresLt<F> where for<'a> F::Of<'a>: Send {}

// SAFETY: the same holds as for `Devres`.
unsafe impl<F: ForLt> Sync for DevresLt<F> where for<'a> F::Of<'a>: Send + Sync {}

/// Access to the value of a [`DevresLt`]. Unbinding the device waits until this is dropped.
pub struct DevresGuard<'a, F: CovariantForLt>(RevocableGuard<'a, F::Of<'static>>);

impl<F: CovariantForLt> DevresGuard<'_, F> {
    /// The value, for as long as the guard is borrowed. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn get<'g>(&'g self) -> &'g F::Of<'g> {
        F::cast_ref(&*self.0)
    }
}

/// A type from which safe code cannot take anything that borrows for its lifetime. So a guard may
/// dereference to it.
///
/// # Safety
///
/// Safe code must not get a value that lives for `'a` from a `&Of<'a>` that is borrowed for a
/// shorter time.
pub unsafe trait Tight: CovariantForLt {}

impl<'a, F: Tight> Deref for DevresGuard<'a, F> {
    type Target = F::Of<'a>;

    fn deref(&self) -> &Self::Target {
        F::cast_ref(&*self.0)
    }
}

/// Hands a value to the device's binding. The end of the binding drops the value.
///
/// Context: any context; sleeps as `flags` allow.
///
/// # Errors
///
/// The initialiser's error; `ENOMEM`; `EPERM` if no driver of this module has bound the device. The
/// value is dropped then.
#[doc(alias(
    "devm_add_action",
    "devm_add_action_or_reset",
    "devres_add",
    "devres_alloc"
))]
pub fn register<T, E>(device: &Device<Bound>, data: impl PinInit<T, E>, flags: Flags) -> Result
where
    T: Send + 'static,
    Error: From<E>,
{
    Node::attach(device, data, flags).map(drop)
}

#[cfg(lifebound_kunit)]
mod kunit;
