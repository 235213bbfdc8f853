// SPDX-License-Identifier: GPL-2.0

//! Allocations that fail on request.
//!
//! C header: `include/linux/fault-inject.h`. Only allocations of the current task count; those that other tasks make
//! for it (work items, threads) succeed. `failslab` must be set up to let allocations fail that may sleep, which
//! `tests/kunit/boot` does.

use crate::{bindings, prelude::*};

/// How many allocations a thing to be tested may make.
const LIMIT: u32 = 300;

/// Runs `attempt` with its first allocation failing, then with the second, and so on, until it makes no more. Gives the
/// number of allocations that were made to fail.
///
/// `attempt` gets a [`Failure`]; what it allocates after having asked that does not fail.
pub(crate) fn for_each_failure(mut attempt: impl FnMut(&mut Failure)) -> u32 {
    for nth in 1..LIMIT {
        // SAFETY: the shim writes a field of the current task.
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

/// The failure of an allocation that [`for_each_failure`] has ordered.
pub(crate) struct Failure(Option<bool>);

impl Failure {
    /// Whether it has happened; if not, it will not any more.
    pub(crate) fn happened(&mut self) -> bool {
        *self.0.get_or_insert_with(|| {
            // SAFETY: the shim exchanges a field of the current task.
            unsafe { bindings::lb_kunit_fail_nth(0) == 0 }
        })
    }
}

/// [`for_each_failure`] for what cannot do without any of its allocations: with a failed one it must return `ENOMEM`.
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
