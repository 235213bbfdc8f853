// SPDX-License-Identifier: GPL-2.0

//! The entries of a scope, and the handle to an entry. This file is for the crate's subsystems.
//!
//! A subsystem does four things:
//!
//! 1. It writes a payload with what C needs: memory of its own, and the driver's value.
//! 2. It implements [`Registered`] for the payload.
//! 3. It enters the payload by [`Scope::enter`], in a constructor that takes a scope. A constructor
//!    that takes a device does so on [`Scope::of`], and only with `'static` data.
//! 4. Its public type wraps the [`Handle`].

use core::{
    pin::Pin,
    ptr::{self, NonNull},
};

use super::{
    Scope,
    end_list::{EndEntry, EndFunctions, Keeper},
    later,
};
use crate::{calls, ffi::c_void, prelude::*, sync::Arc};

/// A payload that a scope can own: memory that C, or a callback, uses until it is stopped.
///
/// The handle, the scope and all callbacks share it, on any thread.
pub(crate) trait Registered: Send + Sync {
    /// Makes C give up the payload. When this returns, nothing uses the payload any more, now or
    /// later.
    ///
    /// It is called once, after `start` has succeeded. The payload is dropped later, when neither
    /// the scope nor the handle keeps it.
    ///
    /// Context: process context; may sleep.
    fn stop(self: Pin<&Self>);

    /// Whether this thread runs a callback that [`stop`](Self::stop) would wait for, or holds a
    /// lock that `stop` takes. If so, the drop of the handle leaves the end to a work item.
    ///
    /// Context: any context.
    fn is_called_here(self: Pin<&Self>) -> bool {
        false
    }
}

/// A payload with its place in a list, in an `Arc`.
///
/// There are two owners of counts. Each gives up its own count: the list in `put`, and the handle
/// when it is dropped.
///
/// # Invariants
///
/// ENTRY-COUNTED: from [`Scope::enter`] on, the list owns one count of the entry, until it calls
/// `put`. It calls `end` once before that.
#[pin_data]
#[repr(C)]
struct ScopeEntry<P> {
    head: EndEntry,
    /// The [`is_called_here`] of the payload's type. The type is erased, so that a handle is as
    /// variant as its payload.
    is_called_here: unsafe fn(*const c_void) -> bool,
    #[pin]
    payload: P,
}

impl<P> ScopeEntry<P> {
    /// Builds an entry that is in no list.
    fn new<E>(payload: impl PinInit<P, E>) -> Result<Arc<Self>>
    where
        P: Registered,
        Error: From<E>,
    {
        let init = try_pin_init!(ScopeEntry {
            head: EndEntry::new(ScopeEntry::<P>::FUNCTIONS, Keeper::LIST),
            is_called_here: is_called_here::<P>,
            payload <- payload,
        }? E);
        Arc::pin_init::<E>(init, GFP_KERNEL)
    }

    fn payload(&self) -> Pin<&P> {
        // SAFETY: `new_unchecked` requires a value that stays pinned: entries are in an `Arc`,
        // which pins its value, and the field is structurally pinned.
        unsafe { Pin::new_unchecked(&self.payload) }
    }
}

impl<'x> Scope<'x> {
    /// Builds a payload in place, calls `start` to make it known to C, and enters it.
    ///
    /// Callbacks may run from the moment that `start` makes it known. The scope does not end while
    /// `start` runs. If a driver's code panics in `start`, the scope never ends.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The initialiser's error.
    /// - The error that `start` returns. `start` must leave nothing behind then.
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    ///
    /// Nothing is registered then, and the payload is dropped.
    pub(crate) fn enter<P, E>(
        &self,
        payload: impl PinInit<P, E>,
        start: impl FnOnce(Pin<&P>) -> Result,
    ) -> Result<Handle<P>>
    where
        P: Registered + 'x,
        Error: From<E>,
    {
        let entry = ScopeEntry::new(payload)?;
        let starting = self.list.begin()?;
        start(entry.payload())?;

        core::mem::forget(entry.clone());
        // INVARIANT: ENTRY-COUNTED: the list gets the count of the clone.
        // SAFETY: `add` requires
        // 1. a new entry, with the provenance of the whole: `as_head` gives it;
        // 2. an entry that stays in place: an `Arc` pins it, and the list has a count;
        // 3. functions that are fit: the payload was started, and any thread may stop it
        //    (`Registered`) until the scope ends (`P: 'x`);
        // 4. a drain: SCOPE-DRAINED.
        unsafe { starting.add(ScopeEntry::as_head(&entry)) };
        Ok(Handle(entry))
    }

