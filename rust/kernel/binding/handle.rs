// SPDX-License-Identifier: GPL-2.0

//! What a binding is in memory, how it is found, and what may be asked of it.

use core::{
    any::TypeId,
    marker::PhantomData,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, AtomicU8, Ordering},
};

use pin_init::pin_data;

use super::managed::Managed;
use crate::{
    bindings,
    device::{Bound, Device, Kind},
    error::{Result, code::EPERM},
    ffi::c_void,
    scope::Scope,
};

/// The driver's data is being built.
pub(super) const PROBING: u8 = 0;
/// `probe` and `attach` have succeeded, and `unbind` has not returned.
pub(super) const IN_SERVICE: u8 = 1;
/// `unbind` has returned, or `probe` has failed.
pub(super) const ENDING: u8 = 2;
/// Nothing is left but the memory.
pub(super) const ENDED: u8 = 3;

/// A moment in the life of a binding, for its parts.
#[derive(Clone, Copy)]
pub enum Moment {
    InService,
    Ending,
    Kept,
    DataDropped,
    Released,
}

/// What is the same in all bindings.
///
/// # Invariants
///
/// - BIND-OURS: found only on a device that this module has bound, or is binding, to a driver of its own.
/// - BIND-DATA: while `data` is not null, `probe` has completed, `data` owns a `KBox<F::Of<'static>>` for the `F` of
///   `kind`, and what that borrows from the binding is alive.
/// - BIND-MARKED: from `begin` to `end`, the device's `driver_data` is this binding, and its driver has the [`MARK`].
#[pin_data]
pub(super) struct Head {
    pub(super) data: AtomicPtr<c_void>,
    pub(super) phase: AtomicU8,
    pub(super) kind: &'static Functions,
    /// What may borrow the data, and what was entered for the device alone.
    pub(super) scope: Scope<'static>,
    #[pin]
    pub(super) managed: Managed,
}

/// What depends on the types of data and parts.
pub(super) struct Functions {
    pub(super) drop_data: unsafe fn(NonNull<c_void>),
    pub(super) find: unsafe fn(NonNull<Head>, TypeId) -> Option<NonNull<()>>,
    pub(super) tell: unsafe fn(NonNull<Head>, Moment, Binding<'_>) -> Result,
}

/// The empty list of attribute groups that each driver of this module has, and no other driver: its address is the mark.
pub(crate) static MARK: Mark = Mark([ptr::null()]);

/// See [`MARK`].
pub(crate) struct Mark([*const c_void; 1]);

// SAFETY: the list is constant.
unsafe impl Sync for Mark {}

impl Mark {
    /// For the `groups` of a driver: C reads an empty list.
    pub(crate) fn as_ptr(&'static self) -> *const c_void {
        self.0.as_ptr().cast()
    }
}

impl Scope<'static> {
    /// The root scope of the device's binding, for `'static` data. Any context.
    ///
    /// # Errors
    ///
    /// `EPERM` if no driver of this module has bound the device.
    pub(crate) fn of<K: Kind>(device: &Device<Bound, K>) -> Result<&Self> {
        of(device).map(Binding::scope)
    }
}

/// The binding of a device, for as long as `'a`, which is within the binding's life.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    // A pointer, not a reference: the parts are reached from it, and they lie behind the head.
    pub(super) head: NonNull<Head>,
    _borrow: PhantomData<&'a Head>,
}

// SAFETY: all fields of a head may be used on any thread.
unsafe impl Send for Binding<'_> {}

// SAFETY: as for `Send`.
unsafe impl Sync for Binding<'_> {}

/// The binding of a device to a driver of this module. Any context.
///
/// # Errors
///
/// `EPERM` if the driver that is bound is another module's.
pub(crate) fn of<K: Kind>(device: &Device<Bound, K>) -> Result<Binding<'_>> {
    let raw = device.as_raw_device();
    // SAFETY: DEV-LIVE; a driver is bound, so the pointer does not change.
    let driver = unsafe { (*raw).driver };
    // SAFETY: a driver stays registered while a device is bound to it.
    if driver.is_null() || !ptr::eq(unsafe { (*driver).groups }.cast(), MARK.as_ptr()) {
        return Err(EPERM);
    }
    // SAFETY: DEV-LIVE. BIND-MARKED: the machinery alone writes this field of a device that its driver is bound to, and
    // whoever has a `Device<Bound>` of it got it after `begin`.
    let head = NonNull::new(unsafe { (*raw).driver_data }.cast()).ok_or(EPERM)?;
    Ok(Binding {
        head,
        _borrow: PhantomData,
    })
}

impl<'a> Binding<'a> {
    /// The binding around a head.
    ///
    /// # Safety
    ///
    /// `head` must be that of a record, with the provenance of all of it, which stays in place for `'a`.
    pub(super) unsafe fn from_head(head: NonNull<Head>) -> Self {
        Self {
            head,
            _borrow: PhantomData,
        }
    }

    /// Looks for a binding of this module in a callback that C may make before `probe`, or after the binding has ended.
    /// Any context.
    pub(crate) fn search<K: Kind>(device: &'a Device<Bound, K>) -> Option<Self> {
        // SAFETY: `devres_find()` requires a live device; without a match function the release function decides.
        let node = unsafe {
            bindings::devres_find(
                device.as_raw_device(),
                Some(bindings::lb_binding_release),
                None,
                ptr::null_mut(),
            )
        };
        // A node with that release function is one of `begin`, and stays while the device is bound, which it is as long
        // as `device` lives.
        NonNull::new(node).map(|node| Self {
            head: node.cast(),
            _borrow: PhantomData,
        })
    }

    pub(super) fn head(self) -> &'a Head {
        // SAFETY: a binding stays in its memory as long as the device is bound, and so for `'a`.
        unsafe { self.head.as_ref() }
    }

    /// The device. Any context.
    pub(crate) fn device(self) -> &'a Device<Bound> {
        self.head().scope.device()
    }

    /// The part of this type, if the bus has it. Any context.
    pub(crate) fn part<P: Sync + 'static>(self) -> Option<&'a P> {
        // SAFETY: `find` requires the head of a record of its own parts: `begin` has put it there.
        let part = unsafe { (self.head().kind.find)(self.head, TypeId::of::<P>()) };
        // SAFETY: `Parts` promises a value of this type; parts live as long as the binding, and are shared.
        part.map(|part| unsafe { part.cast().as_ref() })
    }

    /// The root scope, for `'static` data. Any context.
    pub(crate) fn scope(self) -> &'a Scope<'static> {
        &self.head().scope
    }

    /// The managed resources. Any context.
    pub(crate) fn managed(self) -> &'a Managed {
        &self.head().managed
    }

    /// Whether `probe` has succeeded and `unbind` not returned: the driver knows what its device does. Any context.
    pub(crate) fn is_in_service(self) -> bool {
        self.head().phase.load(Ordering::Acquire) == IN_SERVICE
    }

    /// Calls the parts' hooks for a moment.
    pub(super) fn tell(self, moment: Moment) -> Result {
        // SAFETY: `tell` requires the head of a record of its own parts: `begin` has put it there.
        unsafe { (self.head().kind.tell)(self.head, moment, self) }
    }
}
