// SPDX-License-Identifier: GPL-2.0

// The part of the `kernel` crate that the macros name, for the host. A test includes this file in
// its root with `include!`.
//
// `module`, `module_param`, `str::parse_bool` and `str::parse_int` are the real ones. The modules
// below them are reduced to the parts that they use.

#[allow(unused_extern_crates)]
extern crate self as kernel;
#[allow(unused_extern_crates)]
extern crate self as pin_init;

#[allow(unused_imports)]
pub(crate) use core as __core;

#[allow(unused_macros)]
macro_rules! __expand_as_ours {
    ($($request:tt)*) => { macros::__expand! { [$crate unsafe] $($request)* } };
}
#[allow(unused_imports)]
pub(crate) use __expand_as_ours;

#[allow(missing_docs, non_camel_case_types, unreachable_pub, dead_code)]
pub mod bindings {
    use crate::ffi::*;

    #[repr(C)]
    pub struct module {
        pub bytes: [u8; 64],
    }

    /// The module starts.
    pub unsafe fn lb_module_progress() -> c_int {
        0
    }

    pub unsafe fn lb_module_param_barrier() {}

    pub const KERNEL_PARAM_OPS_FL_NOARG: u32 = 1;
    pub const LB_PAGE_SIZE: usize = 4096;

    #[repr(C)]
    pub struct kernel_param_ops {
        pub flags: c_uint,
        pub set: Option<unsafe extern "C" fn(*const c_char, *const kernel_param) -> c_int>,
        pub get: Option<unsafe extern "C" fn(*mut c_char, *const kernel_param) -> c_int>,
        pub free: Option<unsafe extern "C" fn(*mut c_void)>,
    }

    #[repr(C)]
    pub struct kernel_param {
        pub name: *const c_char,
        pub mod_: *mut module,
        pub ops: *const kernel_param_ops,
        pub perm: u16,
        pub level: i8,
        pub flags: u8,
        pub __bindgen_anon_1: kernel_param__bindgen_ty_1,
    }

    #[repr(C)]
    pub union kernel_param__bindgen_ty_1 {
        pub arg: *mut c_void,
        pub str_: *const c_void,
        pub arr: *const c_void,
    }
}

#[allow(missing_docs, non_camel_case_types, unreachable_pub, dead_code)]
pub mod ffi {
    // As in the kernel, `char` has no sign.
    pub type c_char = u8;
    pub use core::ffi::{c_int, c_uint, c_void};
}

#[allow(missing_docs, unreachable_pub, dead_code)]
pub mod error {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Error(i32);

    impl Error {
        pub fn to_errno(self) -> crate::ffi::c_int {
            self.0
        }
    }

    pub type Result<T = (), E = Error> = core::result::Result<T, E>;

    pub mod code {
        use super::Error;

        pub const EBUSY: Error = Error(-16);
        pub const ENODEV: Error = Error(-19);
        pub const EINVAL: Error = Error(-22);
        pub const ERANGE: Error = Error(-34);
    }
}

#[allow(missing_docs, unreachable_pub, dead_code)]
pub mod str {
    pub use core::ffi::CStr;

    #[repr(transparent)]
    pub struct BStr([u8]);

    impl BStr {
        pub const fn from_bytes(bytes: &[u8]) -> &Self {
            // SAFETY: the cast requires the same layout; `repr(transparent)` gives it.
            unsafe { &*(core::ptr::from_ref(bytes) as *const Self) }
        }
    }

    impl core::ops::Deref for BStr {
        type Target = [u8];

        fn deref(&self) -> &[u8] {
            &self.0
        }
    }

    pub use crate::{parse_bool::kstrtobool_bytes, parse_int};
}

#[allow(unreachable_pub, dead_code)]
#[path = "../../../kernel/str/parse_bool.rs"]
pub mod parse_bool;

#[allow(unreachable_pub, dead_code)]
#[path = "../../../kernel/str/parse_int.rs"]
pub mod parse_int;

#[allow(missing_docs, unreachable_pub, dead_code)]
pub mod module_scope {
    use core::sync::atomic::{AtomicUsize, Ordering};

    /// How often leaked registrations were ended.
    pub static ENDS: AtomicUsize = AtomicUsize::new(0);

    /// # Safety
    ///
    /// None, here.
    pub unsafe fn begin() {}

    pub fn end() {
        ENDS.fetch_add(1, Ordering::Relaxed);
    }
}

#[allow(unreachable_pub, dead_code)]
#[path = "../../../kernel/module.rs"]
pub mod module;

#[allow(unreachable_pub, dead_code, unfulfilled_lint_expectations)]
#[path = "../../../kernel/module_param.rs"]
pub mod module_param;

/// Builds a value in place.
///
/// # Safety
///
/// On `Ok` the implementation has initialised the slot.
#[allow(unreachable_pub)]
pub unsafe trait PinInit<T: ?Sized, E>: Sized {
    /// Initialises `slot`.
    ///
    /// # Errors
    ///
    /// The errors of the value; the slot is then uninitialised.
    ///
    /// # Safety
    ///
    /// `slot` is valid for writes; on `Ok` it is not moved until it is dropped.
    unsafe fn __pinned_init(self, slot: *mut T) -> core::result::Result<(), E>;
}

struct FromClosure<F>(F);

// SAFETY: the trait requires that the slot is initialised on `Ok`; `pin_init_from_closure` requires
// it of the closure.
unsafe impl<T, E, F: FnOnce(*mut T) -> core::result::Result<(), E>> PinInit<T, E>
    for FromClosure<F>
{
    unsafe fn __pinned_init(self, slot: *mut T) -> core::result::Result<(), E> {
        (self.0)(slot)
    }
}

/// Makes an initialiser from a closure.
///
/// # Safety
///
/// On `Ok` the closure has initialised the slot.
#[allow(unreachable_pub)]
pub unsafe fn pin_init_from_closure<T, E>(
    f: impl FnOnce(*mut T) -> core::result::Result<(), E>,
) -> impl PinInit<T, E> {
    FromClosure(f)
}
