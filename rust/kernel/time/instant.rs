// SPDX-License-Identifier: GPL-2.0

//! [`Instant`]: a point in time by some clock.

use core::cmp::Ordering;
use core::fmt;
use core::marker::PhantomData;
use core::ops;

use super::{Delta, sys};
use crate::bindings;

/// A clock that can be read.
///
/// # Safety
///
/// `ktime_get` must return a number of nanoseconds that is not negative.
pub unsafe trait ClockSource {
    /// C's number of the clock.
    const ID: bindings::clockid_t;

    /// Returns the clock's time, in nanoseconds.
    ///
    /// Context: any context but NMI.
    fn ktime_get() -> bindings::ktime_t;
}

/// Declares the clocks of the system.
macro_rules! clocks {
    ($($(#[$doc:meta])* $name:ident($id:ident, $get:ident);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name;

        // SAFETY: the trait requires a number that is not negative. `KTIME_MAX` is 292 years after
        // the start of any of the clocks, and the kernel refuses to set a clock before its start.
        unsafe impl ClockSource for $name {
            const ID: bindings::clockid_t = bindings::$id;

            fn ktime_get() -> bindings::ktime_t {
                // SAFETY: the function has no requirements; it only reads a clock.
                unsafe { sys::$get() }
            }
        }
    )*};
}

clocks! {
    /// The time since some start. This clock is never set, and stops while the system is suspended.
    Monotonic(CLOCK_MONOTONIC, lb_ktime_get);
    /// The time since 1970 (UTC). This clock may be set, and so jump back.
    RealTime(CLOCK_REALTIME, lb_ktime_get_real);
    /// As [`Monotonic`], but this clock runs while the system is suspended.
    BootTime(CLOCK_BOOTTIME, lb_ktime_get_boottime);
    /// The time since 1970 (TAI), without leap seconds. This clock may be set.
    Tai(CLOCK_TAI, lb_ktime_get_clocktai);
}

/// A point in time by the clock `C`, from its start to 292 years later.
///
/// Instants of different clocks do not compare.
///
/// Context: any context; any context but NMI for [`now`](Self::now).
///
/// # Examples
///
/// ```no_run
/// use kernel::time::{Delta, Instant, Monotonic, delay::fsleep};
///
/// let deadline = Instant::<Monotonic>::now() + Delta::from_millis(20);
/// while Instant::now() < deadline {
///     fsleep(Delta::from_micros(100));
/// }
/// ```
///
/// ```compile_fail,E0277
/// use kernel::time::{BootTime, Instant, Monotonic};
///
/// let _ = Instant::<Monotonic>::now() - Instant::<BootTime>::now();
/// ```
///
/// # Invariants
///
/// `nanos` is not negative.
#[repr(transparent)]
pub struct Instant<C: ClockSource> {
    nanos: bindings::ktime_t,
    clock: PhantomData<C>,
}

impl<C: ClockSource> Instant<C> {
    /// Returns the current time.
    #[inline]
    #[doc(alias("ktime_get", "ktime_get_real", "ktime_get_boottime"))]
    pub fn now() -> Self {
        // INVARIANT: this is the contract of `ClockSource`.
        Self {
            nanos: C::ktime_get(),
            clock: PhantomData,
        }
    }

    /// Returns the time since then. It is negative if the clock was set back, or if this instant is
    /// in the future.
    #[inline]
    #[doc(alias = "ktime_sub")]
    pub fn elapsed(&self) -> Delta {
        Self::now() - *self
    }

    /// Returns the point `nanos` after the clock's start, which is the earliest.
    fn from_nanos(nanos: i64) -> Self {
        // INVARIANT: a negative number becomes 0 here.
        Self {
            nanos: nanos.max(0),
            clock: PhantomData,
        }
    }
}

impl<C: ClockSource> Clone for Instant<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: ClockSource> Copy for Instant<C> {}

impl<C: ClockSource> PartialEq for Instant<C> {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl<C: ClockSource> Eq for Instant<C> {}

impl<C: ClockSource> PartialOrd for Instant<C> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<C: ClockSource> Ord for Instant<C> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl<C: ClockSource> fmt::Debug for Instant<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instant").field(&self.nanos).finish()
    }
}

impl<C: ClockSource> ops::Sub for Instant<C> {
    type Output = Delta;

    #[inline]
    fn sub(self, other: Self) -> Delta {
        // OVERFLOW: none: neither number is negative, by the type's invariant.
        Delta::from_nanos(self.nanos.wrapping_sub(other.nanos))
    }
}

/// The result stays within the range of the clock: a point before its start becomes its start.
impl<T: ClockSource> ops::Add<Delta> for Instant<T> {
    type Output = Self;

    #[inline]
    fn add(self, rhs: Delta) -> Self {
        Self::from_nanos(self.nanos.saturating_add(rhs.as_nanos()))
    }
}

/// The result stays within the range of the clock: a point before its start becomes its start.
impl<T: ClockSource> ops::Sub<Delta> for Instant<T> {
    type Output = Self;

    #[inline]
    fn sub(self, rhs: Delta) -> Self {
        Self::from_nanos(self.nanos.saturating_sub(rhs.as_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    std::thread_local!(static TIME: Cell<i64> = const { Cell::new(0) });

    /// A clock that each test sets.
    struct Fake;

    // SAFETY: the trait requires a number that is not negative; the tests set no other.
    unsafe impl ClockSource for Fake {
        const ID: bindings::clockid_t = 0;

        fn ktime_get() -> bindings::ktime_t {
            TIME.get()
        }
    }

    fn at(nanos: i64) -> Instant<Fake> {
        TIME.set(nanos);
        Instant::now()
    }

    #[test]
    fn differences() {
        assert_eq!((at(50) - at(20)).as_nanos(), 30);
        assert_eq!((at(0) - at(i64::MAX)).as_nanos(), -i64::MAX);
        let then = at(5);
        TIME.set(9);
        assert_eq!(then.elapsed().as_nanos(), 4);
        TIME.set(1);
        assert!(then.elapsed().is_negative());
    }

    #[test]
    fn clocks_advance() {
        let start = Instant::<Monotonic>::now();
        while start.elapsed().is_zero() {}
        assert!(start < Instant::now());
    }

    #[test]
    fn order() {
        assert!(at(1) < at(2));
        assert_eq!(at(3).clone(), at(3));
        assert_eq!(format!("{:?}", at(3)), "Instant(3)");
    }

    #[test]
    fn results_stay_in_range() {
        let span = Delta::from_nanos(10);
        assert_eq!(at(5) + span, at(15));
        assert_eq!(at(15) - span, at(5));
        assert_eq!(at(5) - span, at(0));
        assert_eq!(at(i64::MAX) + span, at(i64::MAX));
        assert_eq!(at(5) + Delta::from_nanos(i64::MIN), at(0));
        assert_eq!(at(5) - Delta::from_nanos(i64::MIN), at(i64::MAX));
    }
}
