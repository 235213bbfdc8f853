// SPDX-License-Identifier: GPL-2.0

//! [`Completion`]: waiting for an event.
//!
//! C header: `include/linux/completion.h`.

use core::{
    cell::Cell,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use pin_init::{PinInit, pin_data, pin_init};

use crate::bindings;
use crate::error::{Error, Result};
use crate::ffi::c_long;
use crate::time::Jiffies;
use crate::types::Opaque;

/// Counts events, and lets threads wait for them.
///
/// Each [`complete`](Self::complete) lets one wait return, now or later.
/// [`complete_all`](Self::complete_all) lets all waits return from then on.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{Arc, Completion}, time::msecs_to_jiffies};
///
/// let answered = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
/// // In the interrupt handler, which has a share:
/// answered.complete();
/// // In the thread that has sent the question:
/// if answered.wait_for_completion_timeout(msecs_to_jiffies(100)).is_none() {
///     return Err(ETIMEDOUT);
/// }
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct Completion {
    #[pin]
    inner: Opaque<bindings::completion>,
}

// SAFETY: `Send` requires that the completion may be used on another thread than before; a
// completion belongs to no thread.
unsafe impl Send for Completion {}

// SAFETY: `Sync` requires that `&Completion` may be used on several threads; a completion has a
// lock of its own.
unsafe impl Sync for Completion {}

impl Completion {
    /// Returns an initialiser of a completion for which nothing has happened yet.
    #[doc(alias("init_completion", "DECLARE_COMPLETION"))]
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            inner <- Opaque::ffi_init(|inner| {
                // SAFETY: `lb_init_completion` requires pinned memory; `ffi_init` gives it.
                unsafe { bindings::lb_init_completion(inner) }
            }),
        })
    }

    /// Lets one wait return: the one that has waited longest, or the next to come. Not in Linux
    /// 7.3.
    ///
    /// The waiter sees everything that the caller did before.
    ///
    /// Context: any context but NMI.
    pub fn complete(&self) {
        // SAFETY: `complete` requires an initialised completion; `new` made it so.
        unsafe { bindings::complete(self.inner.get()) };
    }

    /// Lets all waits return, later ones included.
    ///
    /// The waiters see everything that the caller did before.
    ///
    /// Context: any context but NMI.
    pub fn complete_all(&self) {
        // SAFETY: `complete_all` requires an initialised completion; `new` made it so.
        unsafe { bindings::complete_all(self.inner.get()) };
    }

    /// Waits for an event, undisturbed by signals.
    ///
    /// Context: process context; may sleep.
    pub fn wait_for_completion(&self) {
        // SAFETY: `wait_for_completion` requires an initialised completion; `new` made it so.
        unsafe { bindings::wait_for_completion(self.inner.get()) };
    }

    /// Waits for an event, for `jiffies` at most, undisturbed by signals. Not in Linux 7.3.
    ///
    /// Returns the rest of the timeout, at least 1, or `None` if the timeout is over; no event is
    /// used up then. From `c_long::MAX` on, there is no limit.
    ///
    /// Context: process context; may sleep.
    #[must_use = "tells whether the event has happened"]
    pub fn wait_for_completion_timeout(&self, jiffies: Jiffies) -> Option<Jiffies> {
        // SAFETY: the function requires an initialised completion; `new` made it so.
        let left =
            unsafe { bindings::wait_for_completion_timeout(self.inner.get(), clamp(jiffies)) };
        (left > 0).then_some(left)
    }

    /// Waits for an event, or until the thread has a signal to handle. Not in Linux 7.3.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal ended the wait; no event is used up then.
    pub fn wait_for_completion_interruptible(&self) -> Result {
        // SAFETY: the function requires an initialised completion; `new` made it so.
        let ret = unsafe { bindings::wait_for_completion_interruptible(self.inner.get()) };
        match ret {
            0.. => Ok(()),
            errno => Err(Error::from_errno(errno)),
        }
    }

    /// Waits for an event, for `jiffies` at most, or until the thread has a signal to handle. Not
    /// in Linux 7.3.
    ///
    /// The result is that of [`wait_for_completion_timeout`](Self::wait_for_completion_timeout).
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal ended the wait; no event is used up then.
    pub fn wait_for_completion_interruptible_timeout(
        &self,
        jiffies: Jiffies,
    ) -> Result<Option<Jiffies>> {
        let (inner, jiffies) = (self.inner.get(), clamp(jiffies));
        // SAFETY: the function requires an initialised completion; `new` made it so.
        let ret = unsafe { bindings::wait_for_completion_interruptible_timeout(inner, jiffies) };
        match Jiffies::try_from(ret) {
            Ok(0) => Ok(None),
            Ok(left) => Ok(Some(left)),
            // CAST: a negative result is an errno, which an `int` holds.
            Err(_) => Err(Error::from_errno(ret as i32)),
        }
    }

    /// Uses an event up if there is one, and otherwise returns `false` at once. Not in Linux 7.3.
    ///
    /// Context: any context but NMI.
    #[must_use = "tells whether the event has happened"]
    pub fn try_wait_for_completion(&self) -> bool {
        // SAFETY: the function requires an initialised completion; `new` made it so.
        unsafe { bindings::try_wait_for_completion(self.inner.get()) }
    }
}

