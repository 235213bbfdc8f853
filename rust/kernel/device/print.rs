// SPDX-License-Identifier: GPL-2.0

//! Messages about a device: `dev_info!` and its siblings.
//!
//! C header: [`include/linux/dev_printk.h`](srctree/include/linux/dev_printk.h)

use super::{Device, DeviceContext};
use crate::{
    bindings,
    prelude::*,
    print::{Site, format_of, print_lines},
};

impl<Ctx: DeviceContext> Device<Ctx> {
    /// Prints a message with what the flags of its place say; [`dev_dbg!`](crate::dev_dbg) calls
    /// this function.
    #[doc(hidden)]
    #[cold]
    pub fn __dynamic_dbg(&self, site: &'static Site, args: fmt::Arguments<'_>) {
        print_lines(args, |text| {
            // SAFETY: the shim requires the place of a message in this module, a live device, and a
            // C string; DEV-LIVE gives the device, and `text` is of type `CStr`.
            unsafe {
                bindings::lb_dynamic_dev_dbg(site.as_ptr(), self.as_raw(), text.as_char_ptr())
            };
        });
    }

    fn printk(&self, level: &'static CStr, args: fmt::Arguments<'_>) {
        // SAFETY: `print` requires a live device: DEV-LIVE.
        unsafe { print(self.as_raw(), level, args) }
    }
}

/// Prints a message about a device; a module has this code once.
///
/// # Safety
///
/// `device` must be a live device.
#[inline(never)]
unsafe fn print(device: *mut bindings::device, level: &'static CStr, args: fmt::Arguments<'_>) {
    print_lines(args, |text| {
        let format = format_of(text);
        // SAFETY: the shim requires a level, a live device, and a format that takes one C string or
        // nothing; the caller vouches for the device, and `format_of` makes such formats.
        unsafe {
            bindings::lb_dev_printk_text(
                level.as_char_ptr(),
                device,
                format.as_char_ptr(),
                text.as_char_ptr(),
            )
        };
    });
}

macro_rules! levels {
    ($($(#[$attribute:meta])* $method:ident, $level:literal, $what:literal;)*) => { $(
        impl<Ctx: DeviceContext> Device<Ctx> {
            #[doc = concat!("Prints ", $what, " about the device. Any context.")]
            $(#[$attribute])*
            pub fn $method(&self, args: fmt::Arguments<'_>) {
                self.printk($level, args)
            }
        }
    )* };
}

levels! {
    pr_emerg, c"\x010", "that the system is unusable (`KERN_EMERG`)";
    pr_alert, c"\x011", "that action is needed at once (`KERN_ALERT`)";
    pr_crit, c"\x012", "a critical condition (`KERN_CRIT`)";
    pr_err, c"\x013", "an error (`KERN_ERR`)";
    pr_warn, c"\x014", "a warning (`KERN_WARNING`)";
    pr_notice, c"\x015", "a normal but significant condition (`KERN_NOTICE`)";
    pr_info, c"\x016", "information (`KERN_INFO`)";
    pr_dbg, c"\x017", "a debugging message (`KERN_DEBUG`)";
}

/// Prints a message about a device: `dev_printk!(pr_info, dev, "format", ..)`. Drivers use
/// `dev_info!` and its siblings.
#[macro_export]
macro_rules! dev_printk {
    ($method:ident, $dev:expr, $($arg:tt)+) => {
        $crate::device::Device::$method($dev.as_ref(), $crate::prelude::fmt!($($arg)+))
    };
}

// These macros are written out, because code cannot name by its path a macro that another macro
// makes.

/// Prints that the system is unusable about a device of any bus: `dev_emerg!(dev, "format", ..)`.
///
/// Context: any context.
///
/// The names of the driver and of the device precede the text.
#[macro_export]
macro_rules! dev_emerg {
    ($dev:expr, $($arg:tt)+) => {
        $crate::dev_printk!(pr_emerg, $dev, $($arg)+)
    };
}

/// Prints that action is needed at once about a device of any bus: `dev_alert!(dev, "format", ..)`.
///
/// See [`dev_emerg!`](crate::dev_emerg).
#[macro_export]
macro_rules! dev_alert {
    ($dev:expr, $($arg:tt)+) => {
        $crate::dev_printk!(pr_alert, $dev, $($arg)+)
    };
}

/// Prints a critical condition about a device of any bus: `dev_crit!(dev, "format", ..)`.
///
/// See [`dev_emerg!`](crate::dev_emerg).
#[macro_export]
macro_rules! dev_crit {
    ($dev:expr, $($arg:tt)+) => {
        $crate::dev_printk!(pr_crit, $dev, $($arg)+)
    };
}

/// Prints an error about a device of any bus: `dev_err!(dev, "format", ..)`.
///
/// See [`dev_emerg!`](crate::dev_emerg).
#[macro_export]
#[doc(alias = "dev_err_probe")]
macro_rules! dev_err {
    ($dev:expr, $($arg:tt)+) => {
        $crate::dev_printk!(pr_err, $dev, $($arg)+)
    };
}

/// Prints a warning about a device of any bus: `dev_warn!(dev, "format", ..)`.
///
/// See [`dev_emerg!`](crate::dev_emerg).
#[macro_export]
macro_rules! dev_warn {
    ($dev:expr, $($arg:tt)+) => {
        $crate::dev_printk!(pr_warn, $dev, $($arg)+)
    };
}

/// Prints a normal but significant condition about a device of any bus:
/// `dev_notice!(dev, "format", ..)`.
///
/// See [`dev_emerg!`](crate::dev_emerg).
#[macro_export]
macro_rules! dev_notice {
    ($dev:expr, $($arg:tt)+) => {
        $crate::dev_printk!(pr_notice, $dev, $($arg)+)
    };
}

/// Prints information about a device of any bus: `dev_info!(dev, "format", ..)`.
///
/// See [`dev_emerg!`](crate::dev_emerg).
#[macro_export]
#[doc(alias = "dev_printk")]
macro_rules! dev_info {
    ($dev:expr, $($arg:tt)+) => {
        $crate::dev_printk!(pr_info, $dev, $($arg)+)
    };
}

/// Prints a debugging message about a device of any bus, if this message is switched on. See
/// [`print`](crate::print).
///
/// Context: any context.
///
/// The arguments are checked in any case, and evaluated only if the message is printed.
#[macro_export]
macro_rules! dev_dbg {
    ($dev:expr, $($arg:tt)+) => {
        $crate::debug_site!(
            $crate::debug_text!($crate::__core::module_path!()),
            [$($arg)+],
            |site| $crate::device::Device::__dynamic_dbg(
                $dev.as_ref(),
                site,
                $crate::prelude::fmt!($($arg)+),
            ),
            $crate::dev_printk!(pr_dbg, $dev, $($arg)+)
        )
    };
}

/// [`dev_emerg!`](crate::dev_emerg), the first time only.
#[macro_export]
macro_rules! dev_emerg_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_emerg, $dev, $($arg)+) };
}

