// SPDX-License-Identifier: GPL-2.0

//! Timers.
//!
//! C header: [`include/linux/hrtimer.h`](srctree/include/linux/hrtimer.h)
//!
//! A [`Timer`] belongs to a scope, and its handler may borrow from the scope. When the scope ends,
//! the timer is stopped, and a handler that runs is waited for. From then on [`TimerRef::start`]
//! does nothing. Forgetting a timer changes nothing about that. The clock is
//! [`Monotonic`](super::Monotonic).
//!
//! Any thread and any interrupt may start a timer, and it must not be started once it has ended:
//!
//! ```text
//!     start, again:  enter [`Starters`], unless closed;  hrtimer_start();  leave
//!     end:           close [`Starters`], which waits until nobody is inside;  hrtimer_cancel()
//! ```

use core::sync::atomic::{AtomicU32, Ordering};

use super::{Delta, delay::fsleep};
use crate::{
    bindings,
    calls::Runner,
    device::{Bound, Device},
    init::into_error,
    prelude::*,
    scope::{Handle, Registered, Scope},
    types::Opaque,
};

/// The handler of a timer.
pub trait Expired: Send + Sync {
    /// Called each time that the timer expires, and never twice at a time. The end of the scope
    /// waits for the call.
    ///
    /// Context: interrupt; must not sleep.
    #[doc(alias = "hrtimer_forward_now")]
    fn expired(&self, timer: &TimerRef) -> Restart;
}

/// The next action of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// The timer stays stopped, unless it was started meanwhile.
    No,
    /// The timer expires again, this interval after the time that was set last. If that time is
    /// over, as many intervals are added as it takes to be in the future. Less than a nanosecond
    /// counts as a nanosecond.
    Every(Delta),
}

/// A timer, for as long as its scope lasts.
///
/// Dropping it ends the timer early: it stops the timer, and waits for its handler if that is
/// running. In an interrupt, such as the timer's own handler, the drop does not wait. The timer
/// then ends soon after. Forgetting it leaves its end to the scope.
///
/// # Examples
///
/// ```no_run
/// use kernel::{
///     prelude::*,
///     scope::Scope,
///     sync::atomic::{Atomic, Relaxed},
///     time::{Delta, hrtimer::{Expired, Restart, Timer, TimerRef}},
/// };
///
/// /// Part of the driver's data.
/// struct Beats(Atomic<u32>);
///
/// impl Expired for &Beats {
///     fn expired(&self, _timer: &TimerRef) -> Restart {
///         self.0.add(1, Relaxed);
///         Restart::Every(Delta::from_millis(10))
///     }
/// }
///
/// // In `attach`, which gets the data and the scope:
/// fn start<'x>(beats: &'x Beats, scope: &'x Scope<'x>) -> Result {
///     let timer = Timer::new(scope, beats)?;
///     timer.start(Delta::ZERO);
///     timer.detach();
///     Ok(())
/// }
/// ```
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
pub struct Timer<T: Expired>(Handle<TimerPayload<T>>);

impl<T: Expired> Timer<T> {
    /// Makes a timer that is not running, with data that may borrow from the scope.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The initialiser's error.
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    #[doc(alias = "timer_setup")]
    pub fn new<'x, E>(scope: &Scope<'x>, handler: impl PinInit<T, E>) -> Result<Self>
    where
        T: 'x,
        Error: From<E>,
    {
        scope
            .keep::<_, Error>(TimerPayload::new(into_error(handler)))
            .map(Self)
    }

    /// Makes a timer for a device, with data that borrows nothing. It may be called in `probe`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The errors of [`new`](Self::new).
    /// - `EPERM` if no driver of this module has bound the device.
    pub fn new_static<E>(device: &Device<Bound>, handler: impl PinInit<T, E>) -> Result<Self>
    where
        T: 'static,
        Error: From<E>,
    {
        Self::new(Scope::of(device)?, handler)
    }

    /// Stops the timer, and waits for its handler if that is running. If the handler itself calls
    /// this, it does not wait. Returns whether the timer was running. The timer can be started
    /// again.
    ///
    /// Context: process context, or the timer's own handler.
    #[doc(alias("hrtimer_cancel", "timer_delete_sync", "timer_shutdown_sync"))]
    #[inline]
    pub fn cancel(&self) -> bool {
        // A handler does not wait for itself.
        if self.runner.is_here() {
            return self.try_cancel() == Some(true);
        }
        // SAFETY: `hrtimer_cancel()` requires an initialised timer (TIMER-ENDED), and a caller that
        // is not the handler: the lines above return there (TIMER-RUNNER).
        unsafe { bindings::hrtimer_cancel(self.raw.get()) != 0 }
    }

    /// Leaves the timer to its scope.
    ///
    /// Context: any context.
    pub fn detach(self) {
        self.0.detach();
    }
}

