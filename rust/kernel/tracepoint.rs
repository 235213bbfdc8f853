// SPDX-License-Identifier: GPL-2.0

//! Tracepoints: places of a driver that ftrace, perf and BPF can watch.
//!
//! C header: [`include/linux/tracepoint.h`](srctree/include/linux/tracepoint.h)
//!
//! The tracepoint itself is in C: a header with `TRACE_EVENT()`, and a C file of the same module
//! that defines both `CREATE_TRACE_POINTS` and `CREATE_RUST_TRACE_POINTS` before it includes the
//! header. C makes the function `rust_do_trace_NAME()` there. On a kernel before Linux 6.13, the
//! build of this tree makes it, for `TRACE_EVENT()` and `DEFINE_EVENT()`.
//!
//! ```
//! use kernel::ffi::c_int;
//!
//! kernel::declare_trace! {
//!     /// A packet has come.
//!     ///
//!     /// # Safety
//!     ///
//!     /// The function may always be called.
//!     pub unsafe fn acme_packet(length: c_int);
//! }
//! ```
//!
//! `tests/boot/trace_points` has the other half, and the call.

use core::sync::atomic::{AtomicI32, Ordering};

use crate::{bindings, types::Opaque};

/// Declares functions that trigger a tracepoint of C's, which has to have this name and these
/// arguments.
///
/// The call of a tracepoint that nobody watches is a load and a branch.
///
/// Context: that of C's tracepoint, which is any for most.
///
/// # Safety
///
/// The name and the types of the arguments must be those of the tracepoint in C. What the caller of
/// the function has to keep is what C does with the arguments.
#[macro_export]
macro_rules! declare_trace {
    ($(
        $(#[$attribute:meta])*
        $vis:vis $unsafe:ident fn $name:ident($($arg:ident: $type:ty),* $(,)?);
    )*) => { $(
        $crate::declare_trace!(@only $unsafe);

        $(#[$attribute])*
        #[inline(always)]
        $vis $unsafe fn $name($($arg: $type),*) {
            unsafe extern "C" {
                #[link_name = $crate::__core::concat!(
                    "__tracepoint_",
                    $crate::__core::stringify!($name)
                )]
                static TRACEPOINT: $crate::tracepoint::Tracepoint;

                #[link_name = $crate::__core::concat!(
                    "rust_do_trace_",
                    $crate::__core::stringify!($name)
                )]
                fn do_trace($($arg: $type),*);
            }
            // SAFETY: the reference requires a tracepoint of this name: the author of the
            // declaration vouches for it.
            if unsafe { &TRACEPOINT }.is_watched() {
                // SAFETY: the call requires the arguments of C's function: the author of the
                // declaration vouches for their types, and the caller for what they are.
                unsafe { do_trace($($arg),*) }
            }
        }
    )* };
    (@only unsafe) => {};
    (@only $($other:tt)*) => {
        $crate::__core::compile_error!("a tracepoint is an `unsafe fn`: nobody checks its types");
    };
}

/// A tracepoint in C.
#[doc(hidden)]
#[repr(transparent)]
pub struct Tracepoint(Opaque<bindings::tracepoint>);

// SAFETY: `Sync` requires that threads may share the value: all that a shared one allows is to read
// an atomic number.
unsafe impl Sync for Tracepoint {}

impl Tracepoint {
    /// Whether somebody watches the tracepoint.
    #[inline(always)]
    pub fn is_watched(&self) -> bool {
        // SAFETY: a field's place requires a live structure: C's tracepoints are statics of the
        // module.
        let key = unsafe { &raw mut (*self.0.get()).key }.cast::<i32>();
        // SAFETY: `from_ptr` requires an aligned number that lives as long, and that all access
        // atomically: a key begins with `enabled`, which is an `atomic_t`.
        unsafe { AtomicI32::from_ptr(key) }.load(Ordering::Relaxed) != 0
    }
}

const _: () = assert!(core::mem::offset_of!(bindings::static_key, enabled) == 0);
