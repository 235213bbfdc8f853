// SPDX-License-Identifier: GPL-2.0

//! Host tests of [`Lock`] and [`Guard`], with a backend of the host's.

use core::marker::PhantomPinned;
use core::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use pin_init::stack_pin_init;

use super::*;
use crate::static_lock_class;

/// A spinlock. Its state is the number of the round in which it is held, or 0.
struct HostBackend;

static ROUND: AtomicU32 = AtomicU32::new(1);

// SAFETY: the trait requires mutual exclusion and ordering. The state is changed from 0 with
// acquire, and back to 0 with release. A lock that is never unlocked keeps others spinning, no
// more.
unsafe impl Backend for HostBackend {
    type State = AtomicU32;
    type GuardState = u32;

    unsafe fn init(ptr: *mut Self::State, _: *const ffi::c_char, _: *mut bindings::lock_class_key) {
        // SAFETY: `write` requires writable memory; this function's contract ensures it.
        unsafe { ptr.write(AtomicU32::new(0)) };
    }

    unsafe fn lock(ptr: *mut Self::State) -> u32 {
        loop {
            // SAFETY: `try_lock` requires the same as this function; the caller promises it.
            if let Some(round) = unsafe { Self::try_lock(ptr) } {
                return round;
            }
            thread::yield_now();
        }
    }

    unsafe fn try_lock(ptr: *mut Self::State) -> Option<u32> {
        let round = ROUND.fetch_add(1, Ordering::Relaxed);
        // SAFETY: dereferencing requires an initialised state; this function's contract ensures it.
        let state = unsafe { &*ptr };
        let (success, failure) = (Ordering::Acquire, Ordering::Relaxed);
        let result = state.compare_exchange(0, round, success, failure);
        result.ok().map(|_| round)
    }

    unsafe fn unlock(ptr: *mut Self::State, round: &u32) {
        // SAFETY: dereferencing requires an initialised state; this function's contract ensures it.
        let old = unsafe { &*ptr }.swap(0, Ordering::Release);
        assert_eq!(old, *round, "unlocked with another guard's state");
    }

    unsafe fn assert_is_held(ptr: *mut Self::State) {
        // SAFETY: dereferencing requires an initialised state; this function's contract ensures it.
        assert_ne!(unsafe { &*ptr }.load(Ordering::Relaxed), 0);
    }
}

type HostLock<T> = Lock<T, HostBackend>;

fn new_lock<T>(data: impl PinInit<T>) -> impl PinInit<HostLock<T>> {
    Lock::new(data, c"test", static_lock_class!())
}

#[test]
fn one_at_a_time() {
    stack_pin_init!(let lock = new_lock(0_u64));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5_000 {
                    let mut value = lock.lock();
                    let old = *value;
                    std::hint::spin_loop();
                    *value = old + 1;
                }
            });
        }
    });
    assert_eq!(*lock.lock(), 20_000);
}

#[test]
fn try_lock_gives_up() {
    stack_pin_init!(let lock = new_lock(1));
    let guard = lock.lock();
    assert!(lock.try_lock().is_none());
    assert!(core::ptr::eq(guard.lock_ref(), &*lock));
    drop(guard);
    *lock.try_lock().unwrap() = 2;
    assert_eq!(format!("{:?}", lock.lock()), "2");
}

#[test]
fn do_unlocked_lets_others_in_and_locks_again() {
    stack_pin_init!(let lock = new_lock(1));
    let mut guard = lock.lock();
    let result = guard.do_unlocked(|| {
        *lock.try_lock().unwrap() = 5;
        "done"
    });
    assert_eq!((result, *guard), ("done", 5));
    assert!(lock.try_lock().is_none());
    drop(guard);
    assert!(lock.try_lock().is_some());
}

#[test]
fn pinned_data_stay_in_place() {
    struct Pinned(u32, PhantomPinned);

    stack_pin_init!(let lock = new_lock(Pinned(1, PhantomPinned)));
    let mut guard = lock.lock();
    let first = &raw const *guard;
    // SAFETY: `get_unchecked_mut` requires that the value is not moved out; only a number is
    // changed.
    unsafe { guard.as_mut().get_unchecked_mut() }.0 = 7;
    drop(guard);
    let guard = lock.lock();
    assert_eq!((guard.0, &raw const *guard), (7, first));
}

#[test]
fn data_are_dropped_with_the_lock() {
    struct Loud<'a>(&'a AtomicU32);
    impl Drop for Loud<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = AtomicU32::new(0);
    {
        stack_pin_init!(let lock = new_lock(Loud(&drops)));
        drop(lock.lock());
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        core::mem::forget(lock.lock());
    }
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn locks_of_unsized_data() {
    stack_pin_init!(let lock = new_lock([1, 2, 3]));
    let unsized_lock: &HostLock<[i32]> = &*lock;
    unsized_lock.lock()[1] = 9;
    assert_eq!(*lock.lock(), [1, 9, 3]);
}
