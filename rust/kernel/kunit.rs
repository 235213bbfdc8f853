// SPDX-License-Identifier: GPL-2.0

//! Tests that KUnit runs in the kernel.
//!
//! C header: [`include/kunit/test.h`](srctree/include/kunit/test.h).
//!
//! A suite stands at the foot of the file that it tests, as a module of `#[test]` functions under
//! `#[kunit_tests(name)]`; the documentation of [`macro@macros::kunit_tests`] has an example.
//!
//! The test harness runs a suite on the host, and `make test-kunit` runs it in the debug kernel.
//! There a failed assertion, a panic, or a returned error ends the test, and the next test runs.
//! The values of the ended test are leaked, because nothing drops the values of a task that ends in
//! the middle.
//!
//! The suites are compiled into a second build of this crate. Only the module `lifebound_kunit`
//! (`tests/kunit`) is linked with that build, so drivers contain nothing of the suites.

use crate::{fmt, print};

#[cfg(lifebound_kunit)]
pub(crate) mod bus;
#[cfg(lifebound_kunit)]
pub(crate) mod driver;
#[cfg(lifebound_kunit)]
mod fault;
#[cfg(CONFIG_KUNIT)]
mod suite;
#[cfg(lifebound_kunit)]
mod thread;

#[cfg(lifebound_kunit)]
pub use bus::TestBus;
#[cfg(lifebound_kunit)]
pub(crate) use fault::{each_allocation_fails, for_each_failure};
#[cfg(CONFIG_KUNIT)]
pub(crate) use suite::fail_at;
#[cfg(lifebound_kunit)]
pub(crate) use suite::this_module;
#[cfg(CONFIG_KUNIT)]
pub use suite::{SuitePointer, fail, fail_comparison, kunit_case, kunit_suite, run_case};
#[cfg(lifebound_kunit)]
pub(crate) use thread::Thread;

/// Prints a line at the level of errors.
///
/// Context: any context.
pub fn err(args: fmt::Arguments<'_>) {
    print::call_printk(print::level::ERR, c"kunit", args);
}

/// Prints a line at the level of information.
///
/// Context: any context.
pub fn info(args: fmt::Arguments<'_>) {
    print::call_printk(print::level::INFO, c"kunit", args);
}

/// Whether the current task runs a test. In an interrupt, this is about the interrupted task.
///
/// Context: any context.
#[must_use]
pub fn in_kunit_test() -> bool {
    #[cfg(CONFIG_KUNIT)]
    // SAFETY: `lb_kunit_in_test` requires nothing: it reads a field of the current task, which only
    // that task writes.
    return unsafe { crate::bindings::lb_kunit_in_test() };
    #[cfg(not(CONFIG_KUNIT))]
    false
}

/// A type that a test may return.
pub trait TestResult {
    /// The error of the test, if it failed.
    fn failure(&self) -> Option<&dyn fmt::Debug>;
}

impl TestResult for () {
    fn failure(&self) -> Option<&dyn fmt::Debug> {
        None
    }
}

impl<T, E: fmt::Debug> TestResult for Result<T, E> {
    fn failure(&self) -> Option<&dyn fmt::Debug> {
        self.as_ref().err().map(|error| error as &dyn fmt::Debug)
    }
}

/// Whether a test succeeded.
///
/// Context: any context.
#[must_use]
pub fn is_test_result_ok(t: impl TestResult) -> bool {
    t.failure().is_none()
}

/// Ends the running test if the condition is false. The macro takes a message, as `assert!` does.
/// In tests its name is `assert!`.
///
/// In a thread other than the test's own, a false condition makes the test fail, and the thread
/// goes on.
#[cfg(CONFIG_KUNIT)]
#[macro_export]
macro_rules! kunit_assert {
    ($condition:expr $(,)?) => {
        match $condition {
            true => (),
            false => $crate::kunit::fail($crate::__core::format_args!("{}", $crate::__core::stringify!($condition))),
        }
    };
    ($condition:expr, $($message:tt)+) => {
        match $condition {
            true => (),
            false => $crate::kunit::fail($crate::__core::format_args!($($message)+)),
        }
    };
}

/// Ends the running test if two values differ; see [`kunit_assert!`](crate::kunit_assert).
#[cfg(CONFIG_KUNIT)]
#[macro_export]
macro_rules! kunit_assert_eq {
    ($left:expr, $right:expr $(,)?) => {
        $crate::kunit_assert_eq!($left, $right, "")
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        match (&$left, &$right) {
            (left, right) => match *left == *right {
                true => (),
                false => $crate::kunit::fail_comparison(
                    $crate::__core::concat!($crate::__core::stringify!($left), " == ", $crate::__core::stringify!($right)),
                    left,
                    right,
                    $crate::__core::format_args!($($message)+),
                ),
            },
        }
    };
}

/// Ends the running test if two values are equal; see [`kunit_assert!`](crate::kunit_assert).
#[cfg(CONFIG_KUNIT)]
#[macro_export]
macro_rules! kunit_assert_ne {
    ($left:expr, $right:expr $(,)?) => {
        $crate::kunit_assert_ne!($left, $right, "")
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        match (&$left, &$right) {
            (left, right) => match *left != *right {
                true => (),
                false => $crate::kunit::fail_comparison(
                    $crate::__core::concat!($crate::__core::stringify!($left), " != ", $crate::__core::stringify!($right)),
                    left,
                    right,
                    $crate::__core::format_args!($($message)+),
                ),
            },
        }
    };
}
