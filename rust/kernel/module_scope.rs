// SPDX-License-Identifier: GPL-2.0

//! What a module has registered, and must not leave behind when it is unloaded.
//!
//! A registration is a value that a driver owns, so it can be leaked. The C side would then call into memory that the
//! module no longer occupies. So each registration enters the module's own list as well, and what is still there when
//! the module's own value has been dropped is ended then, the newest first.

use crate::{bindings, ffi::c_void, prelude::*, scope::Embedded};

/// Ends what the module has left registered. Called last at exit, and when the module's start failed. May sleep.
///
/// Nothing can be registered on the host, where tests of other parts run.
pub(crate) fn end() {
    #[cfg(target_os = "none")]
    {
        // SAFETY: the shim returns the address of a static.
        let scope = unsafe { bindings::lb_scope_of_module() };
        // SAFETY: `lb_scope_drain()` runs the callbacks of the module's entries, which ENTRY-EMBEDDED makes fit for it.
        unsafe { bindings::lb_scope_drain(scope) };
    }
}

/// Enters the module's list: `end(argument)` is called when `entry` is dropped, or at the end of the module. May sleep.
///
/// # Safety
///
/// As for [`Embedded::arm`].
pub(crate) unsafe fn arm(
    entry: Pin<&mut Embedded>,
    argument: *mut c_void,
    end: unsafe extern "C" fn(*mut c_void),
) {
    // SAFETY: the shim returns the address of a static.
    let scope = unsafe { bindings::lb_scope_of_module() };
    // SAFETY: the module's list is static and never closed, and `end` drains it; the rest is the caller's to vouch for.
    let armed = unsafe { entry.arm(scope, argument, end) };
    debug_assert!(armed.is_ok(), "the module's list is never closed");
}
