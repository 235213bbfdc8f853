// SPDX-License-Identifier: GPL-2.0

//! Time: spans, points, and waiting.
//!
//! C headers: `include/linux/ktime.h`, `include/linux/timekeeping.h`, `include/linux/jiffies.h`.
//!
//! [`Delta`] is a span of time, [`Instant`] a point in time by one of the system's clocks, and
//! [`delay`] has functions that let time pass. C's timeouts are in [`Jiffies`];
//! [`msecs_to_jiffies`] converts to them.

pub mod delay;
mod delta;
#[cfg(test)]
mod host;
pub mod hrtimer;
mod instant;

use crate::bindings;
/// The functions of C that let time pass and read clocks.
#[cfg(not(test))]
use crate::bindings as sys;
#[cfg(test)]
use host as sys;

pub use delta::{Delta, Jiffy, Nsec, TimeUnit};
pub use instant::{BootTime, ClockSource, Instant, Monotonic, RealTime, Tai};

/// Nanoseconds in a microsecond.
pub const NSEC_PER_USEC: i64 = bindings::NSEC_PER_USEC as i64;

/// Nanoseconds in a millisecond.
pub const NSEC_PER_MSEC: i64 = bindings::NSEC_PER_MSEC as i64;

/// Nanoseconds in a second.
pub const NSEC_PER_SEC: i64 = bindings::NSEC_PER_SEC as i64;

/// A number of timer ticks, `CONFIG_HZ` of which are a second.
pub type Jiffies = crate::ffi::c_ulong;

/// A number of milliseconds.
pub type Msecs = crate::ffi::c_uint;

/// Returns the number of ticks that last at least `msecs` milliseconds.
///
/// Above `i32::MAX` milliseconds (25 days), the result is about the largest timeout that C knows.
///
/// Context: any context.
#[inline]
pub fn msecs_to_jiffies(msecs: Msecs) -> Jiffies {
    // SAFETY: `lb_msecs_to_jiffies` has no requirements; it only calculates.
    unsafe { bindings::lb_msecs_to_jiffies(msecs) }
}
