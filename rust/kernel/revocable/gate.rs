// SPDX-License-Identifier: GPL-2.0

//! [`Gate`]: counts who is inside, and can be closed once.
//!
//! The part of [`Revocable`](super::Revocable) that knows nothing of the value, so that it is
//! tested on the host, with threads.

use core::sync::atomic::{AtomicUsize, Ordering};

use pin_init::{PinInit, pin_data, try_pin_init};

/// Something that happens, and can be waited for.
///
/// # Safety
///
/// - `wait` must not return before `happen` was called. What was done before `happen` must happen
///   before what is done after `wait`.
/// - After `happen`, every `wait` must return, those to come included.
pub(super) unsafe trait Event {
    /// An initialiser of an event that has not happened. It never fails.
    fn new<E>() -> impl PinInit<Self, E>;

    /// Reports a bug if this is no place to wait.
    fn check_context();

    /// Lets it happen. Must be callable wherever [`Gate::leave`] is.
    fn happen(&self);

    /// Waits until it has happened.
    fn wait(&self);
}

/// The gate was closed.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// How many can be inside.
const MAX_INSIDE: usize = CLOSED - 1;

/// Lets users in until it is closed, and whoever closes it wait until they are out.
///
/// # Invariants
///
/// - The lower bits of `state` are the number of those who entered and did not leave.
/// - Once `CLOSED` is set it stays, and that number only falls.
/// - `empty` happens when the gate is closed and the number falls to zero.
/// - `done` happens when the one who closed the gate says so, by `finish`.
#[pin_data]
pub(super) struct Gate<E> {
    state: AtomicUsize,
    #[pin]
    empty: E,
    #[pin]
    done: E,
}

impl<E: Event> Gate<E> {
    /// An initialiser of an open gate with nobody inside.
    pub(super) fn new<Error>() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            state: AtomicUsize::new(0),
            empty <- E::new(),
            done <- E::new(),
        }? Error)
    }

    /// Enters, unless the gate is closed, in which case this returns `false`.
    ///
    /// It is also `false` if 2^63 did not leave. Never waits.
    #[inline]
    pub(super) fn enter(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & CLOSED != 0 || state & MAX_INSIDE == MAX_INSIDE {
                return false;
            }
            // OVERFLOW: the number is below `MAX_INSIDE`, so it keeps to its bits.
            let new = state.wrapping_add(1);
            // Relaxed: what is guarded was published before the gate was, and `close` is not
            // ordered against those who enter, but against those who leave.
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

    /// Leaves. Never waits.
    ///
    /// # Safety
    ///
    /// The caller must have entered, and not left since.
    #[inline]
    pub(super) unsafe fn leave(&self) {
        // Release: what was done inside happens before what the closer does. Acquire: the last to
        // leave passes on to him what the others did.
        let old = self.state.fetch_sub(1, Ordering::AcqRel);
        if old & CLOSED != 0 && old & MAX_INSIDE == 1 {
            self.empty.happen();
        }
    }

    /// Closes the gate and waits until nobody is inside. `closed` is called in between, if it was open: it may tell those
    /// inside to hurry.
    ///
    /// Returns whether it was open. If so, [`finish`](Self::finish) must follow; if not, `finish`
    /// has been called when this returns.
    pub(super) fn close(&self, closed: impl FnOnce()) -> bool {
        E::check_context();
        // Acquire: what was done by those who have left already happened before.
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
    /// Those inside, if there are any, stay.
    pub(super) fn close_at_once(&self) -> bool {
        self.state.fetch_or(CLOSED, Ordering::Acquire) & CLOSED == 0
    }

    /// Whether it was closed. Only sure for those who have the gate exclusively.
    pub(super) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Lets those return who tried to close the gate as well.
    pub(super) fn finish(&self) {
        self.done.happen();
    }
}

#[cfg(test)]
pub(super) mod tests;
