// SPDX-License-Identifier: GPL-2.0

//! Timers.
//!
//! C header: [`include/linux/hrtimer.h`](srctree/include/linux/hrtimer.h)
//!
//! A [`Timer`] belongs to a scope, and its handler may borrow from the scope. When the scope ends,
//! the timer is stopped, and a handler that runs is waited for. From then on [`TimerRef::start`]
//! does nothing. Forgetting a timer changes nothing about that. The clock is
//! [`Monotonic`](super::Monotonic).

use super::Delta;
use crate::{
    bindings,
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
    pub fn cancel(&self) -> bool {
        // SAFETY: `lb_timer_cancel()` requires an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_cancel(self.raw.get()) }
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
/// TIMER-ENDED: `raw` is initialised. It stays in place until neither the timer nor its handler is
/// running, and the timer cannot be started.
#[pin_data]
pub struct TimerRef {
    #[pin]
    raw: Opaque<bindings::lb_timer>,
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
    pub fn start(&self, delay: Delta) {
        // SAFETY: `lb_timer_start()` requires an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_start(self.raw.get(), delay.as_nanos()) };
    }

    /// Stops the timer, unless its handler is running. Returns whether the timer was running, or
    /// `None` if its handler is running.
    ///
    /// Context: any context but NMI.
    #[doc(alias = "hrtimer_try_to_cancel")]
    pub fn try_cancel(&self) -> Option<bool> {
        // SAFETY: `lb_timer_try_to_cancel()` requires an initialised timer: TIMER-ENDED.
        match unsafe { bindings::lb_timer_try_to_cancel(self.raw.get()) } {
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
        // SAFETY: `lb_timer_active()` requires an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_active(self.raw.get()) }
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
                // SAFETY: `lb_timer_init()` requires memory that stays in place: it is pinned.
                unsafe { bindings::lb_timer_init(raw, Some(expired::<T>)) }
            }),
        });
        try_pin_init!(Self {
            timer <- timer,
            handler <- handler,
        })
    }
}

impl<T: Expired> Registered for TimerPayload<T> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: `lb_timer_end()` requires an initialised timer: TIMER-ENDED. When it returns,
        // neither the timer nor its handler is running, and the timer cannot be started again.
        unsafe { bindings::lb_timer_end(self.timer.raw.get()) };
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        // SAFETY: `lb_timer_is_here()` requires an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_is_here(self.timer.raw.get()) }
    }
}

/// # Safety
///
/// C must call this for the timer of a `TimerPayload<T>` that was not stopped.
unsafe extern "C" fn expired<T: Expired>(timer: *mut bindings::lb_timer) {
    let offset =
        core::mem::offset_of!(TimerPayload<T>, timer) + core::mem::offset_of!(TimerRef, raw);
    let payload = timer.wrapping_byte_sub(offset).cast::<TimerPayload<T>>();
    // SAFETY: a reference requires a live payload: the timer is part of one (the caller), which
    // lives until `stop` has returned, and `stop` waits for this function.
    let payload = unsafe { &*payload };
    if let Restart::Every(interval) = payload.handler.expired(&payload.timer) {
        // SAFETY: `lb_timer_again()` requires an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_again(timer, interval.as_nanos()) };
    }
}
