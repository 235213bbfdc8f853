// SPDX-License-Identifier: GPL-2.0

//! [`CondVar`]: waiting until data under a lock change.
//!
//! C header: `include/linux/wait.h`.

use core::ffi::CStr;
use core::pin::Pin;
use core::ptr;

use pin_init::{PinInit, pin_data, pin_init};

use crate::bindings;
use crate::ffi::{c_int, c_long, c_uint};
use crate::sync::LockClassKey;
use crate::sync::lock::{Backend, Guard};
use crate::time::Jiffies;
use crate::types::Opaque;

/// Lets a thread that holds a lock release it and sleep until another thread notifies it.
///
/// The lock is held again when a wait returns. A wait may return without a notification, and the
/// data may have changed back before the lock was acquired again. So check the condition in a loop.
///
/// A signal or a timeout may come at the same time as a notification that has ended a wait. The
/// notification is not lost then: the wait counts as notified.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{CondVar, Mutex, new_condvar, new_mutex}};
///
/// #[pin_data]
/// struct Slot {
///     #[pin]
///     value: Mutex<Option<u32>>,
///     #[pin]
///     filled: CondVar,
/// }
///
/// impl Slot {
///     fn new() -> impl PinInit<Self> {
///         pin_init!(Self {
///             value <- new_mutex!(None, "Slot::value"),
///             filled <- new_condvar!("Slot::filled"),
///         })
///     }
///
///     fn fill(&self, value: u32) {
///         *self.value.lock() = Some(value);
///         self.filled.notify_one();
///     }
///
///     fn take(&self) -> Result<u32> {
///         let mut value = self.value.lock();
///         loop {
///             if let Some(taken) = value.take() {
///                 return Ok(taken);
///             }
///             if self.filled.wait_interruptible(&mut value) {
///                 return Err(ERESTARTSYS);
///             }
///         }
///     }
/// }
/// ```
#[pin_data]
pub struct CondVar {
    #[pin]
    queue: Opaque<bindings::wait_queue_head>,
}

// SAFETY: `Send` requires that the `CondVar` may be used on another thread than before; a wait
// queue belongs to no thread.
unsafe impl Send for CondVar {}

// SAFETY: `Sync` requires that `&CondVar` may be used on several threads; a wait queue has a lock
// of its own.
unsafe impl Sync for CondVar {}

