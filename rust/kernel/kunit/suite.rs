// SPDX-License-Identifier: GPL-2.0

//! The functions that an expansion of `#[kunit_tests]` uses, and the failure of a test.

use core::panic::Location;

use super::TestResult;
use crate::{
    bindings,
    ffi::c_int,
    fmt::{self, Write},
    str::{CStr, RawFormatter},
};

/// The maximum size of a failed test's message in bytes. Longer messages are cut off.
const MESSAGE_SIZE: usize = 512;

/// Makes a case for C from its name and the function that runs it.
#[must_use]
pub const fn kunit_case(
    name: &'static CStr,
    run_case: unsafe extern "C" fn(*mut bindings::kunit),
) -> bindings::kunit_case {
    // SAFETY: `zeroed` requires a type for which all bytes zero are valid; this structure has
    // pointers and numbers.
    let mut case: bindings::kunit_case = unsafe { core::mem::zeroed() };
    case.name = crate::str::as_char_ptr_in_const_context(name);
    case.run_case = Some(run_case);
    case
}

/// Makes a suite for C. A name that is too long fails the build.
#[must_use]
pub const fn kunit_suite(name: &str, cases: *mut bindings::kunit_case) -> bindings::kunit_suite {
    // SAFETY: `zeroed` requires a type for which all bytes zero are valid; this structure has
    // pointers and numbers.
    let mut suite: bindings::kunit_suite = unsafe { core::mem::zeroed() };
    let mut i = 0;
    // PANIC: the assertion is evaluated while compiling. The last byte stays zero, as C requires.
    assert!(name.len() < suite.name.len());
    while i < name.len() {
        suite.name[i] = name.as_bytes()[i];
        i += 1;
    }
    suite.test_cases = cases;
    suite
}

/// An element of the section of suites. `#[kunit_tests]` makes it.
#[doc(hidden)]
#[repr(transparent)]
pub struct SuitePointer(pub *mut bindings::kunit_suite);

// SAFETY: `Sync` requires that threads may share the value; only KUnit follows the pointer.
unsafe impl Sync for SuitePointer {}

/// Runs one test, and makes it fail if it returns an error. KUnit calls this through the code that
/// `#[kunit_tests]` makes.
///
/// # Safety
///
/// `test` must be the test that the current task runs.
pub unsafe fn run_case<R: TestResult>(test: *mut bindings::kunit, case: impl FnOnce() -> R) {
    // SAFETY: `lb_kunit_enter` requires a test that lives until `lb_kunit_leave`, or until the next
    // test replaces it; the caller vouches that this task runs `test`.
    unsafe { bindings::lb_kunit_enter(test) };
    // An earlier test of this crate that failed has left its drivers registered. What the module of
    // a driver has registered is in the same scope, and stays.
    #[cfg(lifebound_kunit)]
    crate::module_scope::end();
    let result = case();
    if let Some(error) = result.failure() {
        fail(format_args!("the test returned the error {error:?}"));
    }
    // SAFETY: `lb_kunit_leave` requires nothing: it writes a variable of its own.
    unsafe { bindings::lb_kunit_leave() };
}

/// Makes the running test fail, and ends it if the test's own task calls this.
///
/// Context: any in which the task may end.
#[cold]
#[track_caller]
pub fn fail(message: fmt::Arguments<'_>) {
    fail_at(Location::caller(), message);
}

/// Does what [`fail`] does, for two values that were compared.
#[cold]
#[track_caller]
pub fn fail_comparison(
    what: &str,
    left: &dyn fmt::Debug,
    right: &dyn fmt::Debug,
    message: fmt::Arguments<'_>,
) {
    let place = Location::caller();
    fail_at(
        place,
        format_args!("{what}\n\t\tleft:  {left:?}\n\t\tright: {right:?}\n\t\t{message}"),
    );
}

/// Does what [`fail`] does, for a given place. Returns whether a test is running; otherwise it does
/// nothing.
pub(crate) fn fail_at(place: &Location<'_>, message: fmt::Arguments<'_>) -> bool {
    let mut buffer = [0; MESSAGE_SIZE];
    let mut text = RawFormatter::new(&mut buffer);
    // The formatter counts the bytes that do not fit, and never fails.
    let _ = text.write_fmt(message);
    let len = text.bytes_written().min(MESSAGE_SIZE);
    let file = place.file();
    let size = |len: usize| c_int::try_from(len).unwrap_or(c_int::MAX);
    // SAFETY: `lb_kunit_fail` requires as many bytes as the two sizes say; both are those of
    // slices.
    unsafe {
        bindings::lb_kunit_fail(
            file.as_ptr().cast(),
            size(file.len()),
            size(place.line() as usize),
            buffer.as_ptr().cast(),
            size(len),
        )
    }
}

/// The module of the tests, which owns the drivers that they register.
#[cfg(lifebound_kunit)]
pub(crate) fn this_module() -> &'static crate::ThisModule {
    static THIS: crate::ThisModule = {
        let module = &raw mut bindings::__this_module;
        // SAFETY: `from_ptr` requires the module that this code is in: each module has its own
        // `__this_module`.
        unsafe { crate::ThisModule::from_ptr(module) }
    };
    &THIS
}

/// Each of these tests must fail; `tests/kunit.sh` inverts their results. A test must not run past
/// its failure. If it does, it does not count as failed.
#[cfg(lifebound_kunit)]
#[crate::prelude::kunit_tests(lifebound_kunit_fails)]
mod fails {
    use crate::{
        error::{Result, code::EIO},
        kunit::Thread,
    };

    #[test]
    fn condition() {
        let two = core::hint::black_box(2);
        assert!(two == 3, "{two} is not three");
    }

    #[test]
    fn comparison() {
        assert_eq!(core::hint::black_box(2), 3);
    }

    #[test]
    fn difference() {
        assert_ne!(core::hint::black_box(2), 2);
    }

    #[test]
    fn error() -> Result {
        Err(EIO)
    }

    #[test]
    fn panic() {
        let none: Option<u32> = core::hint::black_box(None);
        none.unwrap();
    }

    #[test]
    fn assertion_of_another_thread() -> Result {
        let thread = Thread::spawn(|| assert!(core::hint::black_box(false)))?;
        drop(thread);
        Ok(())
    }
}

#[cfg(lifebound_kunit)]
#[crate::prelude::kunit_tests(lifebound_kunit)]
mod tests {
    use crate::kunit::{in_kunit_test, is_test_result_ok};

    #[test]
    fn tasks_know_whether_they_run_a_test() {
        assert!(in_kunit_test());
        let thread = crate::kunit::Thread::spawn(|| assert!(!in_kunit_test()));
        assert!(thread.is_ok());
    }

    #[test]
    fn results() {
        assert!(is_test_result_ok(()) && is_test_result_ok(Ok::<_, u8>(1)));
        assert!(!is_test_result_ok(Err::<(), _>(1)));
    }
}
