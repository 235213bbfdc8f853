// SPDX-License-Identifier: GPL-2.0

//! Timers.
//!
//! C header: [`include/linux/hrtimer.h`](srctree/include/linux/hrtimer.h)
//!
//! A [`Timer`] belongs to a scope, and its handler may borrow from there. When the scope ends, the timer is stopped, a
//! handler that runs is waited for, and from then on [`TimerRef::start`] does nothing. Forgetting a timer changes nothing
//! about that. The clock is [`Monotonic`](super::Monotonic).

use super::Delta;
use crate::{
    bindings,
    device::{Bound, Device},
    prelude::*,
    scope::{Handle, Registered, Scope},
    types::Opaque,
};

/// What happens when a timer's time has come.
pub trait Expired: Send + Sync {
    /// Called each time. Never twice at a time.
    ///
    /// Context: an interrupt. Must not sleep. The end of the scope waits for it.
    fn expired(&self, timer: &TimerRef) -> Restart;
}

/// What a timer does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Nothing, unless it was started meanwhile.
    No,
    /// Its time comes again this long after the time that was set last; further on by as many times of that as it takes to
    /// be in the future. Less than a nanosecond counts as one.
    Every(Delta),
}

/// A timer, for as long as its scope lasts.
///
/// Dropping it ends that early: it stops the timer, and waits for its handler if that is running.
/// In an interrupt, such as the timer's own handler, the drop does not wait: the timer ends soon
/// after. Forgetting it leaves its end to the scope.
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
/// // In `attach`, which gets both:
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
    /// Makes a timer that is not running, with data that may borrow from the scope. May sleep.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `ENODEV` if the scope is ending.
    pub fn new<'x>(scope: &Scope<'x>, handler: impl PinInit<T, Error>) -> Result<Self>
    where
        T: 'x,
    {
        scope
            .enter::<_, Error>(TimerPayload::new(handler), |_| Ok(()))
            .map(Self)
    }

    /// Makes a timer for a device, with data that borrow nothing. May be called in `probe`. May sleep.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); `EPERM` if no driver of this module has bound the device.
    pub fn new_static(device: &Device<Bound>, handler: impl PinInit<T, Error>) -> Result<Self>
    where
        T: 'static,
    {
        Self::new(Scope::of(device)?, handler)
    }

    /// Stops the timer, and waits for its handler if that is running, unless the handler itself
    /// does it. Returns whether the timer was running. It can be started again. Process context, or
    /// the handler.
    pub fn cancel(&self) -> bool {
        // SAFETY: the shim wants an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_cancel(self.raw.get()) }
    }

    /// Leaves the timer to its scope. Any context.
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

/// A timer, without what it does: for starting it.
///
/// # Invariants
///
/// TIMER-ENDED: `raw` is initialised, and stays in place until it is neither running, nor its handler, nor can be started.
#[pin_data]
pub struct TimerRef {
    #[pin]
    raw: Opaque<bindings::lb_timer>,
}

// SAFETY: timers belong to no thread.
unsafe impl Send for TimerRef {}

// SAFETY: timers are used by all threads; C locks.
unsafe impl Sync for TimerRef {}

impl TimerRef {
    /// Lets the timer's time come `delay` from now, whether or not it was running; at once if that is negative. Nothing if
    /// its scope has ended. Any context but NMI.
    pub fn start(&self, delay: Delta) {
        // SAFETY: the shim wants an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_start(self.raw.get(), delay.as_nanos()) };
    }

    /// Stops the timer, unless its handler is running. Returns whether it was running, or `None` if its handler is. Any
    /// context but NMI.
    pub fn try_cancel(&self) -> Option<bool> {
        // SAFETY: the shim wants an initialised timer: TIMER-ENDED.
        match unsafe { bindings::lb_timer_try_to_cancel(self.raw.get()) } {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// Whether the timer, or its handler, is running. Any context but NMI.
    pub fn is_active(&self) -> bool {
        // SAFETY: the shim wants an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_active(self.raw.get()) }
    }
}

/// What the scope owns.
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
                // SAFETY: the shim wants memory, pinned.
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
        // SAFETY: the shim wants an initialised timer. When it returns, neither it nor its handler is running, and it
        // cannot be started again.
        unsafe { bindings::lb_timer_end(self.timer.raw.get()) };
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        // SAFETY: `lb_timer_is_here()` requires an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_is_here(self.timer.raw.get()) }
    }
}

/// # Safety
///
/// To be called by C for the timer of a `TimerPayload<T>` that has not been stopped.
unsafe extern "C" fn expired<T: Expired>(timer: *mut bindings::lb_timer) {
    let offset =
        core::mem::offset_of!(TimerPayload<T>, timer) + core::mem::offset_of!(TimerRef, raw);
    let payload = timer.wrapping_byte_sub(offset).cast::<TimerPayload<T>>();
    // SAFETY: the timer is part of one (the caller), which is there until `stop` has returned, and that waits for this.
    let payload = unsafe { &*payload };
    if let Restart::Every(interval) = payload.handler.expired(&payload.timer) {
        // SAFETY: the shim wants an initialised timer: TIMER-ENDED.
        unsafe { bindings::lb_timer_again(timer, interval.as_nanos()) };
    }
}
