// SPDX-License-Identifier: GPL-2.0

//! A lock that was locked on one thread is unlocked there, and its guard ends before the lock.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::{Arc, Mutex, MutexGuard, SpinLock},
};

fn send<T: Send>() {}
fn share<T: Sync>() {}

pub fn bounds() {
    send::<Arc<Mutex<u8>>>();
    share::<MutexGuard<'static, u8>>();
    #[cfg(reject)]
    send::<MutexGuard<'static, u8>>(); //~ E0277
    #[cfg(reject_2)]
    send::<kernel::sync::SpinLockGuard<'static, u8>>(); //~2 E0277
    #[cfg(reject_3)]
    send::<kernel::sync::SpinLockIrqGuard<'static, u8>>(); //~3 E0277
    #[cfg(reject_4)]
    send::<kernel::sync::rcu::Guard>(); //~4 E0277
    #[cfg(reject_5)]
    share::<Mutex<*mut u8>>(); //~5 E0277
    #[cfg(reject_6)]
    share::<MutexGuard<'static, core::cell::Cell<u8>>>(); //~6 E0277
}

#[cfg(not(reject_7))]
pub fn value(lock: &SpinLock<u8>) -> u8 {
    *lock.lock()
}

#[cfg(reject_7)]
pub fn value(lock: &SpinLock<u8>) -> &u8 {
    &*lock.lock() //~7 E0515
}

pub fn lock_outlives_guard(lock: Pin<KBox<Mutex<u8>>>) -> u8 {
    let guard = lock.lock();
    #[cfg(reject_8)]
    drop(lock); //~8 E0505
    *guard
}
