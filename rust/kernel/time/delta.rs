// SPDX-License-Identifier: GPL-2.0

//! [`Delta`]: a span of time.

use core::fmt;
use core::ops;

use super::{NSEC_PER_MSEC, NSEC_PER_SEC, NSEC_PER_USEC};

/// The unit that a [`Delta`] counts. The set of units is closed: [`Nsec`] and [`Jiffy`].
pub trait TimeUnit: private::Sealed {
    /// The number that holds the count.
    type Repr: Copy + Clone + PartialEq + PartialOrd + Eq + Ord + fmt::Debug;
}

/// Nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nsec {}

impl TimeUnit for Nsec {
    type Repr = i64;
}

/// Timer ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Jiffy {}

impl TimeUnit for Jiffy {
    type Repr = isize;
}

mod private {
    /// Keeps the set of units closed.
    pub trait Sealed {}
    impl Sealed for super::Nsec {}
    impl Sealed for super::Jiffy {}
}

/// A span of time, in nanoseconds unless `U` says otherwise. It may be negative.
///
/// Nanoseconds reach to 292 years on both sides. Arithmetic saturates there: it neither wraps nor
/// panics.
///
/// Context: any context.
///
/// # Examples
///
/// ```
/// use kernel::time::Delta;
///
/// let period = Delta::from_millis(2);
/// assert_eq!((period * 3 + Delta::from_micros(500)).as_nanos(), 6_500_000);
/// assert_eq!(Delta::from_secs(1) / period, 500);
/// assert!(Delta::ZERO - period < Delta::ZERO);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delta<U: TimeUnit = Nsec> {
    count: U::Repr,
}

impl Delta<Jiffy> {
    /// Makes a span of `jiffies` timer ticks.
    #[inline]
    #[doc(alias("jiffies_to_msecs", "jiffies_to_usecs", "jiffies_to_nsecs"))]
    pub const fn from_jiffies(jiffies: isize) -> Self {
        Self { count: jiffies }
    }

    /// Returns the span in timer ticks.
    #[inline]
    #[doc(alias("nsecs_to_jiffies", "usecs_to_jiffies"))]
    pub const fn as_jiffies(self) -> isize {
        self.count
    }
}

impl Delta {
    /// No time.
    pub const ZERO: Self = Self { count: 0 };

    /// Makes a span of `nanos` nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self { count: nanos }
    }

    /// Makes a span of `micros` microseconds.
    #[inline]
    pub const fn from_micros(micros: i64) -> Self {
        Self::from_nanos(micros.saturating_mul(NSEC_PER_USEC))
    }

    /// Makes a span of `millis` milliseconds.
    #[inline]
    #[doc(alias = "ms_to_ktime")]
    pub const fn from_millis(millis: i64) -> Self {
        Self::from_nanos(millis.saturating_mul(NSEC_PER_MSEC))
    }

    /// Makes a span of `secs` seconds.
    #[inline]
    pub const fn from_secs(secs: i64) -> Self {
        Self::from_nanos(secs.saturating_mul(NSEC_PER_SEC))
    }

    /// Returns whether the span is exactly zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.count == 0
    }

    /// Returns whether the span is less than zero.
    #[inline]
    pub fn is_negative(self) -> bool {
        self.count < 0
    }

    /// Returns the span in nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> i64 {
        self.count
    }

    /// Returns the span in microseconds, rounded up (a negative one towards zero).
    #[inline]
    pub fn as_micros_ceil(self) -> i64 {
        div_ceil(self.count, NSEC_PER_USEC)
    }

    /// Returns the span in milliseconds, rounded towards zero.
    #[inline]
    #[doc(alias = "ktime_to_ms")]
    pub fn as_millis(self) -> i64 {
        // OVERFLOW: none: the divisor is a constant above 1.
        self.count / NSEC_PER_MSEC
    }

    /// Returns the span in milliseconds, rounded up (a negative one towards zero).
    #[inline]
    pub fn as_millis_ceil(self) -> i64 {
        div_ceil(self.count, NSEC_PER_MSEC)
    }

    /// Returns the rest of the span after subtracting whole `dividend`s of nanoseconds from it,
    /// with the span's sign. The rest is zero for a `dividend` of 0.
    #[inline]
    pub fn rem_nanos(self, dividend: i32) -> Self {
        // The other case without a result is `i64::MIN % -1`, whose rest is zero too.
        Self::from_nanos(self.count.checked_rem(i64::from(dividend)).unwrap_or(0))
    }
}

/// Returns `count / unit`, rounded towards positive infinity. `unit` is above 1.
#[inline]
fn div_ceil(count: i64, unit: i64) -> i64 {
    // PANIC: none: `unit` is not zero. OVERFLOW: none: it is above 1, so adding one to the quotient
    // fits.
    count / unit + i64::from(count % unit > 0)
}

