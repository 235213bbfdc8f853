// SPDX-License-Identifier: GPL-2.0

//! Warnings about conditions that must not occur.
//!
//! C header: [`include/asm-generic/bug.h`](srctree/include/asm-generic/bug.h).

use core::ffi::CStr;

use crate::{bindings, fmt, print};

/// Warns if a condition is true, and gives the condition: C's `WARN_ON()`.
///
/// The macro prints the condition and its place, then a warning of C's with a backtrace. It marks
/// the kernel as tainted, and stops the machine if `panic_on_warn` is set. So it is for bugs of the
/// kernel, never for conditions that devices or users can cause. The condition is evaluated once.
///
/// Context: any context.
///
/// # Examples
///
/// ```no_run
/// # use kernel::{module::{ModuleMetadata, ThisModule}, str::CStr};
/// # struct LocalModule;
/// # impl ModuleMetadata for LocalModule {
/// #     const NAME: &'static CStr = c"example";
/// #     const THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # }
/// # fn main() {
/// # let users = 0;
/// if kernel::warn_on!(users != 0) {
///     return;
/// }
/// # }
/// ```
#[macro_export]
#[expect(
    clippy::crate_in_macro_def,
    reason = "`LocalModule` is in the crate of the caller"
)]
#[doc(alias("WARN_ON", "WARN_ON_ONCE", "WARN"))]
macro_rules! warn_on {
    ($cond:expr) => {{
        let is_true: bool = $cond;
        if is_true {
            $crate::bug::warn(
                <crate::LocalModule as $crate::module::ModuleMetadata>::NAME,
                $crate::__core::format_args!(
                    "warn_on!({}) at {}:{}\n",
                    $crate::__core::stringify!($cond),
                    $crate::__core::file!(),
                    $crate::__core::line!(),
                ),
            );
        }
        is_true
    }};
}

/// Warns; [`warn_on!`](crate::warn_on) calls this function.
#[doc(hidden)]
#[cold]
pub fn warn(module_name: &'static CStr, what: fmt::Arguments<'_>) {
    print::call_printk(print::level::WARNING, module_name, what);
    // SAFETY: the shim has no requirements.
    unsafe { bindings::lb_WARN_ON() };
}