    /// Does what [`enter`](Self::enter) does, for a payload that C need not know.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `ENODEV` if the scope is ending. The payload is dropped
    /// then.
    pub(crate) fn keep<P, E>(&self, payload: impl PinInit<P, E>) -> Result<Handle<P>>
    where
        P: Registered + 'x,
        Error: From<E>,
    {
        let entry = ScopeEntry::new(payload)?;
        let for_list = entry.clone();
        // INVARIANT: ENTRY-COUNTED: the list gets the count of the clone.
        // SAFETY: the same holds as in `enter`; there is nothing to start.
        unsafe { self.list.add(ScopeEntry::as_head(&entry)) }?;
        core::mem::forget(for_list);
        Ok(Handle(entry))
    }
}

/// Calls [`Registered::is_called_here`] of an erased payload.
///
/// # Safety
///
/// `payload` must be a pinned `P`.
unsafe fn is_called_here<P: Registered>(payload: *const c_void) -> bool {
    // SAFETY: a reference requires a live `P`: the caller vouches for the payload.
    let payload = unsafe { &*payload.cast::<P>() };
    // SAFETY: `new_unchecked` requires a value that stays pinned: the caller vouches for that.
    unsafe { Pin::new_unchecked(payload) }.is_called_here()
}

impl<P: Registered> ScopeEntry<P> {
    const FUNCTIONS: &'static EndFunctions = &EndFunctions {
        end: Self::end,
        put: Self::put,
    };

    /// Ends an entry, on behalf of its list.
    ///
    /// # Safety
    ///
    /// `entry` must be the head of a started entry of this type that was not ended before. The
    /// caller must keep it alive.
    unsafe fn end(entry: NonNull<EndEntry>) {
        // SAFETY: `as_ref` requires a live entry of this type: the caller vouches for both.
        let entry = unsafe { entry.cast::<Self>().as_ref() };
        entry.payload().stop();
    }

    /// Gives up a list's count of an entry.
    ///
    /// # Safety
    ///
    /// `entry` must come from [`as_head`](Self::as_head). A count of the entry passes to this
    /// function.
    unsafe fn put(entry: NonNull<EndEntry>) {
        // SAFETY: `from_raw` requires a pointer of `as_ptr`, and a count: `as_head` uses `as_ptr`,
        // and the caller passes its count.
        drop(unsafe { Arc::from_raw(entry.as_ptr().cast_const().cast::<Self>()) });
    }
}

impl<P> ScopeEntry<P> {
    /// The head of an entry, with the provenance of the whole.
    fn as_head(this: &Arc<Self>) -> NonNull<EndEntry> {
        let whole = Arc::as_ptr(this).cast_mut().cast::<EndEntry>();
        // SAFETY: `new_unchecked` requires a pointer that is not null: `as_ptr` never gives null.
        // `repr(C)` puts the head first.
        unsafe { NonNull::new_unchecked(whole) }
    }
}

/// A handle to a payload in a scope. Dropping it ends the entry and waits until the entry has
/// ended. Forgetting it leaves the end to the scope.
///
/// The payload is alive for as long as the handle or the scope keeps it. So a reference to a handle
/// that was leaked stays good.
///
/// The drop does not wait if the payload's own `stop` would wait for it, as for a handler that
/// drops its own handle. It does not wait in an interrupt either. The entry then ends soon after,
/// and the scope's end waits for that.
///
/// Context of the drop: process context; may sleep. It may also be dropped in an interrupt.
pub(crate) struct Handle<P>(Arc<ScopeEntry<P>>);

impl<P> Handle<P> {
    /// The payload, stopped or not.
    ///
    /// Context: any context.
    pub(crate) fn payload(&self) -> Pin<&P> {
        self.0.payload()
    }

    /// Leaves the entry to its scope.
    ///
    /// Context: any context.
    pub(crate) fn detach(self) {
        let this = core::mem::ManuallyDrop::new(self);
        // SAFETY: `read` requires that the value is not used twice: `this` is not dropped, so its
        // count is taken out once.
        drop(unsafe { ptr::read(&this.0) });
    }
}

impl<P> Drop for Handle<P> {
    fn drop(&mut self) {
        let head = ScopeEntry::as_head(&self.0);
        let payload = ptr::from_ref(self.0.payload().get_ref()).cast();
        // SAFETY: `is_called_here` requires a pinned payload of the type for which it was taken:
        // `enter` stored that of this entry's type, and the entry pins the payload.
        if calls::in_interrupt() || unsafe { (self.0.is_called_here)(payload) } {
            // SAFETY: `end_later` requires (1) an entry that was added, that the list keeps, and
            // that its owner has not ended, (2) that it lives meanwhile. (1) ENTRY-COUNTED, and
            // `detach` does not drop the handle. (2) This handle has a count.
            unsafe { later::end_later(head) };
        } else {
            // SAFETY: `end` requires (1) an entry that was added, and that its owner has not ended,
            // (2) that it lives meanwhile. Both hold as for `end_later`.
            unsafe { EndEntry::end(head) };
        }
    }
}
