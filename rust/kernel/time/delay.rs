// SPDX-License-Identifier: GPL-2.0

//! Functions that let time pass.
//!
//! C header: `include/linux/delay.h`.

use super::{Delta, NSEC_PER_MSEC, NSEC_PER_USEC, sys};
use crate::ffi::c_ulong;

/// The longest time that [`fsleep`] sleeps, before C's rounding: 24.8 days. C sleeps for ever if
/// the number of milliseconds does not fit into an `int`.
const FSLEEP_MAX: Delta = Delta::from_nanos(i32::MAX as i64 * NSEC_PER_MSEC);

/// The longest time that [`udelay`] spins: one millisecond.
const UDELAY_MAX: Delta = Delta::from_nanos(NSEC_PER_MSEC);

/// Sleeps for at least `delta`, in the way that fits its length.
///
/// Spans are rounded up to microseconds. A span of up to 10 µs is spent spinning. One of up to 20
/// ms takes at most twice as long as asked, and longer ones are rounded up to timer ticks. A span
/// that is zero or negative returns at once; one above 24.8 days (`i32::MAX` milliseconds) is cut
/// to that.
///
/// Context: process context; may sleep.
#[doc(alias("msleep", "ssleep", "usleep_range"))]
pub fn fsleep(delta: Delta) {
    if let Some(micros) = micros_up_to(delta, FSLEEP_MAX) {
        // SAFETY: `lb_fsleep` requires a context that may sleep; elsewhere it reports a bug and
        // goes on.
        unsafe { sys::lb_fsleep(micros) };
    }
}

/// Spins for at least `delta`.
///
/// Spans are rounded up to microseconds. A span that is zero or negative returns at once; one above
/// one millisecond is cut to that, with an error in the kernel log: use [`fsleep`] there.
///
/// Context: any context.
#[doc(alias("ndelay", "mdelay"))]
pub fn udelay(delta: Delta) {
    if delta > UDELAY_MAX {
        report_long_spin();
    }
    if let Some(micros) = micros_up_to(delta, UDELAY_MAX) {
        // SAFETY: `lb_udelay` requires less than 20 ms, which would overflow it; `UDELAY_MAX` is
        // less. It only spins.
        unsafe { sys::lb_udelay(micros) };
    }
}

/// Reports that a driver wanted to spin for too long. It does so without C's warning, which may be
/// a panic.
#[cfg(not(test))]
fn report_long_spin() {
    crate::pr_err!(
        "a driver calls udelay() for more than a millisecond, and gets one: fsleep() is for that\n"
    );
}

#[cfg(test)]
fn report_long_spin() {
    super::host::WARNINGS.set(super::host::WARNINGS.get() + 1);
}

/// `delta` in microseconds, rounded up, but not more than `max`. `None` if there is nothing to wait
/// for.
fn micros_up_to(delta: Delta, max: Delta) -> Option<c_ulong> {
    if delta <= Delta::ZERO {
        return None;
    }
    c_ulong::try_from(delta.min(max).as_micros_ceil()).ok()
}

const _: () = {
    // These are C's own limits: `msleep` in effect takes an `int`, `udelay` takes 20 ms.
    assert!(FSLEEP_MAX.as_nanos() / NSEC_PER_MSEC == i32::MAX as i64);
    assert!(UDELAY_MAX.as_nanos() / NSEC_PER_USEC < 20_000);
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::host::WARNINGS;
    use crate::time::{Instant, Monotonic};

    fn time(wait: impl FnOnce(Delta), delta: Delta) -> Delta {
        let start = Instant::<Monotonic>::now();
        wait(delta);
        start.elapsed()
    }

    #[test]
    fn waits_take_as_long_as_asked() {
        let delta = Delta::from_micros(300);
        assert!(time(fsleep, delta) >= delta);
        assert!(time(udelay, delta) >= delta);
        assert_eq!(WARNINGS.get(), 0);
    }

    #[test]
    fn nothing_to_wait_for() {
        for wait in [fsleep, udelay] {
            wait(Delta::ZERO);
            wait(Delta::from_nanos(i64::MIN));
        }
        assert_eq!(WARNINGS.get(), 0);
    }

    #[test]
    fn too_long_a_spin_is_reported_and_cut() {
        assert!(time(udelay, Delta::from_nanos(i64::MAX)) >= UDELAY_MAX);
        assert_eq!(WARNINGS.get(), 1);
    }

    #[test]
    fn spans_are_rounded_up_and_cut() {
        let micros = |nanos, max| micros_up_to(Delta::from_nanos(nanos), max);
        assert_eq!(micros(0, UDELAY_MAX), None);
        assert_eq!(micros(i64::MIN, FSLEEP_MAX), None);
        assert_eq!(micros(1, UDELAY_MAX), Some(1));
        assert_eq!(micros(1_000, UDELAY_MAX), Some(1));
        assert_eq!(micros(1_001, UDELAY_MAX), Some(2));
        assert_eq!(micros(1_000_000, UDELAY_MAX), Some(1_000));
        assert_eq!(micros(1_000_001, UDELAY_MAX), Some(1_000));
        assert_eq!(
            micros(i64::MAX, FSLEEP_MAX),
            Some(i32::MAX as usize * 1_000)
        );
    }
}
