// SPDX-License-Identifier: GPL-2.0

//! What a scope owns, and the handle to it. For this crate's subsystems.
//!
//! A subsystem writes a payload with what C needs (memory of its own, the driver's value), implements [`Registered`] for
//! it, and enters it: [`Scope::enter`] in a constructor that takes a scope, or in one that takes a device, on
//! [`Scope::of`] and with `'static` data alone. Its public type wraps the [`Handle`].

use core::{
    pin::Pin,
    ptr::{self, NonNull},
};

use super::{
    Scope,
    end_list::{EndEntry, EndFunctions, Keeper},
    later,
};
use crate::{calls, ffi::c_void, init::never_fails, prelude::*, sync::Arc};

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

/// A payload with its place in a list, in an `Arc`.
///
/// Each owner of a count gives it up by itself: the list, in `put`, and the handle, when it is dropped.
///
/// # Invariants
///
/// ENTRY-COUNTED: from [`Scope::enter`] on the list owns one count of the entry, until it calls `put`, and calls
/// `end` once before that.
#[pin_data]
#[repr(C)]
struct ScopeEntry<P> {
    #[pin]
    head: EndEntry,
    /// [`is_called_here`] of the payload's type. Erased: a handle is as variant as its payload.
    is_called_here: unsafe fn(*const c_void) -> bool,
    #[pin]
    payload: P,
}

impl<P> ScopeEntry<P> {
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
        let init = try_pin_init!(ScopeEntry {
            head <- never_fails(EndEntry::new(ScopeEntry::<P>::FUNCTIONS, Keeper::LIST)),
            is_called_here: is_called_here::<P>,
            payload <- payload,
        }? E);
        let entry = Arc::pin_init::<E>(init, GFP_KERNEL)?;
        let starting = self.list.begin()?;
        start(entry.payload())?;

        core::mem::forget(entry.clone());
        // INVARIANT: ENTRY-COUNTED: the list gets the count of the clone.
        // SAFETY: `add` requires (1) a new entry, with the provenance of the whole: `as_head`; (2) that it stays in place:
        // an `Arc` pins it; (3) functions that are fit: the payload was started, and may be stopped on any thread
        // (`Registered`) until the scope ends (`P: 'x`); (4) a drain: SCOPE-DRAINED.
        unsafe { starting.add(ScopeEntry::as_head(&entry)) };
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

impl<P: Registered> ScopeEntry<P> {
    const FUNCTIONS: &'static EndFunctions = &EndFunctions {
        end: Self::end,
        put: Self::put,
    };

    /// Ends an entry; for its list.
    ///
    /// # Safety
    ///
    /// `entry` must head a started entry of this type that the caller keeps alive, and that was not ended before.
    unsafe fn end(entry: NonNull<EndEntry>) {
        // SAFETY: a reference requires a live entry: the caller says so.
        let entry = unsafe { entry.cast::<Self>().as_ref() };
        entry.payload().stop();
    }

    /// Gives up a list's count of an entry.
    ///
    /// # Safety
    ///
    /// `entry` must come from [`as_head`](Self::as_head); a count passes to this function.
    unsafe fn put(entry: NonNull<EndEntry>) {
        // SAFETY: `from_raw` requires a pointer of `as_ptr`, and a count: the caller says so.
        drop(unsafe { Arc::from_raw(entry.as_ptr().cast_const().cast::<Self>()) });
    }
}

impl<P> ScopeEntry<P> {
    /// The head of an entry, with the provenance of the whole.
    fn as_head(this: &Arc<Self>) -> NonNull<EndEntry> {
        let whole = Arc::as_ptr(this).cast_mut().cast::<EndEntry>();
        // SAFETY: `new_unchecked` requires a pointer that is not null: `as_ptr` gives none. `repr(C)` puts the head first.
        unsafe { NonNull::new_unchecked(whole) }
    }
}

/// A handle to a payload in a scope. Dropping it ends the entry and waits until it has ended; forgetting it leaves that
/// to the scope. May sleep when dropped.
///
/// The payload is alive as long as either keeps it, so a reference to a handle that was leaked stays good.
///
/// A handle that is dropped by what its own payload's `stop` waits for (a handler that drops its
/// own handle), or in an interrupt, does not wait: the entry ends soon after. The scope's end waits
/// for that.
pub(crate) struct Handle<P>(Arc<ScopeEntry<P>>);

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
        let head = ScopeEntry::as_head(&self.0);
        let payload = ptr::from_ref(self.0.payload().get_ref()).cast();
        // SAFETY: `is_called_here` requires a pinned payload of the type that it was taken for: that of this entry.
        if calls::in_interrupt() || unsafe { (self.0.is_called_here)(payload) } {
            // SAFETY: `end_later` requires (1) an entry that was added, that the list keeps, and that its owner has not
            // ended: ENTRY-COUNTED, and `detach` does not drop the handle; (2) that it lives meanwhile: by this count.
            unsafe { later::end_later(head) };
        } else {
            // SAFETY: `end` requires (1) and (2) of `end_later`.
            unsafe { EndEntry::end(head) };
        }
    }
}
