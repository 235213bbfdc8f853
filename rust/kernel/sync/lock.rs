// SPDX-License-Identifier: GPL-2.0

//! [`Lock`]: data that can only be reached while a lock is held.
//!
//! C headers: `include/linux/mutex.h`, `include/linux/spinlock.h`.
//!
//! A driver uses the aliases [`Mutex`](mutex::Mutex), [`SpinLock`](spinlock::SpinLock) and
//! [`SpinLockIrq`](spinlock::SpinLockIrq). They differ in their [`Backend`] only.

pub mod mutex;
pub mod spinlock;

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::fmt;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;

use pin_init::{PinInit, Wrapper, pin_data, pin_init};

use crate::bindings;
use crate::ffi;
use crate::sync::LockClassKey;
use crate::types::{NotThreadSafe, Opaque, ScopeGuard};

/// A kind of lock.
///
/// # Safety
///
/// - From `lock`, or a `try_lock` that returned `Some`, to the `unlock` that follows it, nobody
///   else may get the same state locked, on any thread. What a thread did before `unlock` must
///   happen before what the next one to lock does.
/// - The state must be usable from all threads, and may be freed, after it was initialised, at any
///   time at which no function of the backend runs on it, even while it is locked.
/// - A lock that is never unlocked must do no harm but to block those who want it, even after the
///   thread that holds it is gone.
pub unsafe trait Backend {
    /// What C stores in a lock.
    type State;

    /// What has to be kept from locking to unlocking.
    type GuardState;

    /// Initialises the state.
    ///
    /// # Safety
    ///
    /// `ptr` must point to writable memory, pinned afterwards. `name` and `key` must stay valid for
    /// as long as lockdep may use them: until the module that they lie in is gone.
    unsafe fn init(
        ptr: *mut Self::State,
        name: *const ffi::c_char,
        key: *mut bindings::lock_class_key,
    );

    /// Waits until the lock is free and takes it.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state.
    #[must_use = "needed for unlocking"]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState;

    /// Takes the lock if it is free.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state.
    #[must_use = "tells whether the lock was taken"]
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState>;

    /// Gives the lock back.
    ///
    /// # Safety
    ///
    /// The lock must be held, on this thread, and `guard_state` must come from locking it.
    unsafe fn unlock(ptr: *mut Self::State, guard_state: &Self::GuardState);

    /// Takes the lock again after it was given back for a while.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state, and `guard_state` must come from locking
    /// it.
    unsafe fn relock(ptr: *mut Self::State, guard_state: &mut Self::GuardState) {
        // SAFETY: `lock` demands an initialised, pinned state: this function's contract.
        *guard_state = unsafe { Self::lock(ptr) };
    }

    /// Lets lockdep complain if the lock is not held on this thread.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state.
    unsafe fn assert_is_held(ptr: *mut Self::State);
}

/// Data of type `T`, locked by a `B`.
///
/// The lock and the data are pinned: the data do not move until the lock is dropped.
///
/// A guard that is forgotten (`mem::forget`) leaves the lock locked for ever: whoever wants it then
/// hangs.
///
/// # Examples
///
/// A lock is shareable if its data may be used by one thread after the other:
///
/// ```compile_fail,E0277
/// use kernel::{sync::Mutex, types::NotThreadSafe};
///
/// fn share<T: Sync>() {}
/// share::<Mutex<NotThreadSafe>>();
/// ```
#[repr(C)]
#[pin_data]
pub struct Lock<T: ?Sized, B: Backend> {
    #[pin]
    state: Opaque<B::State>,
    #[pin]
    data: UnsafeCell<T>,
}

// SAFETY: `Send` demands that the lock may be used on another thread than before: its state can be
// (the contract of `Backend`), and so can the data (`T: Send`).
unsafe impl<T: ?Sized + Send, B: Backend> Send for Lock<T, B> {}

// SAFETY: `Sync` demands that `&Lock` may be used on several threads: the state can be (the
// contract of `Backend`), and the data are reached by one at a time, which is to send them (`T:
// Send`).
unsafe impl<T: ?Sized + Send, B: Backend> Sync for Lock<T, B> {}

impl<T, B: Backend> Lock<T, B> {
    /// An initialiser of an unlocked lock with data `t`.
    ///
    /// `name` and `key` are for lockdep; the `new_*!` macros fill them in.
    pub fn new(
        t: impl PinInit<T>,
        name: &'static CStr,
        key: Pin<&'static LockClassKey>,
    ) -> impl PinInit<Self> {
        pin_init!(Self {
            state <- Opaque::ffi_init(move |state| {
                // SAFETY: `init` demands memory, pinned: `ffi_init` gives it. Name and key have to
                // be there until their module is unloaded: they are `'static`.
                unsafe { B::init(state, name.as_ptr().cast(), key.as_ptr()) }
            }),
            data <- UnsafeCell::pin_init(t),
        })
    }
}

impl<B: Backend> Lock<(), B> {
    /// A C lock, which guards nothing that Rust knows of.
    ///
    /// # Safety
    ///
    /// `ptr` must point to a state that `B` can handle, initialised and pinned for the lifetime
    /// that the caller picks.
    pub unsafe fn from_raw<'a>(ptr: *mut B::State) -> &'a Self {
        // SAFETY: dereferencing demands a live `Lock<(), B>`: with `repr(C)`, the state comes first
        // and the data take no space, so a live state is one.
        unsafe { &*ptr.cast::<Self>() }
    }
}

