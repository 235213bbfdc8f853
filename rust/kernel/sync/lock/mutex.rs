// SPDX-License-Identifier: GPL-2.0

//! [`Mutex`]: a lock whose holder may sleep.
//!
//! C header: `include/linux/mutex.h`.

use super::Backend;
use crate::bindings;
use crate::ffi;

/// A lock whose holder may sleep, and on which threads wait asleep.
///
/// Context: process context; may sleep. It must not be locked in an interrupt handler, under a
/// [`SpinLock`](super::spinlock::SpinLock) or under an [`rcu::Guard`](crate::sync::rcu::Guard).
///
/// While the mutex is held, the holder's `task_struct` has one more reference. C reads the
/// `task_struct` when others wait. So that memory has to stay even if a thread exits with a guard
/// forgotten.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{Arc, Mutex, new_mutex}};
///
/// #[pin_data]
/// struct Queue {
///     #[pin]
///     entries: Mutex<u32>,
/// }
///
/// impl Queue {
///     fn new() -> impl PinInit<Self> {
///         pin_init!(Self { entries <- new_mutex!(0, "Queue::entries") })
///     }
///
///     fn add(&self) -> u32 {
///         let mut entries = self.entries.lock();
///         *entries = entries.saturating_add(1);
///         *entries
///     }
/// }
///
/// let queue = Arc::pin_init(Queue::new(), GFP_KERNEL)?;
/// assert_eq!(queue.add(), 1);
/// # Ok::<(), Error>(())
/// ```
#[doc(alias("mutex_init", "DEFINE_MUTEX"))]
pub type Mutex<T> = super::Lock<T, MutexBackend>;

/// Access to the data of a [`Mutex`].
pub type MutexGuard<'a, T> = super::Guard<'a, T, MutexBackend>;

/// Makes an initialiser of a [`Mutex`]: `new_mutex!(data)` or `new_mutex!(data, "name")`.
///
/// `data` is a value or an initialiser. The name is for lockdep; without one, the place in the
/// source is the name.
#[macro_export]
macro_rules! new_mutex {
    ($data:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::Mutex::new(
            $data,
            $crate::optional_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}

pub use new_mutex;

/// C's `struct mutex`.
pub struct MutexBackend;

// SAFETY: the trait has these requirements.
// 1. Mutual exclusion and ordering: a mutex provides both.
// 2. A state that may be freed: `mutex_destroy` only checks.
// 3. A lock held by a thread that is gone does no harm: `struct mutex` points to its holder, which
//    has a reference of its own. The shims take that reference and release it.
unsafe impl Backend for MutexBackend {
    type State = bindings::mutex;
    type GuardState = ();

    unsafe fn init(
        ptr: *mut Self::State,
        name: *const ffi::c_char,
        key: *mut bindings::lock_class_key,
    ) {
        // SAFETY: `lb_mutex_init` requires memory, a name and a key; this function's contract
        // ensures it.
        unsafe { bindings::lb_mutex_init(ptr, name, key) };
    }

    #[inline]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: `lb_mutex_lock` requires an initialised mutex; this function's contract ensures
        // it.
        unsafe { bindings::lb_mutex_lock(ptr) };
    }

    #[inline]
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        // SAFETY: `lb_mutex_trylock` requires an initialised mutex; this function's contract
        // ensures it.
        let locked = unsafe { bindings::lb_mutex_trylock(ptr) };
        (locked != 0).then_some(())
    }

    #[inline]
    unsafe fn unlock(ptr: *mut Self::State, _: &Self::GuardState) {
        // SAFETY: `lb_mutex_unlock` requires a mutex that this thread has locked; this function's
        // contract ensures it.
        unsafe { bindings::lb_mutex_unlock(ptr) };
    }

    #[inline]
    unsafe fn assert_is_held(ptr: *mut Self::State) {
        if cfg!(CONFIG_LOCKDEP) {
            // SAFETY: `lb_lockdep_assert_held_mutex` requires an initialised mutex; this function's
            // contract ensures it.
            unsafe { bindings::lb_lockdep_assert_held_mutex(ptr) };
        }
    }
}
