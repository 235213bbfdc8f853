// SPDX-License-Identifier: GPL-2.0

//! [`Revocable`]: a value that can be taken away from its users.
//!
//! C header: `include/linux/completion.h`, for waiting.
//!
//! The resources of a device end when it is unbound, while other code may still hold a handle. The
//! handle then has a `Revocable` inside. Access to the value may fail. Once
//! [`revoke`](Revocable::revoke) returns, the value is gone and nobody uses it.
//!
//! The users that have access are counted, with atomics. Nothing depends on what they do meanwhile:
//! they may sleep, and they may be interrupt handlers. Revoking waits for them.

mod gate;

use core::ops::Deref;
use core::pin::Pin;
use core::ptr;

use pin_init::{PinInit, pin_data, pin_init_from_closure, pinned_drop, try_pin_init};

use crate::bindings;
use crate::sync::Completion;
use crate::types::Opaque;
use gate::{Event, Gate};

/// The event that revokers wait for.
#[cfg(not(test))]
type Wait = Completion;
#[cfg(test)]
type Wait = gate::tests::HostEvent;

/// A value to which access can be taken away, once and for all.
///
/// Linux 7.3 can also give access during an RCU reader section (`try_access_with_guard`). That
/// function is missing here. A user that leaks the section's guard has access for ever. It may have
/// handed the access to other threads, while the section ends with its own thread.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, revocable::Revocable, sync::Arc};
///
/// let window = Arc::pin_init(Revocable::new(7_u32), GFP_KERNEL)?;
/// assert_eq!(window.try_access_with(|value| value + 1), Some(8));
/// assert!(window.revoke());
/// assert!(window.try_access().is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// Any thread may use and drop the value, so the value must be fit for that:
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
/// `data` holds a pinned `T` from the initialisation until it is dropped. The caller that closed
/// `gate` drops it, when nobody is inside any more and before it calls `finish`. If nobody closes
/// the gate, the `Revocable`'s own destructor drops it.
#[pin_data(PinnedDrop)]
pub struct Revocable<T> {
    #[pin]
    gate: Gate<Wait>,
    #[pin]
    data: Opaque<T>,
}

// SAFETY: `Send` requires that the value may be used on another thread than before; `T: Send`
// allows it for the value, and the gate allows it too.
unsafe impl<T: Send> Send for Revocable<T> {}

// SAFETY: `Sync` requires that `&Revocable` may be used on several threads. It gives `&T` there
// (`T: Sync`) and drops the value on any (`T: Send`). The gate may be used by all.
unsafe impl<T: Sync + Send> Sync for Revocable<T> {}

impl<T> Revocable<T> {
    /// Returns an initialiser of a `Revocable` that is not revoked.
    ///
    /// # Errors
    ///
    /// The errors of `data`.
    pub fn new<E>(data: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        try_pin_init!(Self {
            gate <- Gate::new(),
            data <- Opaque::try_ffi_init(|slot| {
                // SAFETY: `__pinned_init` requires memory for a `T` that is pinned and dropped
                // after `Ok`. The content of `data` is such memory; the type's invariant says when
                // it is dropped.
                unsafe { data.__pinned_init(slot) }
            }),
        }? E)
    }

