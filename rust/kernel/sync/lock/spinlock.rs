// SPDX-License-Identifier: GPL-2.0

//! [`SpinLock`] and [`SpinLockIrq`]: locks for short sections that do not sleep.
//!
//! C header: `include/linux/spinlock.h`.

use super::{Backend, Guard, Lock};
use crate::bindings;
use crate::ffi;

/// A lock for short sections that do not sleep. Threads that wait for it spin.
///
/// Context: process context and softirq, but one lock not in both; not in a hard interrupt handler.
/// The holder must not sleep. Interrupts stay enabled while the lock is held, so a handler on the
/// same processor that wants it waits for ever. Data shared with a handler need a [`SpinLockIrq`].
/// (With `CONFIG_PREEMPT_RT` waiting may sleep.)
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{Arc, SpinLock, new_spinlock}};
///
/// let level: Arc<SpinLock<u32>> = Arc::pin_init(new_spinlock!(3, "level"), GFP_KERNEL)?;
/// *level.lock() = 4;
/// # Ok::<(), Error>(())
/// ```
#[doc(alias("spin_lock_init", "DEFINE_SPINLOCK"))]
pub type SpinLock<T> = Lock<T, SpinLockBackend>;

/// Access to the data of a [`SpinLock`].
pub type SpinLockGuard<'a, T> = Guard<'a, T, SpinLockBackend>;

/// A [`SpinLock`] that disables interrupts on its processor while it is held.
///
/// Context: any context but NMI. The holder must not sleep.
///
/// A guard restores the state of interrupts that it found. So guards of several such locks have to
/// be dropped in the reverse order of locking. This happens by itself at the end of a scope.
/// Otherwise interrupts are enabled too early, and a handler may wait for ever for the lock that is
/// still held.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{Arc, SpinLockIrq, new_spinlock_irq}};
///
/// let events: Arc<SpinLockIrq<u32>> = Arc::pin_init(new_spinlock_irq!(0, "events"), GFP_KERNEL)?;
/// let seen = core::mem::take(&mut *events.lock());
/// # let _ = seen;
/// # Ok::<(), Error>(())
/// ```
#[doc(alias(
    "spin_lock_irqsave",
    "spin_lock_irq",
    "spin_unlock_irqrestore",
    "spin_unlock_irq"
))]
pub type SpinLockIrq<T> = Lock<T, SpinLockIrqBackend>;

/// Access to the data of a [`SpinLockIrq`].
pub type SpinLockIrqGuard<'a, T> = Guard<'a, T, SpinLockIrqBackend>;

/// Makes an initialiser of a [`SpinLock`]: `new_spinlock!(data)` or `new_spinlock!(data, "name")`.
///
/// `data` is a value or an initialiser. The name is for lockdep; without one, the place in the
/// source is the name.
#[macro_export]
macro_rules! new_spinlock {
    ($data:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::SpinLock::new(
            $data,
            $crate::optional_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}

/// Makes an initialiser of a [`SpinLockIrq`], as [`new_spinlock!`] does of a [`SpinLock`].
#[macro_export]
macro_rules! new_spinlock_irq {
    ($data:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::SpinLockIrq::new(
            $data,
            $crate::optional_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}

pub use {new_spinlock, new_spinlock_irq};

/// C's `spinlock_t`, with interrupts as they are.
pub struct SpinLockBackend;

// SAFETY: the trait has these requirements.
// 1. Mutual exclusion and ordering: a spinlock provides both.
// 2. A state that may be freed: C has no function to destroy one.
// 3. A lock held by a thread that is gone does no harm: with `CONFIG_PREEMPT_RT` and
//    `CONFIG_DEBUG_SPINLOCK`, a spinlock points to its holder. The shims take a reference for it
//    and release it.
unsafe impl Backend for SpinLockBackend {
    type State = bindings::spinlock_t;
    type GuardState = ();

    #[inline]
    unsafe fn init(
        ptr: *mut Self::State,
        name: *const ffi::c_char,
        key: *mut bindings::lock_class_key,
    ) {
        // SAFETY: `lb_spin_lock_init` requires memory, a name and a key; this function's contract
        // ensures it.
        unsafe { bindings::lb_spin_lock_init(ptr, name, key) };
    }

    #[inline]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: `lb_spin_lock` requires an initialised lock; this function's contract ensures it.
        unsafe { bindings::lb_spin_lock(ptr) };
    }

    #[inline]
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        // SAFETY: `lb_spin_trylock` requires an initialised lock; this function's contract ensures
        // it.
        let locked = unsafe { bindings::lb_spin_trylock(ptr) };
        (locked != 0).then_some(())
    }

    #[inline]
    unsafe fn unlock(ptr: *mut Self::State, _: &Self::GuardState) {
        // SAFETY: `lb_spin_unlock` requires a lock that is held here; this function's contract
        // ensures it.
        unsafe { bindings::lb_spin_unlock(ptr) };
    }

    #[inline]
    unsafe fn assert_is_held(ptr: *mut Self::State) {
        if cfg!(CONFIG_LOCKDEP) {
            // SAFETY: `lb_lockdep_assert_held_spin` requires an initialised lock; this function's
            // contract ensures it.
            unsafe { bindings::lb_lockdep_assert_held_spin(ptr) };
        }
    }
}

/// C's `spinlock_t`, with interrupts disabled.
pub struct SpinLockIrqBackend;

// SAFETY: the trait requires the same as for `SpinLockBackend`, and the same holds.
unsafe impl Backend for SpinLockIrqBackend {
    type State = bindings::spinlock_t;
    /// The state of interrupts before.
    type GuardState = ffi::c_ulong;

    #[inline]
    unsafe fn init(
        ptr: *mut Self::State,
        name: *const ffi::c_char,
        key: *mut bindings::lock_class_key,
    ) {
        // SAFETY: `lb_spin_lock_init` requires memory, a name and a key; this function's contract
        // ensures it.
        unsafe { bindings::lb_spin_lock_init(ptr, name, key) };
    }

    #[inline]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: `lb_spin_lock_irqsave` requires an initialised lock; this function's contract
        // ensures it.
        unsafe { bindings::lb_spin_lock_irqsave(ptr) }
    }

    #[inline]
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        let mut flags = 0;
        // SAFETY: `lb_spin_trylock_irqsave` requires an initialised lock (this function's contract)
        // and memory for the flags, which is a local variable.
        let locked = unsafe { bindings::lb_spin_trylock_irqsave(ptr, &raw mut flags) };
        locked.then_some(flags)
    }

    #[inline]
    unsafe fn unlock(ptr: *mut Self::State, guard_state: &Self::GuardState) {
        // SAFETY: `lb_spin_unlock_irqrestore` requires a lock that is held here, and the flags from
        // locking it; both hold by this function's contract.
        unsafe { bindings::lb_spin_unlock_irqrestore(ptr, *guard_state) };
    }

    #[inline]
    unsafe fn assert_is_held(ptr: *mut Self::State) {
        if cfg!(CONFIG_LOCKDEP) {
            // SAFETY: `lb_lockdep_assert_held_spin` requires an initialised lock; this function's
            // contract ensures it.
            unsafe { bindings::lb_lockdep_assert_held_spin(ptr) };
        }
    }
}