/// The result saturates.
impl ops::Add for Delta {
    type Output = Self;

    #[inline]
    fn add(self, rhs: Self) -> Self {
        Self::from_nanos(self.count.saturating_add(rhs.count))
    }
}

/// The result saturates.
impl ops::AddAssign for Delta {
    #[inline]
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

/// The result saturates.
impl ops::Sub for Delta {
    type Output = Self;

    #[inline]
    fn sub(self, rhs: Self) -> Self {
        Self::from_nanos(self.count.saturating_sub(rhs.count))
    }
}

/// The result saturates.
impl ops::SubAssign for Delta {
    #[inline]
    fn sub_assign(&mut self, rhs: Self) {
        *self = *self - rhs;
    }
}

/// The result saturates.
impl ops::Mul<i64> for Delta {
    type Output = Self;

    #[inline]
    fn mul(self, rhs: i64) -> Self {
        Self::from_nanos(self.count.saturating_mul(rhs))
    }
}

/// The result saturates.
impl ops::MulAssign<i64> for Delta {
    #[inline]
    fn mul_assign(&mut self, rhs: i64) {
        *self = *self * rhs;
    }
}

/// Returns how often one span fits into the other, rounded towards zero.
///
/// The result saturates. Division by zero saturates too, by the sign of the dividend. Zero by zero
/// is 0.
impl ops::Div for Delta {
    type Output = i64;

    #[inline]
    fn div(self, rhs: Self) -> i64 {
        match (rhs.count, self.count) {
            (0, 0) => 0,
            (0, 1..) => i64::MAX,
            (0, _) => i64::MIN,
            // PANIC: none: the divisor is not zero.
            (divisor, count) => count.saturating_div(divisor),
        }
    }
}

#[macros::kunit_tests(lifebound_delta)]
mod tests {
    use super::*;

    const MAX: Delta = Delta::from_nanos(i64::MAX);
    const MIN: Delta = Delta::from_nanos(i64::MIN);

    #[test]
    fn units() {
        assert_eq!(Delta::from_micros(3).as_nanos(), 3_000);
        assert_eq!(Delta::from_millis(-3).as_nanos(), -3_000_000);
        assert_eq!(Delta::from_secs(3).as_millis(), 3_000);
        assert_eq!(Delta::from_jiffies(-4).as_jiffies(), -4);
        assert!(Delta::ZERO.is_zero() && !Delta::ZERO.is_negative());
    }

    #[test]
    fn rounding() {
        for (nanos, micros) in [
            (0, 0),
            (1, 1),
            (999, 1),
            (1000, 1),
            (1001, 2),
            (-1, 0),
            (-1001, -1),
        ] {
            assert_eq!(Delta::from_nanos(nanos).as_micros_ceil(), micros, "{nanos}");
        }
        assert_eq!(Delta::from_nanos(1_999_999).as_millis(), 1);
        assert_eq!(Delta::from_nanos(-1_999_999).as_millis(), -1);
        assert_eq!(Delta::from_nanos(1_000_001).as_millis_ceil(), 2);
        assert_eq!(MAX.as_micros_ceil(), i64::MAX / 1_000 + 1);
        assert_eq!(MIN.as_micros_ceil(), i64::MIN / 1_000);
    }

    #[test]
    fn saturation() {
        assert_eq!(Delta::from_secs(i64::MAX), MAX);
        assert_eq!(Delta::from_micros(i64::MIN), MIN);
        assert_eq!(MAX + Delta::from_nanos(1), MAX);
        assert_eq!(MIN - Delta::from_nanos(1), MIN);
        assert_eq!(MIN * -1, MAX);
        let mut delta = MAX;
        delta += MAX;
        delta -= Delta::from_nanos(5);
        delta *= 2;
        assert_eq!(delta, MAX);
    }

    #[test]
    fn division() {
        let (two, five) = (Delta::from_nanos(2), Delta::from_nanos(5));
        assert_eq!((five / two, (Delta::ZERO - five) / two), (2, -2));
        assert_eq!(
            (five / Delta::ZERO, MIN / Delta::ZERO),
            (i64::MAX, i64::MIN)
        );
        let zero = Delta::from_nanos(0);
        assert_eq!(zero / Delta::ZERO, 0);
        assert_eq!(MIN / Delta::from_nanos(-1), i64::MAX);
    }

    #[test]
    fn remainders() {
        assert_eq!(Delta::from_nanos(-7).rem_nanos(5).as_nanos(), -2);
        assert_eq!(Delta::from_nanos(7).rem_nanos(-5).as_nanos(), 2);
        assert!(Delta::from_nanos(7).rem_nanos(0).is_zero());
        assert!(MIN.rem_nanos(-1).is_zero());
    }
}
