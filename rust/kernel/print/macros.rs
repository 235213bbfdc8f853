// SPDX-License-Identifier: GPL-2.0

//! The macros that print; each is exported at the root of the crate.

/// Prints with a level of `print::level`; the macros below call this macro.
#[doc(hidden)]
#[macro_export]
#[expect(
    clippy::crate_in_macro_def,
    reason = "`LocalModule` is in the crate of the caller"
)]
macro_rules! print_macro {
    ($level:ident, $($arg:tt)*) => {
        $crate::print::call_printk(
            $crate::print::level::$level,
            <crate::LocalModule as $crate::module::ModuleMetadata>::NAME,
            $crate::prelude::fmt!($($arg)*),
        )
    };
}

/// Runs a macro the first time only; the `_once` macros below call this macro.
#[doc(hidden)]
#[macro_export]
macro_rules! print_once_macro {
    ($macro:ident, $($arg:tt)*) => {{
        static ONCE: $crate::print::Once = $crate::print::Once::new();
        if ONCE.is_first() {
            $crate::$macro!($($arg)*)
        }
    }};
}

/// Prints at level `KERN_EMERG`: the system is unusable. See [`print`](crate::print).
///
/// Context: any context.
#[macro_export]
macro_rules! pr_emerg {
    ($($arg:tt)*) => { $crate::print_macro!(EMERG, $($arg)*) };
}

/// Prints at level `KERN_ALERT`: something must be done at once. See [`print`](crate::print).
///
/// Context: any context.
#[macro_export]
macro_rules! pr_alert {
    ($($arg:tt)*) => { $crate::print_macro!(ALERT, $($arg)*) };
}

/// Prints at level `KERN_CRIT`: a critical condition. See [`print`](crate::print).
///
/// Context: any context.
#[macro_export]
macro_rules! pr_crit {
    ($($arg:tt)*) => { $crate::print_macro!(CRIT, $($arg)*) };
}

/// Prints at level `KERN_ERR`: an error. See [`print`](crate::print).
///
/// Context: any context.
#[macro_export]
macro_rules! pr_err {
    ($($arg:tt)*) => { $crate::print_macro!(ERR, $($arg)*) };
}

/// Prints at level `KERN_WARNING`: a warning. See [`print`](crate::print).
///
/// Context: any context.
#[macro_export]
macro_rules! pr_warn {
    ($($arg:tt)*) => { $crate::print_macro!(WARNING, $($arg)*) };
}

/// Prints at level `KERN_NOTICE`: normal, but worth a note. See [`print`](crate::print).
///
/// Context: any context.
#[macro_export]
macro_rules! pr_notice {
    ($($arg:tt)*) => { $crate::print_macro!(NOTICE, $($arg)*) };
}

/// Prints at level `KERN_INFO`: information. See [`print`](crate::print).
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
/// let (port, state) = (3, c"up");
/// kernel::pr_info!("port {port} is {}\n", state);
/// # }
/// ```
#[macro_export]
#[doc(alias = "printk")]
macro_rules! pr_info {
    ($($arg:tt)*) => { $crate::print_macro!(INFO, $($arg)*) };
}

/// Prints at level `KERN_DEBUG`, if this message is switched on. See [`print`](crate::print).
///
/// The arguments are checked in any case, and evaluated only if the message is printed. While it is
/// off, it costs a load and a jump that is not taken.
///
/// Context: any context.
#[macro_export]
#[expect(
    clippy::crate_in_macro_def,
    reason = "`LocalModule` is in the crate of the caller"
)]
macro_rules! pr_debug {
    ($($arg:tt)*) => {
        $crate::debug_site!(
            <crate::LocalModule as $crate::module::ModuleMetadata>::NAME,
            [$($arg)*],
            |site| $crate::print::call_pr_debug(
                site,
                <crate::LocalModule as $crate::module::ModuleMetadata>::NAME,
                $crate::prelude::fmt!($($arg)*),
            ),
            $crate::print_macro!(DEBUG, $($arg)*)
        )
    };
}

