// SPDX-License-Identifier: GPL-2.0

//! How often the `_ratelimited` macros print.
//!
//! C header: [`include/linux/ratelimit_types.h`](srctree/include/linux/ratelimit_types.h).

use core::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use crate::bindings;

/// Lets a message through at most ten times in five seconds, as C's default is.
#[doc(hidden)]
pub struct RateLimit {
    /// When the present five seconds began, in nanoseconds; 0 before the first message.
    begin: AtomicI64,
    count: AtomicU32,
}

impl RateLimit {
    const INTERVAL: i64 = 5_000_000_000;
    const BURST: u32 = 10;

    /// Makes one that has let nothing through.
    #[expect(clippy::new_without_default, reason = "only the macros use it")]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            begin: AtomicI64::new(0),
            count: AtomicU32::new(0),
        }
    }

    /// Counts a message. `None` says that it is one too many. Otherwise it may be printed, and the
    /// value says how many messages were dropped before it.
    ///
    /// Context: any context but an NMI.
    #[must_use]
    pub fn admit(&self) -> Option<u32> {
        // SAFETY: the shim may be called in any context but an NMI.
        self.admit_at(unsafe { bindings::lb_ktime_get() })
    }

    /// Does what [`admit`](Self::admit) does, at a time.
    fn admit_at(&self, now: i64) -> Option<u32> {
        // These values guard no memory, so `Relaxed` suffices. Messages of several CPUs at the same
        // moment may be counted to either side of the border.
        let begin = self.begin.load(Ordering::Relaxed);
        let over = begin == 0 || now.wrapping_sub(begin) >= Self::INTERVAL;
        if over
            && self
                .begin
                .compare_exchange(begin, now.max(1), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            let before = self.count.swap(1, Ordering::Relaxed);
            return Some(before.saturating_sub(Self::BURST));
        }
        // OVERFLOW: the count wraps after four billion messages in five seconds.
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        (count < Self::BURST).then_some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_in_five_seconds() {
        let limit = RateLimit::new();
        let second = 1_000_000_000;
        for _ in 0..10 {
            assert_eq!(limit.admit_at(second), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(limit.admit_at(5 * second), None);
        }
        assert_eq!(limit.admit_at(6 * second), Some(7));
        assert_eq!(limit.admit_at(6 * second), Some(0));
        assert_eq!(limit.admit_at(11 * second), Some(0));
    }
}
