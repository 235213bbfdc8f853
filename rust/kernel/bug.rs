// SPDX-License-Identifier: GPL-2.0

//! Warnings about conditions that must not occur, and panics.
//!
//! C header: [`include/asm-generic/bug.h`](srctree/include/asm-generic/bug.h).
//!
//! Both name the module, the place, and the function: `blinker: panicked at blinker.rs:12:5 in
//! _RNvCs..7blinker4show: index out of bounds: ..`. The function's name is the linker's, as in the
//! trace that follows. `scripts/decode-log` shows names as the source has them, and the line of
//! each frame of the trace.

use core::ffi::CStr;

use crate::{bindings, fmt, print, str::CStrExt};

/// Warns if a condition is true, and gives the condition: C's `WARN_ON()`.
///
/// The macro prints the condition, its place and the function, then a warning of C's with a
/// backtrace. It marks the kernel as tainted, and stops the machine if `panic_on_warn` is set. So
/// it is for bugs of the kernel, never for conditions that devices or users can cause. The
/// condition is evaluated once.
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
                    "warn_on!({}) at {}:{}",
                    $crate::__core::stringify!($cond),
                    $crate::__core::file!(),
                    $crate::__core::line!(),
                ),
            );
        }
        is_true
    }};
}

/// The size of the buffer for a function's name, in bytes: C's `KSYM_NAME_LEN`, at which it cuts
/// names.
const NAME_SIZE: usize = 512;

/// Writes ` in NAME`, with the function that warns or panics: the innermost one that is neither
/// `core`'s nor a part of the report. Writes nothing if it is not known.
///
/// Context: any context.
#[inline(always)]
fn caller_name(text: &mut [u8; NAME_SIZE]) -> &str {
    // SAFETY: `lb_caller_name` requires a buffer of the size that it is told, of one byte or more:
    // `text` is that.
    let length = unsafe { bindings::lb_caller_name(text.as_mut_ptr().cast(), NAME_SIZE) };
    let name = text.get(..length).unwrap_or_default();
    // SAFETY: `from_utf8_unchecked` requires UTF-8: the shim says that this is ASCII.
    unsafe { core::str::from_utf8_unchecked(name) }
}

/// Warns; [`warn_on!`](crate::warn_on) calls this function.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn warn(module_name: &'static CStr, what: fmt::Arguments<'_>) {
    let mut function = [0; NAME_SIZE];
    let function = caller_name(&mut function);
    print::call_printk(
        print::level::WARNING,
        module_name,
        format_args!("{what}{function}\n"),
    );
    // SAFETY: the shim has no requirements.
    unsafe { bindings::lb_WARN_ON() };
}

/// Prints a panic: the module, the place, the function, and the message.
///
/// Context: any context.
#[cfg_attr(
    not(target_os = "none"),
    allow(dead_code, reason = "the host's panics are the standard library's")
)]
#[cold]
#[inline(never)]
pub(crate) fn print_panic(info: &core::panic::PanicInfo<'_>) {
    // SAFETY: `lb_module_name` requires nothing: it reads the address of a field.
    let module = unsafe { bindings::lb_module_name() };
    // SAFETY: `from_char_ptr` requires a C string that stays: this is the name of the module that
    // this code is in, and C does not change the name.
    let module = unsafe { CStr::from_char_ptr(module) };
    // A panic always has a place today.
    let place = info.location().unwrap_or(core::panic::Location::caller());
    let mut function = [0; NAME_SIZE];
    let function = caller_name(&mut function);
    let message = info.message();
    print::call_printk(
        print::level::EMERG,
        module,
        format_args!("panicked at {place}{function}: {message}\n"),
    );
}
