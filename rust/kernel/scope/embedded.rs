// SPDX-License-Identifier: GPL-2.0

//! An entry that is part of a pinned value, which it therefore cannot outlive.

use core::sync::atomic::{AtomicBool, Ordering};

use pin_init::{pin_data, pinned_drop};

use crate::{bindings, error::to_result, ffi::c_void, prelude::*, types::Opaque};

/// A place in a list for a pinned value whose memory C uses. Put into it as its first field, so that it is dropped first.
///
/// # Invariants
///
/// ENTRY-EMBEDDED: once [`arm`](Self::arm) has succeeded, `links` are in place, and their callback may be called once,
/// with its argument, by whoever takes the entry off the list.
#[pin_data(PinnedDrop)]
pub(crate) struct Embedded {
    #[pin]
    links: Opaque<bindings::lb_scope_entry>,
    armed: AtomicBool,
}

impl Embedded {
    /// Builds an entry that is not in a list.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            links: Opaque::zeroed(),
            armed: AtomicBool::new(false),
        })
    }

    /// Enters a list. `end(argument)` is called once: when this is dropped, or when the list is drained. May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the list is closed. Nothing will be called then.
    ///
    /// # Safety
    ///
    /// - `scope` must be initialised and be drained before its memory is reused. This must not be armed yet.
    /// - `end(argument)` must be sound, on any thread, at any later time before the memory that holds this is reused or
    ///   the module is gone.
    pub(crate) unsafe fn arm(
        self: Pin<&mut Self>,
        scope: *mut bindings::lb_scope,
        argument: *mut c_void,
        end: unsafe extern "C" fn(*mut c_void),
    ) -> Result {
        let this = self.project();
        let links = this.links.get();
        // SAFETY: nobody else knows the links before they are in the list.
        let fields = unsafe { &mut *links };
        fields.end = Some(end);
        fields.arg = argument;
        // SAFETY: `lb_scope_add()` wants a scope (the caller) and an entry that is filled in and in no list; it stays
        // in place, since `self` is pinned and leaves the list when dropped.
        to_result(unsafe { bindings::lb_scope_add(scope, links) })?;
        this.armed.store(true, Ordering::Relaxed);
        Ok(())
    }
}

#[pinned_drop]
impl PinnedDrop for Embedded {
    fn drop(self: Pin<&mut Self>) {
        if self.armed.load(Ordering::Relaxed) {
            // SAFETY: ENTRY-EMBEDDED; returns when the callback has run, whoever called it.
            unsafe { bindings::lb_scope_end_entry(self.links.get()) };
        }
    }
}

// SAFETY: the list is locked, and `arm` demands a callback that is fit for any thread.
unsafe impl Send for Embedded {}

// SAFETY: a shared reference gives access to nothing.
unsafe impl Sync for Embedded {}
