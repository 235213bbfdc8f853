// SPDX-License-Identifier: GPL-2.0

//! [`Refcount`]: a counter of references that cannot wrap.
//!
//! C header: `include/linux/refcount.h`. The layout and the rules are those of C's `refcount_t`.
//! The operations are inlined, not calls.

use core::sync::atomic::{AtomicBool, AtomicI32, Ordering, fence};

use crate::bindings;

/// The value of a counter once it was incremented too often or decremented below zero. It stays
/// there, far away from zero on both sides.
const SATURATED: i32 = i32::MIN / 2;

/// A counter of references that saturates instead of wrapping.
///
/// A counter saturates when it is incremented from zero or past `i32::MAX`, or decremented below
/// zero. It then stays at the saturated value, and the kernel log gets one warning per module. The
/// object that it counts is then never freed: leaked references cost memory, and never lead to a
/// use after free.
///
/// Saturating takes two steps: the count, and then the jump. Between the two, a counter moves
/// towards zero by one for each thread that is in the middle. It would take 2^30 such threads to
/// reach zero; Linux has at most 2^22.
///
/// Context: any; does not sleep. No method takes a lock.
///
/// # Examples
///
/// ```no_run
/// use kernel::sync::Refcount;
///
/// let count = Refcount::new(1);
/// count.inc();
/// assert!(!count.dec_and_test());
/// assert!(count.dec_and_test());
/// ```
#[repr(transparent)]
pub struct Refcount(AtomicI32);

impl Refcount {
    /// Makes a counter that stands at `value`. Sensible values are from 0 to `i32::MAX`.
    #[inline]
    #[doc(alias = "REFCOUNT_INIT")]
    pub const fn new(value: i32) -> Self {
        Self(AtomicI32::new(value))
    }

    /// Returns the counter for C, valid as long as `self`.
    #[inline]
    pub const fn as_ptr(&self) -> *mut bindings::refcount_t {
        self.0.as_ptr().cast()
    }

    /// Sets the counter, saturated or not. It orders nothing.
    #[inline]
    #[doc(alias = "refcount_set")]
    pub fn set(&self, value: i32) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Adds one. It orders nothing: a caller that adds a reference already has one.
    ///
    /// The counter saturates if it stood at 0, at `i32::MAX` or below 0.
    #[inline]
    #[doc(alias = "refcount_inc")]
    pub fn inc(&self) {
        let old = self.0.fetch_add(1, Ordering::Relaxed);
        if old <= 0 || old == i32::MAX {
            self.saturate();
        }
    }

    /// Subtracts one. The caller knows that this is not the last reference.
    ///
    /// Earlier accesses are ordered before it. The counter saturates if it stood at 1 or below.
    #[inline]
    #[doc(alias = "refcount_dec")]
    pub fn dec(&self) {
        if self.0.fetch_sub(1, Ordering::Release) <= 1 {
            self.saturate();
        }
    }

    /// Subtracts one and returns whether this was the last reference.
    ///
    /// Earlier accesses, of all threads that subtracted one, are ordered before the return of
    /// `true`. The counter saturates if it stood at 0 or below; the answer is then `false`.
    #[inline]
    #[must_use = "whoever takes the last reference away has to free"]
    #[doc(alias = "refcount_dec_and_test")]
    pub fn dec_and_test(&self) -> bool {
        let old = self.0.fetch_sub(1, Ordering::Release);
        if old == 1 {
            fence(Ordering::Acquire);
            return true;
        }
        if old <= 0 {
            self.saturate();
        }
        false
    }

    /// Makes sure that the counter never reaches zero again.
    #[cold]
    fn saturate(&self) {
        static WARNED: AtomicBool = AtomicBool::new(false);

        self.0.store(SATURATED, Ordering::Relaxed);
        if !WARNED.swap(true, Ordering::Relaxed) {
            warn();
        }
    }
}

/// Prints where a counter saturated.
#[cfg(not(test))]
fn warn() {
    // SAFETY: `lb_WARN_ON` has no requirements; it only prints.
    unsafe { bindings::lb_WARN_ON() };
}

/// Does nothing: there is no kernel log in tests on the host.
#[cfg(test)]
fn warn() {}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(count: &Refcount) -> i32 {
        count.0.load(Ordering::Relaxed)
    }

    #[test]
    fn counts() {
        let count = Refcount::new(1);
        count.inc();
        assert_eq!(value(&count), 2);
        count.dec();
        assert!(count.dec_and_test());
        assert_eq!(value(&count), 0);
    }

    #[test]
    fn overflow_saturates_and_stays() {
        let count = Refcount::new(i32::MAX - 1);
        count.inc();
        assert_eq!(value(&count), i32::MAX);
        count.inc();
        assert_eq!(value(&count), SATURATED);
        for _ in 0..1000 {
            count.inc();
            assert!(!count.dec_and_test());
            count.dec();
            assert_eq!(value(&count), SATURATED);
        }
    }

    #[test]
    fn increment_from_zero_saturates() {
        let count = Refcount::new(0);
        count.inc();
        assert_eq!(value(&count), SATURATED);
    }

    #[test]
    fn underflow_saturates() {
        let count = Refcount::new(0);
        assert!(!count.dec_and_test());
        assert_eq!(value(&count), SATURATED);

        let count = Refcount::new(1);
        count.dec();
        assert_eq!(value(&count), SATURATED);
    }

    #[test]
    fn exactly_one_thread_takes_the_last() {
        let count = Refcount::new(8);
        let last = AtomicI32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        count.inc();
                        assert!(!count.dec_and_test());
                    }
                    if count.dec_and_test() {
                        last.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(last.load(Ordering::Relaxed), 1);
    }
}