impl<T: ?Sized, B: Backend> Lock<T, B> {
    /// Waits until the lock is free and takes it.
    ///
    /// Context: that of the backend. A thread that holds the lock already waits for ever.
    #[inline]
    pub fn lock(&self) -> Guard<'_, T, B> {
        // SAFETY: `B::lock` demands an initialised, pinned state: `new` made it so.
        let state = unsafe { B::lock(self.state.get()) };
        // SAFETY: `Guard::new` demands that the lock be held, with this state: locked above.
        unsafe { Guard::new(self, state) }
    }

    /// Takes the lock if it is free, and otherwise returns at once.
    ///
    /// Context: that of the backend, but never sleeps or spins.
    #[inline]
    #[must_use = "if unused, the lock is given back at once"]
    pub fn try_lock(&self) -> Option<Guard<'_, T, B>> {
        // SAFETY: `B::try_lock` demands an initialised, pinned state: `new` made it so.
        let state = unsafe { B::try_lock(self.state.get()) }?;
        // SAFETY: `Guard::new` demands that the lock be held, with this state: locked above.
        Some(unsafe { Guard::new(self, state) })
    }
}

/// Access to the data of a [`Lock`], which is given back when the guard is dropped.
///
/// A guard stays on its thread:
///
/// ```compile_fail,E0277
/// use kernel::sync::MutexGuard;
///
/// fn send<T: Send>() {}
/// send::<MutexGuard<'static, u32>>();
/// ```
///
/// and cannot be used by others unless they may lock the lock, which a guard leads to:
///
/// ```compile_fail,E0277
/// use kernel::sync::MutexGuard;
///
/// fn share<T: Sync>() {}
/// share::<MutexGuard<'static, MutexGuard<'static, u32>>>();
/// ```
///
/// # Invariants
///
/// The lock is held on this thread, for this guard, and `state` comes from locking it.
#[must_use = "if unused, the lock is given back at once"]
pub struct Guard<'a, T: ?Sized, B: Backend> {
    lock: &'a Lock<T, B>,
    state: B::GuardState,
    /// C wants a lock unlocked by the thread that locked it.
    not_send: NotThreadSafe,
}

// SAFETY: `Sync` demands that `&Guard` may be used on other threads: it gives `&T` (`T: Sync`) and,
// by `lock_ref`, a `&Lock`, which another thread may use if `T: Send`. The guard's state is only
// used by functions that have the guard exclusively.
unsafe impl<T: ?Sized + Sync + Send, B: Backend> Sync for Guard<'_, T, B> {}

impl<'a, T: ?Sized, B: Backend> Guard<'a, T, B> {
    /// A guard of a lock that is held already.
    ///
    /// # Safety
    ///
    /// The lock must be held on this thread, for nobody but the new guard, and `state` must come
    /// from locking it.
    #[inline]
    pub unsafe fn new(lock: &'a Lock<T, B>, state: B::GuardState) -> Self {
        // SAFETY: `assert_is_held` demands an initialised, pinned state: `Lock::new` made it so.
        unsafe { B::assert_is_held(lock.state.get()) };
        // INVARIANT: this function's contract.
        Self {
            lock,
            state,
            not_send: NotThreadSafe,
        }
    }

    /// The lock that this is a guard of.
    pub fn lock_ref(&self) -> &'a Lock<T, B> {
        self.lock
    }

    /// Exclusive access to pinned data, for a `T` that is not `Unpin`.
    pub fn as_mut(&mut self) -> Pin<&mut T> {
        // SAFETY: dereferencing demands that nobody else access the data: the type's invariant, and
        // the guard is borrowed exclusively.
        let data = unsafe { &mut *self.lock.data.get() };
        // SAFETY: `new_unchecked` demands that the data not move until they are dropped: they are a
        // `#[pin]` field of a pinned lock, and `DerefMut`, which could move them, is for `T:
        // Unpin`.
        unsafe { Pin::new_unchecked(data) }
    }

    /// Gives the lock back while `f` runs, and takes it again.
    ///
    /// The data may have changed afterwards.
    pub(crate) fn do_unlocked<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let state = self.lock.state.get();
        // SAFETY: `unlock` demands that the lock be held here, with this state: the type's
        // invariant.
        unsafe { B::unlock(state, &self.state) };
        let _relock = ScopeGuard::new(|| {
            // SAFETY: `relock` demands an initialised, pinned state (the lock is borrowed) and a
            // guard state from locking it (the type's invariant). Nobody sees `self` until it is
            // locked again.
            unsafe { B::relock(state, &mut self.state) }
        });
        f()
    }
}

impl<T: ?Sized, B: Backend> Deref for Guard<'_, T, B> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: dereferencing demands that nobody change the data: the type's invariant, and the
        // guard is borrowed.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T: ?Sized + Unpin, B: Backend> DerefMut for Guard<'_, T, B> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: dereferencing demands that nobody else access the data: the type's invariant, and
        // the guard is borrowed exclusively.
        unsafe { &mut *self.lock.data.get() }
    }
}

impl<T: ?Sized, B: Backend> Drop for Guard<'_, T, B> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `unlock` demands that the lock be held here, with this state: the type's
        // invariant.
        unsafe { B::unlock(self.lock.state.get(), &self.state) };
    }
}

impl<T: ?Sized + fmt::Debug, B: Backend> fmt::Debug for Guard<'_, T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests;
