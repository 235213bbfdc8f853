// SPDX-License-Identifier: GPL-2.0

//! Polling: waiting for a condition by reading again and again (`<linux/iopoll.h>`).
//!
//! [`read_poll_timeout`] sleeps between reads, so it needs process context.
//! [`read_poll_timeout_atomic`] spins, so it works in every context.

use crate::error::{Result, code::ETIMEDOUT};
use crate::time::delay::{fsleep, udelay};
use crate::time::{Delta, Instant, Monotonic};

/// Calls `op` until `cond` holds for its result, and returns that result.
///
/// Context: process context; may sleep.
///
/// The function sleeps `sleep_delta` between calls. If that is zero or negative, it spins, but
/// still relies on the clock.
///
/// The function gives up when `timeout_delta` has passed since the first call returned, but only
/// after a call that began after that time. So the state at the end counts, even if the thread was
/// kept from running for long. A zero or negative timeout has passed at once, so `op` is called
/// once. (In C's macro, zero means that there is no timeout.) The clock is not read if the
/// condition holds at once.
///
/// # Errors
///
/// - An error of `op`, at once.
/// - `ETIMEDOUT` if the condition did not hold in time.
///
/// ```no_run
/// use kernel::error::Result;
/// use kernel::io::{Io, Mmio, Region, poll::read_poll_timeout};
/// use kernel::time::Delta;
///
/// /// Waits up to 50 ms until the ready bit is set.
/// fn wait_ready(io: Mmio<'_, Region<0x100>>) -> Result<u32> {
///     read_poll_timeout(
///         || io.try_read32(0x10),
///         |status| status & 1 != 0,
///         Delta::from_micros(200),
///         Delta::from_millis(50),
///     )
/// }
/// ```
#[inline]
#[doc(alias(
    "readx_poll_timeout",
    "readb_poll_timeout",
    "readw_poll_timeout",
    "readl_poll_timeout",
    "readq_poll_timeout"
))]
pub fn read_poll_timeout<Op, Cond, T>(
    mut op: Op,
    mut cond: Cond,
    sleep_delta: Delta,
    timeout_delta: Delta,
) -> Result<T>
where
    Op: FnMut() -> Result<T>,
    Cond: FnMut(&T) -> bool,
{
    let value = op()?;
    if cond(&value) {
        return Ok(value);
    }
    if timeout_delta <= Delta::ZERO {
        return Err(ETIMEDOUT);
    }
    let start = Instant::<Monotonic>::now();
    loop {
        pause(sleep_delta, fsleep);
        // The clock is read before the call of `op`, so that the last call comes after the timeout.
        let last = start.elapsed() >= timeout_delta;
        let value = op()?;
        if cond(&value) {
            return Ok(value);
        }
        if last {
            return Err(ETIMEDOUT);
        }
    }
}

/// Calls `op` until `cond` holds for its result, and returns that result.
///
/// Context: any; does not sleep. Keep the delay below 10 µs, and the product of delay and `retry`
/// small.
///
/// The function calls `op` once, and then up to `retry` more times, each after a busy wait of
/// `delay_delta`. If that is zero or negative, there is no wait. The function uses no clock, so it
/// gives up after at least `delay_delta` times `retry`.
///
/// # Errors
///
/// - An error of `op`, at once.
/// - `ETIMEDOUT` if the condition held after none of the calls.
#[inline]
#[doc(alias("readx_poll_timeout_atomic", "readl_poll_timeout_atomic"))]
pub fn read_poll_timeout_atomic<Op, Cond, T>(
    mut op: Op,
    mut cond: Cond,
    delay_delta: Delta,
    retry: usize,
) -> Result<T>
where
    Op: FnMut() -> Result<T>,
    Cond: FnMut(&T) -> bool,
{
    let mut left = retry;
    loop {
        let value = op()?;
        if cond(&value) {
            return Ok(value);
        }
        left = left.checked_sub(1).ok_or(ETIMEDOUT)?;
        pause(delay_delta, udelay);
    }
}

/// Waits for `delta` by `wait` if `delta` is positive, and tells the CPU that this is a loop
/// (`cpu_relax()`).
#[inline]
fn pause(delta: Delta, wait: impl FnOnce(Delta)) {
    if delta > Delta::ZERO {
        wait(delta);
    }
    core::hint::spin_loop();
}

#[macros::kunit_tests(lifebound_io_poll)]
mod tests {
    use super::*;
    use crate::error::code::EINVAL;

    const MS: Delta = Delta::from_millis(1);

    /// Polls for the `nth` call with the sleeping function, and also returns the number of calls.
    fn poll_for(nth: usize, timeout: Delta) -> (Result<usize>, usize) {
        let mut calls = 0;
        let result = read_poll_timeout(
            || {
                calls += 1;
                Ok(calls)
            },
            |&call| call == nth,
            MS,
            timeout,
        );
        (result, calls)
    }

    #[test]
    fn returns_the_value_that_satisfies() {
        assert_eq!(poll_for(1, Delta::from_secs(60)), (Ok(1), 1));
        assert_eq!(poll_for(4, Delta::from_secs(60)), (Ok(4), 4));
    }

    #[test]
    fn looks_once_more_after_the_timeout() {
        assert_eq!(poll_for(1, Delta::ZERO), (Ok(1), 1));
        assert_eq!(poll_for(2, Delta::ZERO), (Err(ETIMEDOUT), 1));
        assert_eq!(poll_for(2, Delta::from_millis(-5)), (Err(ETIMEDOUT), 1));
        // The thread sleeps for longer than the timeout, and the condition holds when it wakes up.
        let start = Instant::<Monotonic>::now();
        let timeout = Delta::from_millis(20);
        let late = read_poll_timeout(
            || Ok(start.elapsed()),
            |&passed| passed > timeout,
            Delta::from_millis(60),
            timeout,
        );
        assert!(late.is_ok());
    }

    #[test]
    fn times_out_if_it_never_holds() {
        let start = Instant::<Monotonic>::now();
        let (result, calls) = poll_for(usize::MAX, Delta::from_millis(10));
        assert_eq!(result, Err(ETIMEDOUT));
        assert!(calls >= 2 && start.elapsed() >= Delta::from_millis(10));
    }

    #[test]
    fn an_error_of_the_operation_ends_it() {
        let fail = || Err::<u32, _>(EINVAL);
        assert_eq!(read_poll_timeout(fail, |_| true, MS, MS), Err(EINVAL));
        assert_eq!(read_poll_timeout_atomic(fail, |_| true, MS, 5), Err(EINVAL));
    }

    #[test]
    fn atomic_looks_once_and_then_for_each_retry() {
        for (nth, retry, expected, expected_calls) in [
            (1, 0, Ok(1), 1),
            (2, 0, Err(ETIMEDOUT), 1),
            (3, 2, Ok(3), 3),
            (4, 2, Err(ETIMEDOUT), 3),
        ] {
            let mut calls = 0;
            let result = read_poll_timeout_atomic(
                || {
                    calls += 1;
                    Ok(calls)
                },
                |&call| call == nth,
                Delta::from_micros(1),
                retry,
            );
            assert_eq!((result, calls), (expected, expected_calls));
        }
    }
}
