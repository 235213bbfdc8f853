// SPDX-License-Identifier: GPL-2.0

//! What a scope owns, and the handle to it. For this crate's subsystems.
//!
//! A subsystem writes a payload with what C needs (memory of its own, the driver's value), implements [`Registered`] for
//! it, and enters it: [`Scope::enter`] in a constructor that takes a scope, or in one that takes a device, on
//! [`Scope::of`] and with `'static` data alone. Its public type wraps the [`Handle`].

use core::{pin::Pin, ptr};

use super::{Scope, Starting};
use crate::{bindings, calls, ffi::c_void, prelude::*, sync::Arc, types::Opaque};

/// What a scope can own: memory that C, or a callback, uses until it is stopped.
///
/// It is shared between its handle, the scope and whoever calls back, on any thread.
pub(crate) trait Registered: Send + Sync {
    /// Has C give it up. When this returns nothing uses the payload any more, nor will. May sleep.
    ///
    /// Called once, after `start` has succeeded. The payload is dropped later, when neither scope nor handle keep it.
    fn stop(self: Pin<&Self>);

    /// Whether this thread runs a callback that [`stop`](Self::stop) would wait for, or holds a
    /// lock that it takes. Any context. Then the handle's drop leaves the end to a work item.
    fn is_called_here(self: Pin<&Self>) -> bool {
        false
    }
}

/// A payload with its place in a list.
///
/// # Invariants
///
/// ENTRY-COUNTED: from [`Scope::enter`] on the list owns one count of the entry, until it calls `put`, and calls
/// `end` once before that.
#[pin_data]
struct Entry<P> {
    #[pin]
    links: Opaque<bindings::lb_scope_entry>,
    /// [`is_called_here`] of the payload's type. Erased: a handle is as variant as its payload.
    is_called_here: unsafe fn(*const c_void) -> bool,
    #[pin]
    payload: P,
}

// SAFETY: the links belong to the list, which is locked.
unsafe impl<P: Send> Send for Entry<P> {}

// SAFETY: as above.
unsafe impl<P: Sync> Sync for Entry<P> {}

impl<P> Entry<P> {
    fn payload(&self) -> Pin<&P> {
        // SAFETY: entries are in an `Arc`, which pins its value, and the field is structurally pinned.
        unsafe { Pin::new_unchecked(&self.payload) }
    }
}

impl<'x> Scope<'x> {
    /// Builds a payload in place, has `start` make it known to C, and enters it. May sleep.
    ///
    /// Callbacks may run from within `start` on. The scope does not end while `start` runs; if a driver's code panics in
    /// it, never.
    ///
    /// # Errors
    ///
    /// The initialiser's error; what `start` returns, which has to leave nothing behind then; `ENOMEM`; `ENODEV` if the
    /// scope is ending. Nothing is registered then, and the payload dropped.
    pub(crate) fn enter<P, E>(
        &self,
        payload: impl PinInit<P, E>,
        start: impl FnOnce(Pin<&P>) -> Result,
    ) -> Result<Handle<P>>
    where
        P: Registered + 'x,
        Error: From<E>,
    {
        let init = try_pin_init!(Entry {
            links: Opaque::zeroed(),
            is_called_here: is_called_here::<P>,
            payload <- payload,
        }? E);
        let entry = Arc::pin_init::<E>(init, GFP_KERNEL)?;
        // SAFETY: `begin` requires a list that was initialised and stays until this call returns; SCOPE-DRAINED: a scope
        // was opened, and is in place as long as it is borrowed.
        let starting = unsafe { Starting::begin(self.list.get()) }?;
        start(entry.payload())?;

        let links = entry.links.get();
        // SAFETY: nobody else knows the links before they are in the list.
        let fields = unsafe { &mut *links };
        fields.end = Some(end::<P>);
        fields.put = Some(put::<P>);
        fields.arg = Arc::into_raw(entry.clone()).cast_mut().cast();
        fields.put_arg = fields.arg;
        // INVARIANT: ENTRY-COUNTED: the list gets the count of the clone.
        // SAFETY: `add` requires an entry that is filled in and in no list, and that stays until it has ended; its count
        // keeps it in place.
        unsafe { starting.add(links) };
        Ok(Handle(entry))
    }
}

/// [`Registered::is_called_here`].
///
/// # Safety
///
/// `payload` must be a pinned `P`.
unsafe fn is_called_here<P: Registered>(payload: *const c_void) -> bool {
    // SAFETY: the caller vouches for the payload.
    let payload = unsafe { &*payload.cast::<P>() };
    // SAFETY: it is pinned (the caller).
    unsafe { Pin::new_unchecked(payload) }.is_called_here()
}

/// Ends an entry; for its list.
///
/// # Safety
///
/// `entry` must be a started `Entry<P>` that the caller keeps alive, and that was not ended before.
unsafe extern "C" fn end<P: Registered>(entry: *mut c_void) {
    // SAFETY: the caller.
    let entry = unsafe { &*entry.cast_const().cast::<Entry<P>>() };
    entry.payload().stop();
}

/// Gives up a list's count of an entry.
///
/// # Safety
///
/// `entry` must come from `Arc::into_raw`; that count passes to this function.
unsafe extern "C" fn put<P>(entry: *mut c_void) {
    // SAFETY: the caller.
    drop(unsafe { Arc::from_raw(entry.cast_const().cast::<Entry<P>>()) });
}

/// A handle to a payload in a scope. Dropping it ends the entry and waits until it has ended; forgetting it leaves that
/// to the scope. May sleep when dropped.
///
/// The payload is alive as long as either keeps it, so a reference to a handle that was leaked stays good.
///
/// A handle that is dropped by what its own payload's `stop` waits for (a handler that drops its
/// own handle), or in an interrupt, does not wait: the entry ends soon after. The scope's end waits
/// for that.
pub(crate) struct Handle<P>(Arc<Entry<P>>);

impl<P> Handle<P> {
    /// The payload, stopped or not. Any context.
    pub(crate) fn payload(&self) -> Pin<&P> {
        self.0.payload()
    }

    /// Leaves the entry to its scope. Any context.
    pub(crate) fn detach(self) {
        let this = core::mem::ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped, so its count is taken out once.
        drop(unsafe { ptr::read(&this.0) });
    }
}

impl<P> Drop for Handle<P> {
    fn drop(&mut self) {
        let links = self.0.links.get();
        let payload = ptr::from_ref(self.0.payload().get_ref()).cast();
        // SAFETY: `is_called_here` requires a pinned payload of the type that it was taken for:
        // that of this entry.
        if calls::in_interrupt() || unsafe { (self.0.is_called_here)(payload) } {
            // SAFETY: `lb_scope_end_later()` requires an entry that was added to a list, and has a
            // count of its own: ENTRY-COUNTED. The caller has a count as well.
            unsafe { bindings::lb_scope_end_later(links) };
        } else {
            // SAFETY: `lb_scope_end_entry()` requires an entry that was added to a list, and stays
            // until the call returns: ENTRY-COUNTED, and `self` keeps it.
            unsafe { bindings::lb_scope_end_entry(links) };
        }
    }
}