    /// Gives access to the value, unless it was revoked.
    ///
    /// Revoking waits until the guard is dropped. A guard that is forgotten (`mem::forget`) makes
    /// it wait for ever; [`try_access_with`](Self::try_access_with) has none to forget. (If 2^63
    /// guards were forgotten, this function returns `None`.)
    ///
    /// Context: any context but NMI; does not sleep. The guard may be kept while sleeping, and
    /// dropped in any context but NMI.
    #[inline]
    pub fn try_access(&self) -> Option<RevocableGuard<'_, T>> {
        // INVARIANT: entered here, for the guard.
        self.gate
            .enter()
            .then(|| RevocableGuard { revocable: self })
    }

    /// Calls `f` with the value, unless it was revoked. Revoking waits until `f` has returned.
    ///
    /// Context: any context but NMI, as far as `f` allows.
    #[inline]
    pub fn try_access_with<R, F: FnOnce(&T) -> R>(&self, f: F) -> Option<R> {
        self.try_access().map(|guard| f(&guard))
    }

    /// Gives access to the value without a check.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// For the lifetime of the result, the value must not be revoked: neither `revoke` nor
    /// `revoke_nosync` may have been called, nor be called on any thread.
    #[inline]
    pub unsafe fn access(&self) -> &T {
        // SAFETY: dereferencing requires a live value. The value is live by the type's invariant,
        // and nobody closes the gate, by this function's contract.
        unsafe { &*self.data.get() }
    }

    /// Returns whether the value was taken away, or is being taken away.
    ///
    /// Context: any context.
    pub(crate) fn is_revoked(&self) -> bool {
        self.gate.is_closed()
    }

    /// Drops the value without waiting for its users, because there are none.
    ///
    /// Returns whether this call dropped the value. If not, another call has dropped it or is about
    /// to.
    ///
    /// Context: as far as the value's destructor allows.
    ///
    /// # Safety
    ///
    /// Nobody may have access to the value during this call, neither by a guard nor by a result of
    /// the other methods.
    pub unsafe fn revoke_nosync(&self) -> bool {
        if !self.gate.close_at_once() {
            return false;
        }
        // SAFETY: `drop_and_finish` requires that this call has closed the gate, and that nobody
        // uses the value. It has closed the gate. Nobody uses the value by this function's
        // contract, and nobody gets in any more.
        unsafe { self.drop_and_finish() };
        true
    }

    /// Takes the value away: from now on nobody gets access. This function waits for the users that
    /// have access, and drops the value.
    ///
    /// Returns whether this call dropped the value. If several threads revoke, the others wait for
    /// the one that drops it. When this function returns, the value is gone, whatever the result
    /// is.
    ///
    /// It waits for ever if it is called by a user that it waits for: while the same thread has
    /// access, or by the value's own destructor.
    ///
    /// Context: process context; may sleep.
    pub fn revoke(&self) -> bool {
        self.revoke_after(|_| ())
    }

    /// As [`revoke`](Self::revoke), with a call of `closed` in between. `closed` gets the value
    /// when nobody gets access any more, before this function waits for the users that have it. It
    /// may tell them to hurry.
    pub(crate) fn revoke_after(&self, closed: impl FnOnce(&T)) -> bool {
        let closed = || {
            // SAFETY: dereferencing requires a live value; it is live by the type's invariant, and
            // dropped below.
            closed(unsafe { &*self.data.get() });
        };
        if !self.gate.close(closed) {
            return false;
        }
        // SAFETY: `drop_and_finish` requires that this call has closed the gate, and that nobody
        // uses the value. It has closed the gate, and all users that got in have left.
        unsafe { self.drop_and_finish() };
        true
    }

    /// Drops the value, and lets the other callers that tried to revoke it return.
    ///
    /// # Safety
    ///
    /// The caller has closed the gate, and nobody uses the value any more.
    unsafe fn drop_and_finish(&self) {
        // SAFETY: `drop_in_place` requires a live value that nobody uses, and that is not used
        // again. The type's invariant gives the first, and this function's contract the others.
        unsafe { ptr::drop_in_place(self.data.get()) };
        self.gate.finish();
    }
}

#[pinned_drop]
impl<T> PinnedDrop for Revocable<T> {
    fn drop(self: Pin<&mut Self>) {
        if !self.gate.is_closed() {
            // SAFETY: `drop_in_place` requires a live value that nobody uses, and that is not used
            // again. The value is live by the type's invariant, and all borrows of `self` are over,
            // even those of forgotten guards.
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
        // SAFETY: dereferencing requires a live value; it is live by the invariant of `Revocable`,
        // for the guard is inside.
        unsafe { &*self.revocable.data.get() }
    }
}

impl<T> Drop for RevocableGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `leave` requires that the caller has entered and not left. The guard has entered
        // by the type's invariant, and ends here.
        unsafe { self.revocable.gate.leave() };
    }
}

// SAFETY: the trait requires that `wait` returns after `happen`, ordered, and then always;
// `wait_for_completion` and `complete_all` do so.
unsafe impl Event for Completion {
    fn new<E>() -> impl PinInit<Self, E> {
        let f = |slot| {
            // SAFETY: `__pinned_init` requires the memory that the caller of `f` has to grant.
            let Ok(()) = unsafe { Completion::new().__pinned_init(slot) };
            Ok(())
        };
        // SAFETY: the function requires that `f` initialises `*slot` or leaves nothing; the
        // initialiser of the `Completion` does so, and cannot fail.
        unsafe { pin_init_from_closure(f) }
    }

    fn check_context() {
        // SAFETY: `lb_might_sleep` has no requirements; it reports a bug where sleeping is not
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
