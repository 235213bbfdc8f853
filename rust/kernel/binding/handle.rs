// SPDX-License-Identifier: GPL-2.0

//! A binding in memory, the ways to find it, and the questions that it answers.

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
/// Only the memory is left.
pub(super) const ENDED: u8 = 3;

/// A moment in the life of a binding, for its parts.
#[derive(Clone, Copy)]
pub enum Moment {
    InService,
    Ending,
    LeavingService,
    Kept,
    DataDropped,
    Released,
}

/// The fields that all bindings have.
///
/// # Invariants
///
/// - BIND-OURS: the binding is that of a device which this module has bound, or is binding, to a
///   driver of its own.
/// - BIND-DATA: while `data` is not null, `probe` has completed, and `data` owns a
///   `KBox<F::Of<'static>>` for the `F` of `kind`. Everything that this data borrows from the
///   binding is alive.
/// - BIND-MARKED: from `begin` to `end`, the device's `driver_data` points to this binding, and the
///   device's driver has the [`MARK`].
#[pin_data]
pub(super) struct Head {
    pub(super) data: AtomicPtr<c_void>,
    pub(super) phase: AtomicU8,
    pub(super) kind: &'static Functions,
    /// The owner of entries that may borrow the data, and of entries that borrow only the device.
    #[pin]
    pub(super) scope: Scope<'static>,
    #[pin]
    pub(super) managed: Managed,
}

/// The functions that depend on the types of data and parts.
pub(super) struct Functions {
    pub(super) drop_data: unsafe fn(NonNull<c_void>),
    pub(super) find: unsafe fn(NonNull<Head>, TypeId) -> Option<NonNull<()>>,
    pub(super) tell: unsafe fn(NonNull<Head>, Moment, Binding<'_>) -> Result,
}

/// The empty list of attribute groups that all drivers of this module have, and no other drivers.
/// Its address is the mark.
pub(crate) static MARK: Mark = Mark([ptr::null()]);

/// The type of [`MARK`].
pub(crate) struct Mark([*const c_void; 1]);

// SAFETY: `Sync` requires that threads may share the value; the list is constant.
unsafe impl Sync for Mark {}

impl Mark {
    /// The value of a driver's `groups`, where C reads an empty list.
    pub(crate) fn as_ptr(&'static self) -> *const c_void {
        self.0.as_ptr().cast()
    }
}

impl Scope<'static> {
    /// The root scope of the device's binding, for `'static` data.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EPERM` if no driver of this module has bound the device.
    pub(crate) fn of<K: Kind>(device: &Device<Bound, K>) -> Result<&Self> {
        of(device).map(Binding::scope)
    }
}

/// The binding of a device, for the lifetime `'a`, which ends before the binding does.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    // This is a pointer, not a reference, because the parts lie behind the head and are reached
    // from it.
    pub(super) head: NonNull<Head>,
    _borrow: PhantomData<&'a Head>,
}

// SAFETY: `Send` requires that any thread may use the value; all fields of a head may be used on
// any thread.
unsafe impl Send for Binding<'_> {}

// SAFETY: `Sync` requires that threads may share the value; the same holds as for `Send`.
unsafe impl Sync for Binding<'_> {}

/// The binding of a device to a driver of this module.
///
/// Context: any context.
///
/// # Errors
///
/// `EPERM` if the bound driver belongs to another module.
pub(crate) fn of<K: Kind>(device: &Device<Bound, K>) -> Result<Binding<'_>> {
    let raw = device.as_raw_device();
    // SAFETY: the read requires a live device and a field that nobody writes meanwhile; DEV-LIVE
    // gives the first, and the field does not change while a driver is bound.
    let driver = unsafe { (*raw).driver };
    // SAFETY: the read requires a live driver; a driver stays registered while a device is bound to
    // it.
    if driver.is_null() || !ptr::eq(unsafe { (*driver).groups }.cast(), MARK.as_ptr()) {
        return Err(EPERM);
    }
    // SAFETY: the read requires a live device and a field that nobody writes meanwhile. DEV-LIVE
    // gives the first. By BIND-MARKED only the machinery writes this field while a driver of this
    // module is bound. Every `Device<Bound>` of the device was made after `begin`.
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
    /// `head` must be the head of a record that stays in place for `'a`, with the provenance of the
    /// whole record.
    pub(super) unsafe fn from_head(head: NonNull<Head>) -> Self {
        Self {
            head,
            _borrow: PhantomData,
        }
    }

    /// Searches for a binding of this module. Callbacks that C may make before `probe`, or after
    /// the binding has ended, use this.
    ///
    /// Context: any context.
    pub(crate) fn search<K: Kind>(device: &'a Device<Bound, K>) -> Option<Self> {
        // SAFETY: `devres_find()` requires a live device: DEV-LIVE. Without a match function the
        // release function decides.
        let node = unsafe {
            bindings::devres_find(
                device.as_raw_device(),
                Some(bindings::lb_binding_release),
                None,
                ptr::null_mut(),
            )
        };
        // `begin` made every node with that release function. A node stays while the device is
        // bound, and the device is bound as long as `device` lives.
        NonNull::new(node).map(|node| Self {
            head: node.cast(),
            _borrow: PhantomData,
        })
    }

    /// The same binding without its lifetime.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// The result must be used only while the binding is there.
    pub(crate) unsafe fn without_lifetime(self) -> Binding<'static> {
        Binding {
            head: self.head,
            _borrow: PhantomData,
        }
    }

    /// Whether this is the same binding as `other`, or was in the same memory.
    ///
    /// Context: any context.
    pub(crate) fn is(self, other: Binding<'_>) -> bool {
        self.head == other.head
    }

    pub(super) fn head(self) -> &'a Head {
        // SAFETY: `as_ref` requires a live head for `'a`; a binding stays in its memory while the
        // device is bound, and so for `'a`.
        unsafe { self.head.as_ref() }
    }

    /// The device.
    ///
    /// Context: any context.
    pub(crate) fn device(self) -> &'a Device<Bound> {
        self.head().scope.device()
    }

    /// The part of this type, if the bus has such a part.
    ///
    /// Context: any context.
    pub(crate) fn part<P: Sync + 'static>(self) -> Option<&'a P> {
        // SAFETY: `find` requires the head of a record with its own parts; `begin` stored the
        // function together with the parts.
        let part = unsafe { (self.head().kind.find)(self.head, TypeId::of::<P>()) };
        // SAFETY: `as_ref` requires a live value of this type that nobody borrows uniquely. `Parts`
        // promises the type; parts live as long as the binding, and are only shared.
        part.map(|part| unsafe { part.cast().as_ref() })
    }

    /// The root scope, for `'static` data.
    ///
    /// Context: any context.
    pub(crate) fn scope(self) -> &'a Scope<'static> {
        &self.head().scope
    }

    /// The managed resources.
    ///
    /// Context: any context.
    pub(crate) fn managed(self) -> &'a Managed {
        &self.head().managed
    }

    /// Whether `probe` and `attach` have succeeded and `unbind` has not returned. In that time the
    /// driver knows the state of its device.
    ///
    /// Context: any context.
    pub(crate) fn is_in_service(self) -> bool {
        self.head().phase.load(Ordering::Acquire) == IN_SERVICE
    }

    /// Calls the parts' hooks for a moment.
    #[inline]
    pub(super) fn tell(self, moment: Moment) -> Result {
        // SAFETY: `tell` requires the head of a record with its own parts; `begin` stored the
        // function together with the parts.
        unsafe { (self.head().kind.tell)(self.head, moment, self) }
    }
}
