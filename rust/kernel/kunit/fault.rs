// SPDX-License-Identifier: GPL-2.0

//! Allocations that fail on request.
//!
//! C header: `include/linux/fault-inject.h`. Only allocations of the current task count.
//! Allocations of other tasks for it, such as in work items and threads, succeed. `failslab` must
//! be set up so that allocations which may sleep can fail, too; `tests/kunit/boot` does that.

use crate::{bindings, prelude::*};

/// The maximum number of allocations of the code under test.
const LIMIT: u32 = 300;

/// Runs `attempt` with its first allocation failing, then with its second allocation failing, and
/// so on, until `attempt` makes no further allocation. Returns the number of allocations that
/// failed.
///
/// `attempt` gets a [`Failure`]. Once it has called [`Failure::happened`], its allocations succeed.
pub(crate) fn for_each_failure(mut attempt: impl FnMut(&mut Failure)) -> u32 {
    for nth in 1..LIMIT {
        // SAFETY: `lb_kunit_fail_nth` requires nothing: it writes a field of the current task.
        unsafe { bindings::lb_kunit_fail_nth(nth) };
        let mut failure = Failure(None);
        attempt(&mut failure);
        if !failure.happened() {
            return nth - 1;
        }
    }
    crate::kunit::fail(format_args!("more than {LIMIT} allocations"));
    0
}

/// The failure of an allocation that [`for_each_failure`] has requested.
pub(crate) struct Failure(Option<bool>);

impl Failure {
    /// Whether the allocation has failed. If not, it will not fail any more.
    pub(crate) fn happened(&mut self) -> bool {
        *self.0.get_or_insert_with(|| {
            // SAFETY: `lb_kunit_fail_nth` requires nothing: it exchanges a field of the current
            // task.
            unsafe { bindings::lb_kunit_fail_nth(0) == 0 }
        })
    }
}

/// Does what [`for_each_failure`] does, for code that needs each of its allocations: if one fails,
/// `attempt` must return `ENOMEM`.
pub(crate) fn each_allocation_fails(mut attempt: impl FnMut() -> Result) -> u32 {
    for_each_failure(|failure| {
        let result = attempt();
        let want = if failure.happened() {
            Err(ENOMEM)
        } else {
            Ok(())
        };
        crate::kunit_assert_eq!(result, want);
    })
}
