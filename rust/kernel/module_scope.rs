// SPDX-License-Identifier: GPL-2.0

//! What a module has registered, and must not leave behind when it is unloaded.
//!
//! A registration is a value that a driver owns, so it can be leaked. The C side would then call into memory that the
//! module no longer occupies. So each registration enters the module's list as well, and what is still there when the
//! module's own value has been dropped is ended then, the newest first.

use pin_init::{pin_data, pinned_drop};

use crate::{bindings, ffi::c_void, prelude::*, types::Opaque};

/// Ends what the module has left registered. Called last at exit, and when the module's start failed. May sleep.
///
/// Nothing can be registered on the host, where tests of other parts run.
pub(crate) fn end() {
    #[cfg(target_os = "none")]
    // SAFETY: `lb_scope_end()` runs the callbacks of armed entries, which SCOPE-ARMED makes fit to be called.
    unsafe {
        bindings::lb_scope_end()
    }
}

/// A place in the module's list. Put into a registration as its first field, so that it is dropped first.
///
/// # Invariants
///
/// SCOPE-ARMED: once [`arm`](Self::arm) was called, `entry` is in place, and its callback may be called once, with its
/// argument, by whoever takes it off the list.
#[pin_data(PinnedDrop)]
pub(crate) struct ModuleScopeEntry {
    #[pin]
    entry: Opaque<bindings::lb_scope_entry>,
    armed: bool,
}

impl ModuleScopeEntry {
    /// Builds an entry that is not in the list.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            entry: Opaque::zeroed(),
            armed: false
        })
    }

    /// Enters the list. `end(argument)` is called once: when this is dropped, or at the end of the module. May sleep.
    ///
    /// # Safety
    ///
    /// `end(argument)` must be sound, on any thread, at any later time before the memory that holds this is reused or
    /// the module is gone.
    pub(crate) unsafe fn arm(
        self: Pin<&mut Self>,
        argument: *mut c_void,
        end: unsafe extern "C" fn(*mut c_void),
    ) {
        let this = self.project();
        let entry = this.entry.get();
        // SAFETY: nobody else knows the entry before it is in the list.
        let fields = unsafe { &mut *entry };
        fields.end = Some(end);
        fields.arg = argument;
        // SAFETY: `lb_scope_add()` wants an entry that is filled in and not in the list; it stays in place, since
        // `self` is pinned and leaves the list when dropped.
        unsafe { bindings::lb_scope_add(entry) };
        *this.armed = true;
    }
}

#[pinned_drop]
impl PinnedDrop for ModuleScopeEntry {
    fn drop(self: Pin<&mut Self>) {
        if self.armed {
            // SAFETY: SCOPE-ARMED; returns when the callback has run, whoever called it.
            unsafe { bindings::lb_scope_end_entry(self.entry.get()) };
        }
    }
}

// SAFETY: the list is locked, and `arm` demands a callback that is fit for any thread.
unsafe impl Send for ModuleScopeEntry {}

// SAFETY: a shared reference gives access to nothing.
unsafe impl Sync for ModuleScopeEntry {}
