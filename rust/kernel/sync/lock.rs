// SPDX-License-Identifier: GPL-2.0

//! [`Lock`]: data that can only be reached while a lock is held.
//!
//! C headers: `include/linux/mutex.h`, `include/linux/spinlock.h`.
//!
//! A driver uses the aliases [`Mutex`](mutex::Mutex), [`SpinLock`](spinlock::SpinLock) and
//! [`SpinLockIrq`](spinlock::SpinLockIrq). They only differ in their [`Backend`].

pub mod global;
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
/// - After `lock`, or after a `try_lock` that returned `Some`, no other thread may get the same
///   state locked until the `unlock` that follows. Everything that a thread did before `unlock`
///   must happen before everything that the next holder does.
/// - The state must be usable from all threads. After it was initialised, it may be freed whenever
///   no function of the backend runs on it, even while it is locked.
/// - A lock that is never unlocked must do no harm but to block threads that want it. This holds
///   even after the thread that holds it is gone.
pub unsafe trait Backend {
    /// The state that C stores in a lock.
    type State;

    /// The state to keep from locking to unlocking.
    type GuardState;

    /// Initialises the state.
    ///
    /// # Safety
    ///
    /// `ptr` must point to writable memory, pinned afterwards. `name` and `key` must stay valid for
    /// as long as lockdep may use them, that is, until the module that contains them is gone.
    unsafe fn init(
        ptr: *mut Self::State,
        name: *const ffi::c_char,
        key: *mut bindings::lock_class_key,
    );

    /// Waits until the lock is free and acquires it.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state.
    #[must_use = "needed for unlocking"]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState;

    /// Acquires the lock if it is free.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state.
    #[must_use = "tells whether the lock was taken"]
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState>;

    /// Releases the lock.
    ///
    /// # Safety
    ///
    /// The lock must be held on this thread, and `guard_state` must come from locking it.
    unsafe fn unlock(ptr: *mut Self::State, guard_state: &Self::GuardState);

    /// Acquires the lock again after it was released for a while.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state, and `guard_state` must come from locking
    /// it.
    unsafe fn relock(ptr: *mut Self::State, guard_state: &mut Self::GuardState) {
        // SAFETY: `lock` requires an initialised, pinned state; this function's contract ensures
        // it.
        *guard_state = unsafe { Self::lock(ptr) };
    }

    /// Makes lockdep report a bug if the lock is not held on this thread.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned state.
    unsafe fn assert_is_held(ptr: *mut Self::State);
}

/// Data of type `T`, locked by a `B`.
///
/// The lock and the data are pinned: the data does not move until the lock is dropped.
///
/// A guard that is forgotten (`mem::forget`) leaves the lock held for ever; a thread that wants the
/// lock then hangs.
///
/// # Examples
///
/// A lock can be shared if its data may be used by one thread after the other:
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

// SAFETY: `Send` requires that the lock may be used on another thread than before. Its state may be
// (the contract of `Backend`), and so may the data (`T: Send`).
unsafe impl<T: ?Sized + Send, B: Backend> Send for Lock<T, B> {}

// SAFETY: `Sync` requires that `&Lock` may be used on several threads. The state may be (the
// contract of `Backend`). One thread at a time reaches the data, as if they were sent to it (`T:
// Send`).
unsafe impl<T: ?Sized + Send, B: Backend> Sync for Lock<T, B> {}

impl<T, B: Backend> Lock<T, B> {
    /// Returns an initialiser of an unlocked lock with data `t`.
    ///
    /// `name` and `key` are for lockdep; the `new_*!` macros fill them in.
    pub fn new(
        t: impl PinInit<T>,
        name: &'static CStr,
        key: Pin<&'static LockClassKey>,
    ) -> impl PinInit<Self> {
        pin_init!(Self {
            state <- Opaque::ffi_init(move |state| {
                // SAFETY: `init` requires pinned memory, and a name and a key that exist until
                // their module is unloaded. `ffi_init` gives the memory, and name and key are
                // `'static`.
                unsafe { B::init(state, name.as_ptr().cast(), key.as_ptr()) }
            }),
            data <- UnsafeCell::pin_init(t),
        })
    }
}

impl<B: Backend> Lock<(), B> {
    /// Borrows a C lock that guards nothing that Rust knows of.
    ///
    /// # Safety
    ///
    /// `ptr` must point to a state that `B` can handle, initialised and pinned for the lifetime
    /// that the caller picks.
    pub unsafe fn from_raw<'a>(ptr: *mut B::State) -> &'a Self {
        // SAFETY: dereferencing requires a live `Lock<(), B>`. With `repr(C)`, the state comes
        // first and the data take no space, so a live state is one.
        unsafe { &*ptr.cast::<Self>() }
    }
}

impl<T: ?Sized, B: Backend> Lock<T, B> {
    /// The address of the data, for a comparison.
    pub(super) fn data_address(&self) -> *const T {
        self.data.get()
    }