/// The thread that waits for a change of what a lock protects. The value lies there, too. There is
/// room for one thread. Its [`Completion`] is on its stack, so that nobody keeps memory for it.
///
/// # Invariants
///
/// WAITER-WAITS: if the pointer is not null, a thread is in [`wait`](Self::wait), and returns after
/// one [`complete`](Completion::complete) for what it points to.
pub(crate) struct Waiter(Cell<*const Completion>);

// SAFETY: `Send` requires that another thread may use the value: the completion to which it points
// is `Sync`, and is there (WAITER-WAITS).
unsafe impl Send for Waiter {}

impl Waiter {
    /// Nobody waits yet.
    pub(crate) const fn new() -> Self {
        Self(Cell::new(ptr::null()))
    }

    /// Releases a lock, and waits until another thread calls [`wake`](Self::wake) for the waiter
    /// that the lock protects.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn wait<G>(lock: G, waiter: impl FnOnce(&G) -> &Self) {
        pin_init::stack_pin_init!(let woken = Completion::new());
        // INVARIANT: WAITER-WAITS: this thread waits below.
        waiter(&lock).0.set(&raw const *woken);
        drop(lock);
        woken.wait_for_completion();
    }

    /// Wakes the thread that waits, if there is one. The caller holds the lock.
    ///
    /// Context: any context but NMI.
    pub(crate) fn wake(&self) {
        // INVARIANT: WAITER-WAITS: the thread is woken below, once.
        let woken = self.0.replace(ptr::null());
        // SAFETY: `as_ref` requires null or a live completion: its thread waits (WAITER-WAITS).
        if let Some(woken) = unsafe { woken.as_ref() } {
            woken.complete();
        }
    }
}

/// An event that happens once, and for which one thread may wait. As with a [`Waiter`], the
/// [`Completion`] is on that thread's stack. No lock protects the event.
///
/// # Invariants
///
/// EVENT-WAITED: the pointer is null at first, and [`HAPPENED`](Self::HAPPENED) once the event has
/// happened. Otherwise a thread is in [`wait`](Self::wait), and returns after one
/// [`complete`](Completion::complete) for what it points to.
pub(crate) struct Event(AtomicPtr<Completion>);

impl Event {
    /// The address of no completion.
    const HAPPENED: *mut Completion = ptr::without_provenance_mut(1);

    /// The event has not happened yet.
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Lets the event happen. The thread that waits for it sees everything that the caller did
    /// before. If that thread frees the event, it may do so before this returns.
    ///
    /// Context: any context but NMI.
    pub(crate) fn happen(&self) {
        let woken = self.0.swap(Self::HAPPENED, Ordering::AcqRel);
        if woken != Self::HAPPENED {
            // SAFETY: `as_ref` requires null or a live completion: its thread waits (EVENT-WAITED).
            // It does so until the line below, which comes once: nobody else finds the pointer.
            if let Some(woken) = unsafe { woken.as_ref() } {
                woken.complete();
            }
        }
    }

    /// Waits until the event has happened. One thread at a time may wait.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn wait(&self) {
        if self.0.load(Ordering::Acquire) == Self::HAPPENED {
            return;
        }
        pin_init::stack_pin_init!(let woken = Completion::new());
        let here = (&raw const *woken).cast_mut();
        // INVARIANT: EVENT-WAITED: this thread waits below, unless the event has happened.
        let waits =
            self.0
                .compare_exchange(ptr::null_mut(), here, Ordering::AcqRel, Ordering::Acquire);
        if waits.is_ok() {
            woken.wait_for_completion();
        }
    }
}

/// Returns a timeout that C does not take for a negative number.
fn clamp(jiffies: Jiffies) -> Jiffies {
    jiffies.min(c_long::MAX.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_not_negative() {
        assert_eq!(clamp(7), 7);
        assert_eq!(clamp(Jiffies::MAX).cast_signed(), c_long::MAX);
    }
}