impl<T: Expired> core::ops::Deref for Timer<T> {
    type Target = TimerRef;

    fn deref(&self) -> &TimerRef {
        &self.0.payload().get_ref().timer
    }
}

/// A timer without its handler. Its methods start the timer.
///
/// # Invariants
///
/// - TIMER-ENDED: `raw` is initialised. It stays in place until neither the timer nor its handler
///   is running, and the timer cannot be started.
/// - TIMER-FINAL: once `end` has closed `starters`, nobody starts the timer: it is started inside
///   of them. So when `end` has returned, the handler is not running and will not run.
/// - TIMER-ONCE: the handler starts the timer anew, as any other code does, and tells C not to
///   restart it. `HRTIMER_RESTART` would go wrong if another thread had started the timer
///   meanwhile.
/// - TIMER-RUNNER: while the handler runs, `runner` is the task in whose context it runs.
#[pin_data]
pub struct TimerRef {
    #[pin]
    raw: Opaque<bindings::hrtimer>,
    starters: Starters,
    runner: Runner,
}

// SAFETY: `Send` requires that any thread may own the value: timers belong to no thread.
unsafe impl Send for TimerRef {}

// SAFETY: `Sync` requires that threads may share the value: C locks what it uses of a timer.
unsafe impl Sync for TimerRef {}

impl TimerRef {
    /// Starts the timer, to expire `delay` from now, or at once if `delay` is negative. A timer
    /// that is running expires at the new time only. Does nothing if the scope has ended.
    ///
    /// Context: any context but NMI.
    #[doc(alias("hrtimer_start", "mod_timer", "add_timer", "hrtimer_start_range_ns"))]
    #[inline]
    pub fn start(&self, delay: Delta) {
        self.start_at(
            delay.as_nanos().max(0),
            bindings::hrtimer_mode_HRTIMER_MODE_REL,
        );
    }

    #[inline]
    fn start_at(&self, time: i64, mode: bindings::hrtimer_mode) {
        if self.starters.enter() {
            // SAFETY: `hrtimer_start_range_ns()` requires an initialised timer: TIMER-ENDED, which
            // has not ended: it does not before the line below (TIMER-FINAL).
            unsafe { bindings::hrtimer_start_range_ns(self.raw.get(), time, 0, mode) };
            self.starters.leave();
        }
    }

    /// Makes the timer expire again, a multiple of `interval` after it was to expire last. The
    /// multiple is the first that is still to come. It is called in the handler alone.
    fn again(&self, interval: Delta) {
        // SAFETY: `lb_hrtimer_get_expires()` requires an initialised timer: TIMER-ENDED.
        let last = unsafe { bindings::lb_hrtimer_get_expires(self.raw.get()) };
        // SAFETY: `lb_ktime_get()` has no requirements.
        let now = unsafe { bindings::lb_ktime_get() };
        let next = next_expiry(last, now, interval.as_nanos());
        self.start_at(next, bindings::hrtimer_mode_HRTIMER_MODE_ABS);
    }

    /// Stops the timer for good, and waits for its handler.
    ///
    /// Context: process context; may sleep. Not the handler.
    fn end(&self) {
        self.starters.close();
        // SAFETY: `hrtimer_cancel()` requires an initialised timer (TIMER-ENDED), and a caller that
        // is not the handler: the caller's context.
        unsafe { bindings::hrtimer_cancel(self.raw.get()) };
    }

