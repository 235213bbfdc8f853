// SPDX-License-Identifier: GPL-2.0

//! Waiting for events of a file: `poll()`, `select()`, `epoll`, and calls that wait themselves.
//!
//! C headers: [`include/linux/poll.h`](srctree/include/linux/poll.h),
//! [`include/linux/wait.h`](srctree/include/linux/wait.h)
//!
//! A driver whose files can be waited for keeps a [`Queue`], and gives a share of it to its files
//! (see [`miscdevice`](crate::miscdevice)). It calls [`Queue::wake`] whenever something has
//! changed, even in an interrupt handler.
//!
//! A waiting task is in a list of the queue as long as its file is open. So the queue is counted,
//! and lives as long as the last file. It is not a part of the driver's data, which ends before.

use core::{
    ops, ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    alloc::Flags,
    bindings,
    error::{Result, code::ERESTARTSYS},
    ffi::{c_int, c_long, c_void},
    flag_set::flag_set,
    init::InPlaceInit,
    prelude::*,
    static_lock_class,
    sync::Arc,
    time::Jiffies,
    types::Opaque,
};

/// The events that a file may report: a set of C's `EPOLL*`.
///
/// # Examples
///
/// ```
/// use kernel::poll::Events;
///
/// let now = Events::READABLE | Events::HANGUP;
/// assert!(now.contains(Events::READABLE));
/// assert!(!now.contains(Events::WRITABLE));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events(u32);

impl Events {
    /// No event.
    pub const NONE: Self = Self(0);
    /// Reading would not wait: `EPOLLIN | EPOLLRDNORM`.
    pub const READABLE: Self = Self(0x041);
    /// Writing would not wait: `EPOLLOUT | EPOLLWRNORM`.
    pub const WRITABLE: Self = Self(0x104);
    /// Something urgent can be read: `EPOLLPRI`.
    pub const URGENT: Self = Self(0x002);
    /// There was an error: `EPOLLERR`. Every caller waits for this event.
    pub const ERROR: Self = Self(0x008);
    /// The other end is gone: `EPOLLHUP`. Every caller waits for this event.
    pub const HANGUP: Self = Self(0x010);

    /// Returns whether all of `other` are among these events.
    ///
    /// Context: any context.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the set as C's `__poll_t`.
    pub const fn as_raw(self) -> u32 {
        self.0
    }
}

flag_set!(Events);

impl ops::BitOrAssign for Events {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// The tasks that wait: a counted list, of which this is one share.
///
/// # Invariants
///
/// QUEUE-SHARED: the C wait queue is initialised, and in place as long as anybody has a share of
/// it.
#[derive(Clone)]
pub struct Queue(Arc<Head>);

#[pin_data]
struct Head {
    #[pin]
    raw: Opaque<bindings::wait_queue_head>,
    /// How often the queue was woken. A task that finds this number changed does not sleep.
    wakes: AtomicUsize,
}

// SAFETY: `Send` requires that the use from another thread is sound; a wait queue belongs to no
// thread.
unsafe impl Send for Head {}

// SAFETY: `Sync` requires that shared use by several threads is sound; a wait queue has a lock of
// its own.
unsafe impl Sync for Head {}

impl Queue {
    /// Makes a queue in which nobody waits.
    ///
    /// Context: as the flags allow.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new(flags: Flags) -> Result<Self> {
        let head = pin_init!(Head {
            raw <- Opaque::ffi_init(|raw| {
                let (name, key) = (c"lifebound_poll", static_lock_class!());
                // SAFETY: `lb_init_waitqueue_head` requires pinned memory, and a name and a key
                // that exist until their module is unloaded; the memory is in an `Arc`, and name
                // and key are static.
                unsafe {
                    bindings::lb_init_waitqueue_head(raw, name.as_ptr().cast(), key.as_ptr())
                }
            }),
            wakes: AtomicUsize::new(0),
        });
        Ok(Self(Arc::pin_init(head, flags)?))
    }

    /// Wakes the tasks that wait for one of `events`, so that they look again. They see everything
    /// that the caller did before.
    ///
    /// Context: any context but NMI.
    #[doc(alias("wake_up_poll", "wake_up_interruptible"))]
    pub fn wake(&self, events: Events) {
        self.wake_some(events, 1);
    }

    /// As [`wake`](Self::wake), for all tasks that wait, whatever they wait for.
    pub(crate) fn wake_all(&self, events: Events) {
        self.wake_some(events, 0);
    }

    /// Some tasks asked not to be woken all together. `exclusive` says how many of them are woken;
    /// 0 stands for all.
    fn wake_some(&self, events: Events, exclusive: c_int) {
        self.0.wakes.fetch_add(1, Ordering::Release);
        // CAST: C keeps the events in a pointer.
        let key = ptr::without_provenance_mut::<c_void>(events.0 as usize);
        // SAFETY: `__wake_up()` requires an initialised queue (QUEUE-SHARED) and a key as
        // `poll_to_key()` makes it; this one is.
        unsafe { bindings::__wake_up(self.as_raw(), bindings::LB_TASK_NORMAL, exclusive, key) };
    }