impl CondVar {
    /// Returns an initialiser of a `CondVar` that nobody waits for.
    ///
    /// `name` and `key` are for lockdep; [`new_condvar!`] fills them in.
    #[doc(alias("init_waitqueue_head", "DECLARE_WAIT_QUEUE_HEAD"))]
    pub fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            queue <- Opaque::ffi_init(move |queue| {
                // SAFETY: `lb_init_waitqueue_head` requires pinned memory, and a name and a key
                // that exist until their module is unloaded. `ffi_init` gives the memory, and name
                // and key are `'static`.
                unsafe {
                    bindings::lb_init_waitqueue_head(queue, name.as_ptr().cast(), key.as_ptr())
                }
            }),
        })
    }

    /// Releases the lock, waits for a notification, and acquires the lock again.
    ///
    /// No other lock may be held than this one (except mutexes).
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "wait_event")]
    pub fn wait<T: ?Sized, B: Backend>(&self, guard: &mut Guard<'_, T, B>) {
        self.wait_for(
            guard,
            bindings::LB_TASK_UNINTERRUPTIBLE,
            bindings::LB_MAX_SCHEDULE_TIMEOUT,
        );
    }

    /// As [`wait`](Self::wait), but also returns when the thread has a signal to handle.
    ///
    /// Returns `true` if a signal ended the wait, and no notification. The caller then usually
    /// fails with `ERESTARTSYS`.
    #[must_use = "tells whether a signal ended the wait"]
    #[doc(alias = "wait_event_interruptible")]
    pub fn wait_interruptible<T: ?Sized, B: Backend>(&self, guard: &mut Guard<'_, T, B>) -> bool {
        let state = bindings::LB_TASK_INTERRUPTIBLE;
        let end = self.wait_for(guard, state, bindings::LB_MAX_SCHEDULE_TIMEOUT);
        !end.woken && signal_pending()
    }

    /// As [`wait_interruptible`](Self::wait_interruptible), for a thread that may be frozen
    /// meanwhile, when the system is suspended.
    #[must_use = "tells whether a signal ended the wait"]
    #[doc(alias = "wait_event_freezable")]
    pub fn wait_interruptible_freezable<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
    ) -> bool {
        let state = bindings::LB_TASK_INTERRUPTIBLE | bindings::LB_TASK_FREEZABLE;
        let end = self.wait_for(guard, state, bindings::LB_MAX_SCHEDULE_TIMEOUT);
        !end.woken && signal_pending()
    }

    /// As [`wait_interruptible`](Self::wait_interruptible), for `jiffies` at most.
    ///
    /// From `c_long::MAX` on, there is no limit.
    #[must_use = "tells what ended the wait"]
    #[doc(alias("wait_event_interruptible_timeout", "wait_event_timeout"))]
    pub fn wait_interruptible_timeout<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        jiffies: Jiffies,
    ) -> CondVarTimeoutResult {
        let timeout = c_long::try_from(jiffies).unwrap_or(bindings::LB_MAX_SCHEDULE_TIMEOUT);
        let end = self.wait_for(guard, bindings::LB_TASK_INTERRUPTIBLE, timeout);
        // `schedule_timeout` returns nothing below zero.
        let jiffies = Jiffies::try_from(end.left).unwrap_or(0);
        match (end.woken, jiffies) {
            (true, jiffies) => CondVarTimeoutResult::Woken { jiffies },
            (false, 0) => CondVarTimeoutResult::Timeout,
            (false, jiffies) if signal_pending() => CondVarTimeoutResult::Signal { jiffies },
            (false, jiffies) => CondVarTimeoutResult::Woken { jiffies },
        }
    }

    /// Ends the wait of one thread, if there is one. It is for a caller that is about to sleep
    /// itself.
    ///
    /// The woken thread is not moved to another processor, for the caller makes room on this one.
    ///
    /// Context: any context but NMI.
    #[doc(alias = "wake_up_sync")]
    pub fn notify_sync(&self) {
        // SAFETY: `__wake_up_sync` requires an initialised wait queue; `new` made it so.
        unsafe { bindings::__wake_up_sync(self.queue.get(), bindings::LB_TASK_NORMAL) };
    }

    /// Ends the wait of one thread, if there is one.
    ///
    /// Context: any context but NMI.
    #[doc(alias = "wake_up")]
    pub fn notify_one(&self) {
        self.notify(1);
    }

    /// Ends the waits of all threads.
    ///
    /// Context: any context but NMI.
    #[doc(alias = "wake_up_all")]
    pub fn notify_all(&self) {
        self.notify(0);
    }

    /// Ends the waits of `count` threads, or of all for 0.
    fn notify(&self, count: c_int) {
        let mode = bindings::LB_TASK_NORMAL;
        // SAFETY: `__wake_up` requires an initialised wait queue; `new` made it so. The key goes to
        // the entries' wake functions, which are C's own and do not look at it.
        unsafe { bindings::__wake_up(self.queue.get(), mode, count, ptr::null_mut()) };
    }

    /// Waits in task state `state` until the thread is notified or woken otherwise, or until
    /// `timeout` jiffies are over.
    fn wait_for<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        state: c_uint,
        timeout: c_long,
    ) -> WaitEnd {
        let entry = Opaque::<bindings::wait_queue_entry>::uninit();
        // SAFETY: `lb_init_wait` requires memory for an entry; `entry` is that, and stays where it
        // is.
        unsafe { bindings::lb_init_wait(entry.get()) };
        // SAFETY: `prepare_to_wait_exclusive` requires an initialised queue and entry, which both
        // stay until the entry is removed; `lb_finish_wait_woken` below removes it in any case.
        unsafe {
            bindings::prepare_to_wait_exclusive(self.queue.get(), entry.get(), state.cast_signed())
        };
        guard.do_unlocked(|| {
            // SAFETY: `schedule_timeout` requires a context that may sleep; the callers document
            // it. Elsewhere, it prints a report and goes on.
            let left = unsafe { bindings::schedule_timeout(timeout) };
            // SAFETY: `lb_finish_wait_woken` requires the queue and entry of
            // `prepare_to_wait_exclusive`; both were given to it above.
            let woken = unsafe { bindings::lb_finish_wait_woken(self.queue.get(), entry.get()) };
            WaitEnd { woken, left }
        })
    }
}

/// How a wait ended.
struct WaitEnd {
    /// Whether a notification ended the wait.
    woken: bool,
    /// The rest of the timeout, in jiffies.
    left: c_long,
}

/// Returns whether the current thread has a signal to handle.
fn signal_pending() -> bool {
    // SAFETY: `lb_signal_pending` requires a current task; there always is one.
    unsafe { bindings::lb_signal_pending() }
}

/// The cause that ended a wait with a timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CondVarTimeoutResult {
    /// A notification, or a wake without a particular cause.
    Woken {
        /// The rest of the timeout.
        jiffies: Jiffies,
    },
    /// The timeout is over.
    Timeout,
    /// A signal.
    Signal {
        /// The rest of the timeout.
        jiffies: Jiffies,
    },
}

/// Makes an initialiser of a [`CondVar`]: `new_condvar!()` or `new_condvar!("name")`.
///
/// The name is for lockdep; without one, the place in the source is the name.
#[macro_export]
macro_rules! new_condvar {
    ($($name:literal)?) => {
        $crate::sync::CondVar::new(
            $crate::optional_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}

pub use new_condvar;