/// Continues a message that did not end with a newline.
///
/// Context: any context.
///
/// Use it only right after that message. A message of another CPU or of an interrupt may come
/// between; this text then becomes a record of its own, without prefix.
#[macro_export]
macro_rules! pr_cont {
    ($($arg:tt)*) => { $crate::print::call_printk_cont($crate::prelude::fmt!($($arg)*)) };
}

/// As [`pr_emerg!`](crate::pr_emerg), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
macro_rules! pr_emerg_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_emerg, $($arg)*) };
}

/// As [`pr_alert!`](crate::pr_alert), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
macro_rules! pr_alert_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_alert, $($arg)*) };
}

/// As [`pr_crit!`](crate::pr_crit), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
macro_rules! pr_crit_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_crit, $($arg)*) };
}

/// As [`pr_err!`](crate::pr_err), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
macro_rules! pr_err_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_err, $($arg)*) };
}

/// As [`pr_warn!`](crate::pr_warn), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
macro_rules! pr_warn_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_warn, $($arg)*) };
}

/// As [`pr_notice!`](crate::pr_notice), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
macro_rules! pr_notice_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_notice, $($arg)*) };
}

/// As [`pr_info!`](crate::pr_info), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
#[doc(alias = "printk_once")]
macro_rules! pr_info_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_info, $($arg)*) };
}

/// As [`pr_debug!`](crate::pr_debug), the first time that this line is reached. The arguments are
/// evaluated only then.
#[macro_export]
macro_rules! pr_debug_once {
    ($($arg:tt)*) => { $crate::print_once_macro!(pr_debug, $($arg)*) };
}

/// Runs a macro at a limited rate; the `_ratelimited` macros call this macro. `$missing` is a macro
/// that says how many messages were dropped.
#[doc(hidden)]
#[macro_export]
macro_rules! print_ratelimited_macro {
    ($macro:ident, [$($dev:expr)?], $($arg:tt)*) => {{
        static LIMIT: $crate::print::RateLimit = $crate::print::RateLimit::new();
        if let Some(missing) = LIMIT.admit() {
            if missing > 0 {
                $crate::$macro!($($dev,)? "{missing} messages like the next were dropped\n");
            }
            $crate::$macro!($($dev,)? $($arg)*)
        }
    }};
}

/// [`pr_emerg!`](crate::pr_emerg), at most ten times in five seconds.
#[macro_export]
macro_rules! pr_emerg_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_emerg, [], $($arg)*) };
}

/// [`pr_alert!`](crate::pr_alert), at most ten times in five seconds.
#[macro_export]
macro_rules! pr_alert_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_alert, [], $($arg)*) };
}

/// [`pr_crit!`](crate::pr_crit), at most ten times in five seconds.
#[macro_export]
macro_rules! pr_crit_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_crit, [], $($arg)*) };
}

/// [`pr_err!`](crate::pr_err), at most ten times in five seconds.
#[macro_export]
macro_rules! pr_err_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_err, [], $($arg)*) };
}

/// [`pr_warn!`](crate::pr_warn), at most ten times in five seconds.
#[macro_export]
macro_rules! pr_warn_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_warn, [], $($arg)*) };
}

/// [`pr_notice!`](crate::pr_notice), at most ten times in five seconds.
#[macro_export]
macro_rules! pr_notice_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_notice, [], $($arg)*) };
}

/// [`pr_info!`](crate::pr_info), at most ten times in five seconds.
#[macro_export]
#[doc(alias = "printk_ratelimited")]
macro_rules! pr_info_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_info, [], $($arg)*) };
}

/// [`pr_debug!`](crate::pr_debug), at most ten times in five seconds.
#[macro_export]
macro_rules! pr_debug_ratelimited {
    ($($arg:tt)*) => { $crate::print_ratelimited_macro!(pr_debug, [], $($arg)*) };
}
