// SPDX-License-Identifier: GPL-2.0

//! Checks that hold before the module is loaded (`BUILD_BUG_ON()`, `<linux/build_bug.h>`).
//!
//! Three strengths, from the earliest to the latest:
//!
//! | macro | condition is known from | reported by |
//! |---|---|---|
//! | [`static_assert!`] | constants | the compiler, at the item |
//! | [`const_assert!`] | constants, generic parameters | the compiler, for each instance |
//! | [`build_assert!`] | function arguments, once inlined | the link step, by an undefined symbol |
//!
//! # The undefined symbol
//!
//! The optimiser proves the condition of most [`build_assert!`]s; these leave no code behind. An
//! unproven one leaves a reference to a symbol that nothing defines. The link step then stops with
//! the line of the driver that the reference comes from:
//!
//! ```text
//! error: /home/me/foo/foo.rs:42: a check fails that is made while building,
//!        of an offset or an index for example
//! ```
//!
//! Either the condition is false, or it depends on a value that is known only at run time. In the
//! second case, use the `try_` twin of the called function. Inside a `const` item or block, the
//! compiler reports the same failure (E0080), at the call.
//!
//! A function that hands its own argument to [`build_assert!`] must be `#[inline(always)]`, so that
//! the value reaches the check.
//!
//! On a hosted target, that is, in the crate's own tests, a failing check panics instead.

#[cfg(target_os = "none")]
unsafe extern "C" {
    // No object defines this symbol: a reference that survives optimisation fails the build.
    safe static lifebound_build_error__a_compile_time_check_failed: u8;
}

/// Fails the build if a call to it survives optimisation. `msg` tells the reader of the source why.
///
/// See the [module](self) on how the failure is reported. Callers use [`build_assert!`] or
/// [`build_error!`](crate::build_error!).
#[inline(always)]
pub const fn build_error(msg: &'static str) -> ! {
    #[cfg(target_os = "none")]
    if lifebound_build_error__a_compile_time_check_failed == 0 {
        // The value decides in which way this function does not return, so the read stays.
        #[expect(clippy::empty_loop, reason = "never linked, see above")]
        loop {}
    }
    // PANIC: not reached on the kernel's target, because a module with the symbol above does not
    // link.
    panic!("{}", msg)
}

/// Fails the build unless the optimiser proves that this point is not reached.
///
/// The macro takes an optional string literal that says what went wrong. See [the
/// module](mod@crate::build_assert).
///
/// ```
/// # use kernel::build_error;
/// #[inline(always)]
/// fn pick(index: usize) -> u32 {
///     match index {
///         0 => 10,
///         1 => 11,
///         _ => build_error!("no such entry"),
///     }
/// }
/// assert_eq!(pick(1), 11);
/// ```
#[macro_export]
#[doc(alias = "BUILD_BUG")]
macro_rules! build_error {
    () => {
        $crate::build_assert::build_error("build_error! can be reached")
    };
    ($msg:expr) => {
        $crate::build_assert::build_error($msg)
    };
}

/// Fails the build unless the optimiser proves the condition.
///
/// The macro takes the condition and an optional string literal. It leaves no code in a module that
/// builds. See [the module](mod@crate::build_assert).
///
/// Context: any context.
///
/// ```
/// # use kernel::build_assert;
/// #[inline(always)]
/// fn half_of_even(n: u32) -> u32 {
///     build_assert!(n % 2 == 0, "n is odd");
///     n / 2
/// }
/// assert_eq!(half_of_even(6), 3);
/// ```
#[macro_export]
#[doc(alias("BUILD_BUG_ON", "BUILD_BUG_ON_MSG"))]
macro_rules! build_assert {
    ($cond:expr $(,)?) => {
        if !$cond {
            $crate::build_assert::build_error(concat!("check failed: ", stringify!($cond)));
        }
    };
    ($cond:expr, $msg:expr $(,)?) => {
        if !$cond {
            $crate::build_assert::build_error($msg);
        }
    };
}

/// Fails compilation unless the condition, made of constants and generic parameters, is true.
///
/// The macro stands in a function. The compiler checks the condition for each set of generic
/// arguments that the function is used with.
///
/// ```
/// # use kernel::const_assert;
/// fn first<const N: usize>(array: [u8; N]) -> Option<u8> {
///     const_assert!(N > 0, "the array is empty");
///     array.first().copied()
/// }
/// assert_eq!(first([7]), Some(7));
/// ```
///
/// ```compile_fail,E0080
/// # use kernel::const_assert;
/// fn first<const N: usize>(array: [u8; N]) -> Option<u8> {
///     const_assert!(N > 0, "the array is empty");
///     array.first().copied()
/// }
/// first([]);
/// ```
#[macro_export]
macro_rules! const_assert {
    ($cond:expr $(, $($msg:tt)+)?) => {
        const { $crate::__core::assert!($cond $(, $($msg)+)?) }
    };
}

/// Fails compilation unless the constant condition is true (`static_assert()`,
/// `<linux/build_bug.h>`).
///
/// The macro is an item: it stands wherever a `const` item may.
///
/// ```
/// # use kernel::static_assert;
/// static_assert!(size_of::<u32>() == 4, "u32 has four bytes");
/// ```
///
/// ```compile_fail,E0080
/// # use kernel::static_assert;
/// static_assert!(size_of::<u32>() == 8);
/// ```
#[macro_export]
macro_rules! static_assert {
    ($cond:expr $(, $($msg:tt)+)?) => {
        const _: () = $crate::__core::assert!($cond $(, $($msg)+)?);
    };
}

#[doc(inline)]
pub use crate::{build_assert, build_error, const_assert, static_assert};

#[cfg(test)]
mod tests {
    #[inline(always)]
    const fn positive(n: i32) -> i32 {
        build_assert!(n > 0, "n is not positive");
        n
    }

    #[test]
    fn a_true_check_passes_in_both_worlds() {
        const IN_CONST: i32 = positive(1);
        assert_eq!(positive(2) + IN_CONST, 3);
    }

    #[test]
    #[should_panic(expected = "n is not positive")]
    fn a_false_check_panics_on_a_host() {
        positive(core::hint::black_box(0));
    }

    #[test]
    #[should_panic(expected = "check failed: 1 == 2")]
    fn the_default_message_names_the_condition() {
        build_assert!(1 == 2);
    }

    #[test]
    #[should_panic(expected = "build_error! can be reached")]
    fn build_error_has_a_default_message() {
        build_error!();
    }
}