    /// Stops the timer, unless its handler is running. Returns whether the timer was running, or
    /// `None` if its handler is running.
    ///
    /// Context: any context but NMI.
    #[doc(alias = "hrtimer_try_to_cancel")]
    pub fn try_cancel(&self) -> Option<bool> {
        // SAFETY: `hrtimer_try_to_cancel()` requires an initialised timer: TIMER-ENDED.
        match unsafe { bindings::hrtimer_try_to_cancel(self.raw.get()) } {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// Whether the timer, or its handler, is running.
    ///
    /// Context: any context but NMI.
    #[doc(alias("hrtimer_active", "timer_pending"))]
    pub fn is_active(&self) -> bool {
        // SAFETY: `hrtimer_active()` requires an initialised timer: TIMER-ENDED.
        unsafe { bindings::hrtimer_active(self.raw.get()) }
    }
}

/// The time at which a timer expires next, after it has expired at `last`: a multiple of `interval`
/// later, the first that is not before `now`. All are nanoseconds.
fn next_expiry(last: i64, now: i64, interval: i64) -> i64 {
    let interval = interval.max(1);
    let next = last.saturating_add(interval);
    if next >= now {
        return next;
    }
    let over = now.saturating_sub(next);
    // `interval` is at least 1, so the division has a result.
    let missed = over.checked_div(interval).unwrap_or(0).saturating_add(1);
    next.saturating_add(missed.saturating_mul(interval))
}

/// Counts the threads and interrupts that are starting a timer, until it is closed.
///
/// This is no [`Revocable`](crate::revocable::Revocable): nobody stays inside for longer than C
/// takes to start a timer, so the caller that closes it looks again and again.
struct Starters(AtomicU32);

impl Starters {
    const CLOSED: u32 = 1 << 31;

    /// Begins to start the timer. Returns `false` if this is closed.
    ///
    /// Context: any context.
    #[inline]
    fn enter(&self) -> bool {
        // Acquire: nothing that the caller does inside happens before.
        // OVERFLOW: there are fewer tasks (2^22), and interrupts on top of them, than 2^31.
        let before = self.0.fetch_add(1, Ordering::Acquire);
        if before & Self::CLOSED != 0 {
            self.leave();
        }
        before & Self::CLOSED == 0
    }

    /// Gives up what `enter` has taken.
    #[inline]
    fn leave(&self) {
        // Release: all that was done inside happens before `close` returns.
        self.0.fetch_sub(1, Ordering::Release);
    }

    /// Closes this, and waits until nobody is inside.
    ///
    /// Context: process context; may sleep.
    fn close(&self) {
        self.0.fetch_or(Self::CLOSED, Ordering::Acquire);
        while self.0.load(Ordering::Acquire) != Self::CLOSED {
            fsleep(Delta::from_micros(1));
        }
    }
}

/// The payload that the scope owns.
#[pin_data]
struct TimerPayload<T> {
    #[pin]
    timer: TimerRef,
    #[pin]
    handler: T,
}

impl<T: Expired> TimerPayload<T> {
    fn new(handler: impl PinInit<T, Error>) -> impl PinInit<Self, Error> {
        let timer = pin_init!(TimerRef {
            raw <- Opaque::ffi_init(|raw| {
                // SAFETY: `lb_hrtimer_setup()` requires memory that stays in place: it is pinned.
                unsafe { bindings::lb_hrtimer_setup(raw, Some(expired::<T>)) }
            }),
            starters: Starters(AtomicU32::new(0)),
            runner: Runner::default(),
        });
        try_pin_init!(Self {
            timer <- timer,
            handler <- handler,
        })
    }
}

impl<T: Expired> Registered for TimerPayload<T> {
    fn stop(self: Pin<&Self>) {
        // When it returns, neither the timer nor its handler is running, and the timer cannot be
        // started again.
        self.timer.end();
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        self.timer.runner.is_here()
    }
}

/// # Safety
///
/// C must call this for the timer of a `TimerPayload<T>` that was not stopped.
unsafe extern "C" fn expired<T: Expired>(
    timer: *mut bindings::hrtimer,
) -> bindings::hrtimer_restart {
    let offset =
        core::mem::offset_of!(TimerPayload<T>, timer) + core::mem::offset_of!(TimerRef, raw);
    let payload = timer.wrapping_byte_sub(offset).cast::<TimerPayload<T>>();
    // SAFETY: a reference requires a live payload: the timer is part of one (the caller), which
    // lives until `stop` has returned, and `stop` waits for this function.
    let payload = unsafe { &*payload };
    // TIMER-RUNNER: C calls the handler once at a time.
    payload.timer.runner.run(|| {
        if let Restart::Every(interval) = payload.handler.expired(&payload.timer) {
            payload.timer.again(interval);
        }
    });
    // TIMER-ONCE.
    bindings::hrtimer_restart_HRTIMER_NORESTART
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_that_is_late_skips_what_is_over() {
        assert_eq!(next_expiry(100, 105, 10), 110);
        assert_eq!(next_expiry(100, 110, 10), 110);
        assert_eq!(next_expiry(100, 111, 10), 120);
        assert_eq!(next_expiry(100, 125, 10), 130);
        assert_eq!(
            next_expiry(100, 130, 10),
            140,
            "as many as are over, and one more"
        );
        assert_eq!(next_expiry(100, 130, 0), 131, "the least is a nanosecond");
        assert_eq!(next_expiry(100, 50, i64::MAX), i64::MAX);
    }

    #[test]
    fn nobody_starts_what_is_closed() {
        let starters = Starters(AtomicU32::new(0));
        assert!(starters.enter() && starters.enter());
        starters.leave();
        starters.leave();
        starters.close();
        assert!(!starters.enter() && !starters.enter());
        assert_eq!(starters.0.load(Ordering::Relaxed), Starters::CLOSED);
    }

    #[test]
    fn closing_waits_for_those_inside() {
        let starters = Starters(AtomicU32::new(0));
        let started = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while starters.enter() {
                        started.fetch_add(1, Ordering::Relaxed);
                        starters.leave();
                    }
                });
            }
            while started.load(Ordering::Relaxed) < 1000 {
                std::thread::yield_now();
            }
            starters.close();
            let before = started.load(Ordering::Relaxed);
            std::thread::yield_now();
            assert_eq!(started.load(Ordering::Relaxed), before);
        });
    }
}
