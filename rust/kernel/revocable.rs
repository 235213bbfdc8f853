// SPDX-License-Identifier: GPL-2.0

//! [`Revocable`]: a value that can be taken away from those who use it.
//!
//! C header: `include/linux/completion.h`, for waiting.
//!
//! A device's resources end when it is unbound, while others may still hold a handle. The handle
//! then has a `Revocable` inside: access to the value may fail, and once
//! [`revoke`](Revocable::revoke) returns, the value is gone and nobody uses it.
//!
//! Those who have access are counted, with atomics. Nothing depends on what they do meanwhile: they
//! may sleep, and they may be interrupt handlers. Revoking waits for them.

mod gate;

use core::ops::Deref;
use core::pin::Pin;
use core::ptr;

use pin_init::{PinInit, pin_data, pin_init_from_closure, pinned_drop, try_pin_init};

use crate::bindings;
use crate::sync::Completion;
use crate::types::Opaque;
use gate::{Event, Gate};

/// What those who revoke wait for.
#[cfg(not(test))]
type Wait = Completion;
#[cfg(test)]
type Wait = gate::tests::HostEvent;

/// A value to which access can be taken away, once and for all.
///
/// Linux's own crate can also give access during an RCU reader section (`try_access_with_guard`).
/// Here that is missing: whoever leaks the section's guard has access for ever, and may have handed
/// it to other threads, while the section ends with the thread that it was on.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, revocable::Revocable, sync::Arc};
///
/// let window = Arc::pin_init(Revocable::new::<Error>(7_u32), GFP_KERNEL)?;
/// assert_eq!(window.try_access_with(|value| value + 1), Some(8));
/// assert!(window.revoke());
/// assert!(window.try_access().is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// The value is used and dropped on whatever thread, so it has to be fit for that:
///
/// ```compile_fail,E0277
/// use core::cell::Cell;
/// use kernel::revocable::Revocable;
///
/// fn share<T: Sync>() {}
/// share::<Revocable<Cell<u32>>>();
/// ```
///
/// ```compile_fail,E0277
/// use kernel::{revocable::Revocable, sync::MutexGuard};
///
/// fn share<T: Sync>() {}
/// share::<Revocable<MutexGuard<'static, u32>>>();
/// ```
///
/// # Invariants
///
/// `data` holds a pinned `T` from the initialisation on until the one who closed `gate` drops it,
/// which he does when nobody is inside any more and before he calls `finish`. If nobody closes it,
/// the `Revocable`'s own destructor does.
#[pin_data(PinnedDrop)]
pub struct Revocable<T> {
    #[pin]
    gate: Gate<Wait>,
    #[pin]
    data: Opaque<T>,
}

// SAFETY: `Send` demands that the value may be used on another thread than before: `T: Send`. The
// gate may.
unsafe impl<T: Send> Send for Revocable<T> {}

// SAFETY: `Sync` demands that `&Revocable` may be used on several threads: it gives `&T` there (`T:
// Sync`) and drops the value on any (`T: Send`). The gate may be used by all.
unsafe impl<T: Sync + Send> Sync for Revocable<T> {}

impl<T> Revocable<T> {
    /// An initialiser of a `Revocable` that is not revoked.
    ///
    /// # Errors
    ///
    /// The initialiser fails with what `data` fails with.
    pub fn new<E>(data: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        try_pin_init!(Self {
            gate <- Gate::new(),
            data <- Opaque::try_ffi_init(|slot| {
                // SAFETY: `__pinned_init` demands memory for a `T`, pinned and dropped after `Ok`:
                // the content of `data`. The type's invariant says when it is dropped.
                unsafe { data.__pinned_init(slot) }
            }),
        }? E)
    }