    /// Waits until the lock is free and acquires it.
    ///
    /// Context: that of the backend. A thread that already holds the lock waits for ever.
    #[inline]
    #[doc(alias("mutex_lock", "spin_lock"))]
    pub fn lock(&self) -> Guard<'_, T, B> {
        // SAFETY: `B::lock` requires an initialised, pinned state; `new` made it so.
        let state = unsafe { B::lock(self.state.get()) };
        // SAFETY: `Guard::new` requires that the lock is held, with this state; it was locked
        // above.
        unsafe { Guard::new(self, state) }
    }

    /// Acquires the lock if it is free, and otherwise returns at once.
    ///
    /// Context: that of the backend, but never sleeps or spins.
    #[inline]
    #[must_use = "if unused, the lock is given back at once"]
    #[doc(alias("mutex_trylock", "spin_trylock"))]
    pub fn try_lock(&self) -> Option<Guard<'_, T, B>> {
        // SAFETY: `B::try_lock` requires an initialised, pinned state; `new` made it so.
        let state = unsafe { B::try_lock(self.state.get()) }?;
        // SAFETY: `Guard::new` requires that the lock is held, with this state; it was locked
        // above.
        Some(unsafe { Guard::new(self, state) })
    }
}

/// Access to the data of a [`Lock`]. Dropping the guard releases the lock.
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
/// Other threads may only use it if they may lock the lock, which a guard leads to:
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
#[doc(alias("mutex_unlock", "spin_unlock", "lockdep_assert_held"))]
pub struct Guard<'a, T: ?Sized, B: Backend> {
    lock: &'a Lock<T, B>,
    state: B::GuardState,
    /// C requires that the thread that locked a lock unlocks it.
    not_send: NotThreadSafe,
}

// SAFETY: `Sync` requires that `&Guard` may be used on other threads. It gives `&T` (`T: Sync`)
// and, by `lock_ref`, a `&Lock`, which another thread may use if `T: Send`. Only functions that
// have the guard exclusively use the guard's state.
unsafe impl<T: ?Sized + Sync + Send, B: Backend> Sync for Guard<'_, T, B> {}

impl<'a, T: ?Sized, B: Backend> Guard<'a, T, B> {
    /// Makes a guard of a lock that is already held.
    ///
    /// # Safety
    ///
    /// The lock must be held on this thread, for nobody but the new guard, and `state` must come
    /// from locking it.
    #[inline]
    pub unsafe fn new(lock: &'a Lock<T, B>, state: B::GuardState) -> Self {
        // SAFETY: `assert_is_held` requires an initialised, pinned state; `Lock::new` made it so.
        unsafe { B::assert_is_held(lock.state.get()) };
        // INVARIANT: this function's contract.
        Self {
            lock,
            state,
            not_send: NotThreadSafe,
        }
    }

    /// Returns the lock of this guard.
    pub fn lock_ref(&self) -> &'a Lock<T, B> {
        self.lock
    }

    /// Gives exclusive access to pinned data, for a `T` that is not `Unpin`.
    pub fn as_mut(&mut self) -> Pin<&mut T> {
        // SAFETY: dereferencing requires that nobody else accesses the data. The lock is held for
        // this guard by the type's invariant, and the guard is borrowed exclusively.
        let data = unsafe { &mut *self.lock.data.get() };
        // SAFETY: `new_unchecked` requires that the data do not move until they are dropped. They
        // are a `#[pin]` field of a pinned lock. `DerefMut`, which could move them, is for `T:
        // Unpin`.
        unsafe { Pin::new_unchecked(data) }
    }

    /// Releases the lock while `f` runs, and acquires it again.
    ///
    /// The data may have changed afterwards.
    pub(crate) fn do_unlocked<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let state = self.lock.state.get();
        // SAFETY: `unlock` requires that the lock is held here, with this state; it is by the
        // type's invariant.
        unsafe { B::unlock(state, &self.state) };
        let _relock = ScopeGuard::new(|| {
            // SAFETY: `relock` requires an initialised, pinned state (the lock is borrowed) and a
            // guard state from locking it (the type's invariant). Nobody sees `self` until the lock
            // is held again.
            unsafe { B::relock(state, &mut self.state) }
        });
        f()
    }
}

impl<T: ?Sized, B: Backend> Deref for Guard<'_, T, B> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: dereferencing requires that nobody changes the data. The lock is held for this
        // guard by the type's invariant, and the guard is borrowed.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T: ?Sized + Unpin, B: Backend> DerefMut for Guard<'_, T, B> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: dereferencing requires that nobody else accesses the data. The lock is held for
        // this guard by the type's invariant, and the guard is borrowed exclusively.
        unsafe { &mut *self.lock.data.get() }
    }
}

impl<T: ?Sized, B: Backend> Drop for Guard<'_, T, B> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `unlock` requires that the lock is held here, with this state; it is by the
        // type's invariant.
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
