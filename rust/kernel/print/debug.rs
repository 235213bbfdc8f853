// SPDX-License-Identifier: GPL-2.0

//! Debugging messages that are switched on at run time.
//!
//! C header: [`include/linux/dynamic_debug.h`](srctree/include/linux/dynamic_debug.h).
//!
//! A kernel with `CONFIG_DYNAMIC_DEBUG` finds the place of each such message in the section
//! `__dyndbg` of a module. It lists them in `/sys/kernel/debug/dynamic_debug/control`, where a user
//! switches them on and off, and so do the parameter `dyndbg=+p` of the module and of the kernel.

use core::{
    cell::UnsafeCell,
    mem::offset_of,
    sync::atomic::{AtomicU32, Ordering},
};

use super::print_lines;
use crate::{
    bindings,
    ffi::{CStr, c_char, c_void},
    fmt,
    str::{CStrExt, as_char_ptr_in_const_context},
};

/// The place of a debugging message: C's `struct _ddebug`, whose memory C changes.
#[doc(hidden)]
#[repr(C, align(8))]
pub struct Site {
    modname: *const c_char,
    function: *const c_char,
    filename: *const c_char,
    format: *const c_char,
    /// The line in the lower 18 bits, a class in the next 6, and the flags in the upper 8.
    bits: AtomicU32,
    padding: u32,
    key: UnsafeCell<[u64; KEY]>,
}

/// What follows the bits is a static key, if the kernel has them.
const KEY: usize = (size_of::<bindings::_ddebug>() - 40) / size_of::<u64>();
const _: () = assert!(offset_of!(Site, key) == 40);
const _: () = assert!(size_of::<Site>() == size_of::<bindings::_ddebug>());
const _: () = assert!(offset_of!(Site, format) == offset_of!(bindings::_ddebug, format));

// SAFETY: `Sync` requires that shared use is sound. The strings are static. C changes the bits and
// the key under a lock of its own, and Rust only loads the bits, as an atomic.
unsafe impl Sync for Site {}

impl Site {
    /// A message without a class.
    const CLASS: u32 = 63 << 18;
    /// Whether the message is printed.
    const PRINT: u32 = 1 << 24;

    /// Describes a place. `format` is what a query in `control` compares.
    #[must_use]
    pub const fn new(
        modname: &'static CStr,
        function: &'static CStr,
        filename: &'static CStr,
        format: &'static CStr,
        line: u32,
    ) -> Self {
        let print = if cfg!(debug_assertions) {
            Self::PRINT
        } else {
            0
        };
        Self {
            modname: as_char_ptr_in_const_context(modname),
            function: as_char_ptr_in_const_context(function),
            filename: as_char_ptr_in_const_context(filename),
            format: as_char_ptr_in_const_context(format),
            bits: AtomicU32::new((line & 0x3_ffff) | Self::CLASS | print),
            padding: 0,
            // A key that is off, and that no jump depends on.
            key: UnsafeCell::new([0; KEY]),
        }
    }

    /// Whether the message was switched on.
    ///
    /// Context: any context.
    #[inline(always)]
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.bits.load(Ordering::Relaxed) & Self::PRINT != 0
    }

    /// The place for C.
    pub(crate) fn as_ptr(&'static self) -> *mut c_void {
        core::ptr::from_ref(self).cast_mut().cast()
    }
}

/// Prints a message of a module, with what its flags say; [`pr_debug!`](crate::pr_debug) calls this
/// function.
#[doc(hidden)]
#[cold]
pub fn call_pr_debug(site: &'static Site, module_name: &'static CStr, args: fmt::Arguments<'_>) {
    print_lines(args, |text| {
        // SAFETY: the shim requires the place of a message in this module, and two C strings; these
        // are of type `CStr`.
        unsafe {
            bindings::lb_dynamic_pr_debug(
                site.as_ptr(),
                module_name.as_char_ptr(),
                text.as_char_ptr(),
            )
        };
    });
}

/// A C string of what these tokens are as text, for a [`Site`].
#[doc(hidden)]
#[macro_export]
macro_rules! debug_text {
    ($text:expr) => {
        const {
            match $crate::ffi::CStr::from_bytes_with_nul(
                $crate::__core::concat!($text, "\0").as_bytes(),
            ) {
                Ok(text) => text,
                // PANIC: none: a text with a zero byte is shown as nothing.
                Err(_) => c"",
            }
        }
    };
}

/// The [`Site`] of a message, or nothing on a kernel without: runs `$then` with it if it is on.
#[cfg(CONFIG_DYNAMIC_DEBUG)]
#[doc(hidden)]
#[macro_export]
macro_rules! debug_site {
    ($module:expr, [$($arg:tt)*], |$site:ident| $then:expr, $otherwise:expr) => {{
        // SAFETY: the section requires an array of `struct _ddebug`; a `Site` has its layout.
        #[used(compiler)]
        #[unsafe(link_section = "__dyndbg")]
        static SITE: $crate::print::Site = $crate::print::Site::new(
            $module,
            $crate::debug_text!($crate::__core::module_path!()),
            $crate::debug_text!($crate::__core::file!()),
            $crate::debug_text!($crate::__core::stringify!($($arg)*)),
            $crate::__core::line!(),
        );
        if SITE.is_on() {
            let $site: &'static $crate::print::Site = &SITE;
            $then
        }
    }};
}

/// Runs `$otherwise`: this kernel has no dynamic debug.
#[cfg(not(CONFIG_DYNAMIC_DEBUG))]
#[doc(hidden)]
#[macro_export]
macro_rules! debug_site {
    ($module:expr, [$($arg:tt)*], |$site:ident| $then:expr, $otherwise:expr) => {
        if $crate::__core::cfg!(debug_assertions) {
            $otherwise
        }
    };
}