/// [`dev_emerg!`](crate::dev_emerg), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_emerg_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_emerg, [$dev], $($arg)+)
    };
}

/// [`dev_alert!`](crate::dev_alert), the first time only.
#[macro_export]
macro_rules! dev_alert_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_alert, $dev, $($arg)+) };
}

/// [`dev_alert!`](crate::dev_alert), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_alert_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_alert, [$dev], $($arg)+)
    };
}

/// [`dev_crit!`](crate::dev_crit), the first time only.
#[macro_export]
macro_rules! dev_crit_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_crit, $dev, $($arg)+) };
}

/// [`dev_crit!`](crate::dev_crit), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_crit_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_crit, [$dev], $($arg)+)
    };
}

/// [`dev_err!`](crate::dev_err), the first time only.
#[macro_export]
macro_rules! dev_err_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_err, $dev, $($arg)+) };
}

/// [`dev_err!`](crate::dev_err), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_err_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_err, [$dev], $($arg)+)
    };
}

/// [`dev_warn!`](crate::dev_warn), the first time only.
#[macro_export]
macro_rules! dev_warn_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_warn, $dev, $($arg)+) };
}

/// [`dev_warn!`](crate::dev_warn), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_warn_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_warn, [$dev], $($arg)+)
    };
}

/// [`dev_notice!`](crate::dev_notice), the first time only.
#[macro_export]
macro_rules! dev_notice_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_notice, $dev, $($arg)+) };
}

/// [`dev_notice!`](crate::dev_notice), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_notice_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_notice, [$dev], $($arg)+)
    };
}

/// [`dev_info!`](crate::dev_info), the first time only.
#[macro_export]
macro_rules! dev_info_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_info, $dev, $($arg)+) };
}

/// [`dev_info!`](crate::dev_info), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_info_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_info, [$dev], $($arg)+)
    };
}

/// [`dev_dbg!`](crate::dev_dbg), the first time only.
#[macro_export]
macro_rules! dev_dbg_once {
    ($dev:expr, $($arg:tt)+) => { $crate::print_once_macro!(dev_dbg, $dev, $($arg)+) };
}

/// [`dev_dbg!`](crate::dev_dbg), at most ten times in five seconds.
#[macro_export]
macro_rules! dev_dbg_ratelimited {
    ($dev:expr, $($arg:tt)+) => {
        $crate::print_ratelimited_macro!(dev_dbg, [$dev], $($arg)+)
    };
}
