// SPDX-License-Identifier: GPL-2.0

//! From the moment that C gets to know something until it is in a list.

use core::mem::ManuallyDrop;

use crate::{bindings, error::to_result, prelude::*};

/// An entry for a list is being started. The list does not end until this is dropped, or has become an entry.
///
/// A panic drops nothing, so then the list never ends: what C knows by then stays.
#[must_use = "while it is there, the list does not end"]
pub(crate) struct Starting(*mut bindings::lb_scope);

impl Starting {
    /// Begins. May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the list is closed.
    ///
    /// # Safety
    ///
    /// `list` must be initialised, and stay in place until it was drained, and the caller has returned.
    pub(crate) unsafe fn begin(list: *mut bindings::lb_scope) -> Result<Self> {
        // SAFETY: `lb_scope_begin()` requires an initialised list; the caller vouches for it.
        to_result(unsafe { bindings::lb_scope_begin(list) })?;
        Ok(Self(list))
    }

    /// Enters what was started. May sleep.
    ///
    /// # Safety
    ///
    /// `links` must be filled in, and in no list. They must stay in place until the entry has ended, and their callbacks
    /// must be fit to be called, once each and on any thread.
    pub(crate) unsafe fn add(self, links: *mut bindings::lb_scope_entry) {
        let list = ManuallyDrop::new(self).0;
        // SAFETY: `lb_scope_add()` requires 1. a list for which `lb_scope_begin()` has succeeded, which the entry takes
        // the place of: `begin`, and `self` is not dropped; 2. an entry as the caller vouches for.
        unsafe { bindings::lb_scope_add(list, links) }
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        // SAFETY: `lb_scope_cancel()` requires a list for which `lb_scope_begin()` has succeeded, once: `begin`.
        unsafe { bindings::lb_scope_cancel(self.0) }
    }
}