    /// Access to the value, unless it was revoked.
    ///
    /// Revoking waits until the guard is dropped. A guard that is forgotten (`mem::forget`) makes
    /// it wait for ever; [`try_access_with`](Self::try_access_with) has none to forget. (If 2^63
    /// were forgotten, this returns `None`.)
    ///
    /// Context: any but NMI. Never waits. The guard may be kept while sleeping, and dropped in any
    /// context but NMI.
    #[inline]
    pub fn try_access(&self) -> Option<RevocableGuard<'_, T>> {
        // INVARIANT: entered here, for the guard.
        self.gate
            .enter()
            .then(|| RevocableGuard { revocable: self })
    }

    /// Calls `f` with the value, unless it was revoked. Revoking waits until `f` has returned.
    ///
    /// Context: any but NMI, as far as `f` allows.
    #[inline]
    pub fn try_access_with<R, F: FnOnce(&T) -> R>(&self, f: F) -> Option<R> {
        self.try_access().map(|guard| f(&guard))
    }

    /// Access to the value without asking.
    ///
    /// Context: any.
    ///
    /// # Safety
    ///
    /// For the lifetime of the result, the value must not be revoked: neither `revoke` nor
    /// `revoke_nosync` may have been called, nor be called on any thread.
    #[inline]
    pub unsafe fn access(&self) -> &T {
        // SAFETY: dereferencing demands a live value: the type's invariant, and nobody closes the
        // gate, by this function's contract.
        unsafe { &*self.data.get() }
    }

    /// Whether the value was taken away, or is being taken away. Context: any.
    pub(crate) fn is_revoked(&self) -> bool {
        self.gate.is_closed()
    }

    /// Drops the value without waiting for those who use it, because there are none.
    ///
    /// Returns whether it was this call that dropped it. If not, another one has or is about to.
    ///
    /// Context: as far as the value's destructor allows.
    ///
    /// # Safety
    ///
    /// Nobody may have access to the value during this call: no guard, no result of the other
    /// methods.
    pub unsafe fn revoke_nosync(&self) -> bool {
        if !self.gate.close_at_once() {
            return false;
        }
        // SAFETY: `drop_and_finish` demands that this call have closed the gate, and nobody use the
        // value: by this function's contract nobody does, and nobody gets in any more.
        unsafe { self.drop_and_finish() };
        true
    }

    /// Takes the value away: from now on nobody gets access. Waits for those who have it, and drops
    /// the value.
    ///
    /// Returns whether it was this call that dropped the value. If several threads revoke, the
    /// others wait for the one that does. When this returns, the value is gone, whatever it
    /// returns.
    ///
    /// It waits for ever if it is called by somebody whom it waits for: while the same thread has
    /// access, or by the value's own destructor.
    ///
    /// Context: process context. May sleep.
    pub fn revoke(&self) -> bool {
        self.revoke_after(|_| ())
    }

    /// As [`revoke`](Self::revoke); `closed` is called with the value when nobody gets access any more, before those who
    /// have it are waited for: it may tell them to hurry.
    pub(crate) fn revoke_after(&self, closed: impl FnOnce(&T)) -> bool {
        let closed = || {
            // SAFETY: dereferencing demands a live value: the type's invariant; it is dropped below, after this.
            closed(unsafe { &*self.data.get() });
        };
        if !self.gate.close(closed) {
            return false;
        }
        // SAFETY: `drop_and_finish` demands that this call have closed the gate, and nobody use the
        // value: all who got in have left.
        unsafe { self.drop_and_finish() };
        true
    }

    /// Drops the value and lets those return who tried to revoke it as well.
    ///
    /// # Safety
    ///
    /// The caller must have closed the gate, and nobody may use the value any more.
    unsafe fn drop_and_finish(&self) {
        // SAFETY: `drop_in_place` demands a live value that nobody uses, and that is not used
        // again: the type's invariant, and this function's contract.
        unsafe { ptr::drop_in_place(self.data.get()) };
        self.gate.finish();
    }
}

#[pinned_drop]
impl<T> PinnedDrop for Revocable<T> {
    fn drop(self: Pin<&mut Self>) {
        if !self.gate.is_closed() {
            // SAFETY: `drop_in_place` demands a live value that nobody uses, and that is not used
            // again: the type's invariant, and all borrows of `self` are over. (The guards that
            // were forgotten, too.)
            unsafe { ptr::drop_in_place(self.data.get()) };
        }
    }
}

/// Access to the value of a [`Revocable`], which cannot be revoked until the guard is dropped.
///
/// # Invariants
///
/// The guard is counted by the gate of `revocable`.
#[must_use = "if unused, access is given back at once"]
pub struct RevocableGuard<'a, T> {
    revocable: &'a Revocable<T>,
}

impl<T> Deref for RevocableGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: dereferencing demands a live value: the invariant of `Revocable`, for the guard
        // is inside.
        unsafe { &*self.revocable.data.get() }
    }
}

impl<T> Drop for RevocableGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `leave` demands that the caller have entered and not left: the type's invariant,
        // and this is the guard's end.
        unsafe { self.revocable.gate.leave() };
    }
}

// SAFETY: the trait demands that `wait` return after `happen`, ordered, and then always: so do
// `wait_for_completion` and `complete_all`.
unsafe impl Event for Completion {
    fn new<E>() -> impl PinInit<Self, E> {
        let f = |slot| {
            // SAFETY: `__pinned_init` demands what the caller of `f` has to grant.
            let Ok(()) = unsafe { Completion::new().__pinned_init(slot) };
            Ok(())
        };
        // SAFETY: the function demands that `f` initialise `*slot` or leave nothing: the
        // initialiser of the `Completion` does, and cannot fail.
        unsafe { pin_init_from_closure(f) }
    }

    fn check_context() {
        // SAFETY: `lb_might_sleep` may be called anywhere: it reports a bug where sleeping is not
        // allowed.
        unsafe { bindings::lb_might_sleep() };
    }

    fn happen(&self) {
        self.complete_all();
    }

    fn wait(&self) {
        self.wait_for_completion();
    }
}

#[cfg(test)]
mod tests;

#[cfg(lifebound_kunit)]
mod kunit;