    /// Waits until `condition` holds. The condition is evaluated whenever the queue is woken, and
    /// may sleep itself.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if the thread has a signal to handle.
    pub fn wait_interruptible(&self, condition: impl FnMut() -> bool) -> Result {
        self.wait_interruptible_timeout(Jiffies::MAX, condition)
            .map(drop)
    }

    /// As [`wait_interruptible`](Self::wait_interruptible), for `timeout` ticks at most. Returns
    /// whether the condition holds. From `c_long::MAX` on, there is no limit.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors are those of [`wait_interruptible`](Self::wait_interruptible).
    pub fn wait_interruptible_timeout(
        &self,
        timeout: Jiffies,
        mut condition: impl FnMut() -> bool,
    ) -> Result<bool> {
        let mut left = c_long::try_from(timeout).unwrap_or(bindings::LB_MAX_SCHEDULE_TIMEOUT);
        loop {
            let seen = self.0.wakes.load(Ordering::Acquire);
            if condition() {
                return Ok(true);
            }
            if left == 0 {
                return Ok(false);
            }
            // SAFETY: `lb_signal_pending` requires a current task; there always is one.
            if unsafe { bindings::lb_signal_pending() } {
                return Err(ERESTARTSYS);
            }
            left = self.sleep(seen, left);
        }
    }

    /// Sleeps until the queue was woken more often than `seen` times, or `timeout` ticks are over.
    /// Returns how many ticks are left.
    ///
    /// The entry in the queue is on the stack, so no code of the driver runs meanwhile. A panic
    /// there would end the stack, but leave the entry in the queue. The count shows a wake that
    /// comes before the entry is added: the queue's lock orders the two.
    fn sleep(&self, seen: usize, timeout: c_long) -> c_long {
        let entry = Opaque::uninit();
        // SAFETY: `lb_init_wait_woken` requires memory for an entry, on the stack of the task that
        // is to be woken; `entry` is a local variable.
        unsafe { bindings::lb_init_wait_woken(entry.get()) };
        // SAFETY: `add_wait_queue()` requires an initialised queue (QUEUE-SHARED) and an
        // initialised entry, which both stay until the entry is removed. The entry was initialised
        // above and is removed below.
        unsafe { bindings::add_wait_queue(self.as_raw(), entry.get()) };
        let left = if self.0.wakes.load(Ordering::Acquire) == seen {
            let state = bindings::LB_TASK_INTERRUPTIBLE;
            // SAFETY: `wait_woken()` requires an entry that is in a queue; it was added above.
            unsafe { bindings::wait_woken(entry.get(), state, timeout) }
        } else {
            timeout
        };
        // SAFETY: `remove_wait_queue()` requires the queue and the entry that was added to it; it
        // was added above.
        unsafe { bindings::remove_wait_queue(self.as_raw(), entry.get()) };
        left
    }

    /// Returns the C queue, valid as long as this share.
    pub(crate) fn as_raw(&self) -> *mut bindings::wait_queue_head {
        self.0.raw.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_those_of_c() {
        // CAST: C's constants are of another type for sparse only.
        assert_eq!(Events::READABLE.as_raw(), 0x001 | 0x040);
        assert_eq!(Events::WRITABLE.as_raw(), 0x004 | 0x100);
        assert_eq!(Events::URGENT.as_raw(), 0x002);
        let mut both = Events::ERROR;
        both |= Events::HANGUP;
        assert_eq!(both.as_raw(), 0x018);
        assert!(both.contains(Events::NONE) && both.contains(Events::ERROR));
        assert!(!both.contains(Events::READABLE | Events::ERROR));
    }
}

#[cfg(lifebound_kunit)]
#[macros::kunit_tests(lifebound_poll)]
mod kunit {
    use super::*;

    fn is_empty(queue: &Queue) -> bool {
        // SAFETY: the place expression requires a live queue; QUEUE-SHARED says so. Nobody else has
        // a share of a test's queue.
        let head = unsafe { &raw const (*queue.as_raw()).head };
        // SAFETY: the read requires the same.
        ptr::eq(unsafe { (*head).next }, head)
    }

    #[test]
    fn a_condition_is_looked_at_outside_of_the_queue() -> Result {
        let queue = Queue::new(GFP_KERNEL)?;
        let mut looked = 0;
        let held = queue.wait_interruptible_timeout(1, || {
            assert!(is_empty(&queue));
            looked += 1;
            false
        })?;
        assert!(!held);
        assert_eq!(looked, 2);
        assert!(is_empty(&queue));
        Ok(())
    }

    #[test]
    fn a_wake_while_the_condition_is_looked_at_is_not_slept_through() -> Result {
        let queue = Queue::new(GFP_KERNEL)?;
        let mut looked = 0;
        // The timeout is longer than anybody waits for a test.
        let held = queue.wait_interruptible_timeout(10_000_000, || {
            looked += 1;
            if looked == 1 {
                queue.wake(Events::READABLE);
            }
            looked == 2
        })?;
        assert!(held);
        Ok(())
    }
}
