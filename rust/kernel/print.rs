// SPDX-License-Identifier: GPL-2.0

//! Messages in the kernel log: `pr_info!` and its siblings.
//!
//! C header: [`include/linux/printk.h`](srctree/include/linux/printk.h).
//!
//! | macro | for |
//! |---|---|
//! | [`pr_emerg!`](crate::pr_emerg) | the system is unusable |
//! | [`pr_alert!`](crate::pr_alert) | something must be done at once |
//! | [`pr_crit!`](crate::pr_crit) | a critical condition |
//! | [`pr_err!`](crate::pr_err) | an error |
//! | [`pr_warn!`](crate::pr_warn) | a warning |
//! | [`pr_notice!`](crate::pr_notice) | normal, but worth a note |
//! | [`pr_info!`](crate::pr_info) | information |
//! | [`pr_debug!`](crate::pr_debug) | debugging, if it is switched on |
//! | [`pr_cont!`](crate::pr_cont) | the rest of a message without newline at its end |
//!
//! Each of the first eight has a twin that ends in `_once` and prints the first time only, such as
//! [`pr_warn_once!`](crate::pr_warn_once). Another one ends in `_ratelimited`: it prints at most
//! ten times in five seconds, and then says how many messages are missing, such as
//! [`pr_warn_ratelimited!`](crate::pr_warn_ratelimited). Messages about devices have the same
//! twins.
//!
//! A debugging message is switched on and off while the module runs, on a kernel with
//! `CONFIG_DYNAMIC_DEBUG`: `echo 'module x +p' > /sys/kernel/debug/dynamic_debug/control`, or
//! `insmod x.ko dyndbg=+p`. On other kernels it is printed in builds with `debug_assertions` alone.
//!
//! Each record of the log starts with the name of the module: `name: text`. The macros format as
//! [`fmt`] says. Text of any length comes out whole. A newline ends a record; text of more than 511
//! bytes without one is split into several records, at a border of characters. Records of other
//! CPUs may come between those of one message.
//!
//! A message takes about 600 bytes of stack. Nothing is allocated or locked here.
//!
//! Context: any context, for all of these macros.
//!
//! A message should end with a newline. As in C, a message without one is shown when the next
//! message comes.
//!
//! For messages about a device, use `dev_info!` and its siblings instead.

mod debug;
mod line_writer;
mod macros;
mod rate;

use core::{
    ffi::CStr,
    sync::atomic::{AtomicBool, Ordering},
};

#[doc(hidden)]
pub use self::{
    debug::{Site, call_pr_debug},
    rate::RateLimit,
};

pub(crate) use self::line_writer::format_of;
use self::line_writer::{LineWriter, Record};
use crate::{bindings, fmt, str::CStrExt};

/// The levels, as the prefixes that C's `printk()` takes.
#[doc(hidden)]
pub mod level {
    use super::{CStr, bindings};

    /// Makes a C string from the bytes of one, while compiling.
    const fn c_str(bytes: &'static [u8]) -> &'static CStr {
        match CStr::from_bytes_with_nul(bytes) {
            Ok(level) => level,
            // PANIC: only while compiling, where this is evaluated.
            Err(_) => panic!("not a level"),
        }
    }

    pub const EMERG: &CStr = c_str(bindings::KERN_EMERG);
    pub const ALERT: &CStr = c_str(bindings::KERN_ALERT);
    pub const CRIT: &CStr = c_str(bindings::KERN_CRIT);
    pub const ERR: &CStr = c_str(bindings::KERN_ERR);
    pub const WARNING: &CStr = c_str(bindings::KERN_WARNING);
    pub const NOTICE: &CStr = c_str(bindings::KERN_NOTICE);
    pub const INFO: &CStr = c_str(bindings::KERN_INFO);
    pub const DEBUG: &CStr = c_str(bindings::KERN_DEBUG);
}

/// Prints a message of a module; the macros call this function.
#[doc(hidden)]
pub fn call_printk(level: &'static CStr, module_name: &'static CStr, args: fmt::Arguments<'_>) {
    LineWriter::print(Record::Open, args, &mut |text: &CStr| {
        // SAFETY: the shim requires three C strings; these are of type `CStr`.
        unsafe {
            bindings::lb_printk_module(
                level.as_char_ptr(),
                module_name.as_char_ptr(),
                text.as_char_ptr(),
            )
        };
    });
}

/// Prints the rest of a message; [`pr_cont!`](crate::pr_cont) calls this function.
#[doc(hidden)]
pub fn call_printk_cont(args: fmt::Arguments<'_>) {
    LineWriter::print(Record::Continued, args, &mut |text: &CStr| {
        // SAFETY: the shim requires a C string; `text` is of type `CStr`.
        unsafe { bindings::lb_printk_cont(text.as_char_ptr()) };
    });
}

/// Formats `args` and gives the text to `emit` piece by piece, each for a record of its own.
///
/// Each piece ends with a newline, has at most 512 bytes, and no NUL. There is at least one piece.
///
/// Context: any context.
pub(crate) fn print_lines(args: fmt::Arguments<'_>, mut emit: impl FnMut(&CStr)) {
    LineWriter::print(Record::Whole, args, &mut emit);
}

/// Whether a `_once` macro has already been reached.
#[doc(hidden)]
pub struct Once(AtomicBool);

impl Once {
    /// Makes one that was not reached yet.
    #[expect(clippy::new_without_default, reason = "only the macros use it")]
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Returns whether this is the first call, on all CPUs.
    #[must_use]
    pub fn is_first(&self) -> bool {
        // This value guards no memory, so `Relaxed` suffices. Only one caller gets the first value.
        !self.0.load(Ordering::Relaxed) && !self.0.swap(true, Ordering::Relaxed)
    }
}

#[cfg(lifebound_kunit)]
mod kunit;
