// SPDX-License-Identifier: GPL-2.0

//! [`Gate`]: counts the users inside, and can be closed once.
//!
//! The part of [`Revocable`](super::Revocable) that knows nothing of the value, so that host tests
//! can run it with threads.

use core::sync::atomic::{AtomicUsize, Ordering};

use pin_init::{PinInit, pin_data, try_pin_init};

/// An event that happens once, and can be waited for.
///
/// # Safety
///
/// - `wait` must not return before `happen` was called. Everything done before `happen` must happen
///   before everything done after `wait`.
/// - After `happen`, every `wait` must return, later ones included.
pub(super) unsafe trait Event {
    /// Returns an initialiser of an event that has not happened. It never fails.
    fn new<E>() -> impl PinInit<Self, E>;

    /// Reports a bug if the caller may not wait here.
    fn check_context();

    /// Lets the event happen. It must be callable wherever [`Gate::leave`] is.
    fn happen(&self);

    /// Waits until the event has happened.
    fn wait(&self);
}

/// The gate was closed.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// The largest number of users inside.
const MAX_INSIDE: usize = CLOSED - 1;

/// A gate that lets users in until it is closed. The caller that closes it waits until they are
/// out.
///
/// # Invariants
///
/// - The lower bits of `state` are the number of users that entered and did not leave.
/// - Once `CLOSED` is set it stays, and that number only falls.
/// - `empty` happens when the gate is closed and the number falls to zero.
/// - `done` happens when the caller that closed the gate calls `finish`.
#[pin_data]
pub(super) struct Gate<E> {
    state: AtomicUsize,
    #[pin]
    empty: E,
    #[pin]
    done: E,
}

impl<E: Event> Gate<E> {
    /// Returns an initialiser of an open gate with nobody inside.
    pub(super) fn new<Error>() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            state: AtomicUsize::new(0),
            empty <- E::new(),
            done <- E::new(),
        }? Error)
    }

    /// Enters the gate. Returns `false` if the gate is closed.
    ///
    /// It also returns `false` if 2^63 users did not leave. It never waits.
    #[inline]
    pub(super) fn enter(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & CLOSED != 0 || state & MAX_INSIDE == MAX_INSIDE {
                return false;
            }
            // OVERFLOW: none: the number is below `MAX_INSIDE`, so it keeps to its bits.
            let new = state.wrapping_add(1);
            // Relaxed: the guarded value was published before the gate was. `close` is not ordered
            // against users that enter, but against users that leave.
            let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
            match self
                .state
                .compare_exchange_weak(state, new, success, failure)
            {
                Ok(_) => return true,
                Err(found) => state = found,
            }
        }
    }

    /// Leaves the gate. It never waits.
    ///
    /// # Safety
    ///
    /// The caller must have entered, and not left since.
    #[inline]
    pub(super) unsafe fn leave(&self) {
        // Release: everything done inside happens before the closer's next steps. Acquire: the last
        // user to leave passes the accesses of the others on to the closer.
        let old = self.state.fetch_sub(1, Ordering::AcqRel);
        if old & CLOSED != 0 && old & MAX_INSIDE == 1 {
            self.empty.happen();
        }
    }

    /// Closes the gate and waits until nobody is inside. If the gate was open, `closed` is called
    /// in between; it may tell the users inside to hurry.
    ///
    /// Returns whether the gate was open. If it was, [`finish`](Self::finish) must follow. If not,
    /// `finish` has been called when this function returns.
    pub(super) fn close(&self, closed: impl FnOnce()) -> bool {
        E::check_context();
        // Acquire: everything done by users that have left happened before.
        let old = self.state.fetch_or(CLOSED, Ordering::Acquire);
        if old & CLOSED != 0 {
            self.done.wait();
            return false;
        }
        closed();
        if old & MAX_INSIDE != 0 {
            self.empty.wait();
        }
        true
    }

    /// Closes the gate without waiting, and returns whether it was open. [`finish`](Self::finish)
    /// must follow in that case.
    ///
    /// Users inside, if there are any, stay.
    pub(super) fn close_at_once(&self) -> bool {
        self.state.fetch_or(CLOSED, Ordering::Acquire) & CLOSED == 0
    }

    /// Returns whether the gate was closed. The answer is only reliable if the caller has the gate
    /// exclusively.
    pub(super) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Lets the other callers that tried to close the gate return.
    pub(super) fn finish(&self) {
        self.done.happen();
    }
}

#[cfg(test)]
pub(super) mod tests;
