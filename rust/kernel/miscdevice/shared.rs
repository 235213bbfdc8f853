// SPDX-License-Identifier: GPL-2.0

//! The state that a node and its open files share.

use super::files::Files;
use crate::{
    bindings,
    error::to_result,
    ffi::c_int,
    poll::{Events, Queue},
    prelude::*,
    revocable::Revocable,
    str::CString,
    sync::{
        Arc,
        atomic::{Atomic, Release},
    },
    types::Opaque,
};

/// What C knows, and whose it is.
#[repr(C)]
struct Misc<T> {
    raw: bindings::miscdevice,
    /// From `Arc::as_ptr`, so good for a share: what C hands back is the address of this field's
    /// neighbour. Null until `start`.
    shared: *const NodeShared<T>,
}

/// What the node and its open files share.
///
/// # Invariants
///
/// - MISC-OPEN: `misc` is registered with the operations of the same `T`, from `start` until `stop`.
/// - MISC-FILES: `files` is revoked before anything that `T` borrows ends.
#[pin_data]
pub(super) struct NodeShared<T> {
    #[pin]
    misc: Opaque<Misc<T>>,
    // Its characters do not move with it.
    _name: CString,
    pub(super) queue: Queue,
    pub(super) ending: Atomic<bool>,
    #[pin]
    pub(super) files: Revocable<T>,
}

// SAFETY: C locks what it uses of `misc`; the rest is `Send`.
unsafe impl<T: Send> Send for NodeShared<T> {}

// SAFETY: C locks what it uses of `misc`; the rest is `Sync`.
unsafe impl<T: Send + Sync> Sync for NodeShared<T> {}

impl<T: Files> NodeShared<T> {
    /// The state of a node with this name, which is not registered yet. `misc` has the other fields
    /// of C's structure, with the operations of `T`.
    pub(super) fn new(
        name: CString,
        misc: bindings::miscdevice,
        queue: Queue,
        files: impl PinInit<T, Error>,
    ) -> impl PinInit<Self, Error> {
        let misc = bindings::miscdevice {
            // CAST: a small number.
            minor: bindings::MISC_DYNAMIC_MINOR as c_int,
            name: name.as_char_ptr(),
            ..misc
        };
        try_pin_init!(Self {
            misc: Opaque::new(Misc {
                raw: misc,
                shared: core::ptr::null(),
            }),
            _name: name,
            queue,
            ending: Atomic::new(false),
            files <- Revocable::new(files),
        })
    }

    /// What the calls of methods of `T` are counted under.
    pub(super) fn key(&self) -> *const Self {
        self
    }

    /// Registers the node. Context: process context; may sleep.
    pub(super) fn start(this: &Arc<Self>) -> Result {
        let misc = this.misc.get();
        // SAFETY: nobody else knows the structure before it is registered.
        unsafe { (*misc).shared = Arc::as_ptr(this) };
        // SAFETY: `misc_register()` requires a structure that is filled in, and stays until it is
        // unregistered: `stop` does that (MISC-OPEN), and the entry has a share until then. The
        // parent is referenced by the call.
        to_result(unsafe { bindings::misc_register(misc.cast()) })
    }

    /// Unregisters the node, and takes the driver's value away.
    pub(super) fn stop(&self) {
        // SAFETY: MISC-OPEN. When it returns, `open` is not running, and is not called again.
        unsafe { bindings::misc_deregister(self.misc.get().cast()) };
        self.ending.store(true, Release);
        self.files.revoke_after(|files| {
            self.queue.wake_all(Events::HANGUP | Events::ERROR);
            files.stopping();
        });
    }

    /// A share of what a registered `misc` is part of.
    ///
    /// # Safety
    ///
    /// `misc` must be registered, by `start` of the same `T`, and stay so during the call.
    pub(super) unsafe fn share_of(misc: *mut bindings::miscdevice) -> Arc<Self> {
        // SAFETY: `misc` is the first field of a `Misc<T>`, whose other field `start` has filled in
        // (the caller).
        let this = unsafe { (*misc.cast::<Misc<T>>()).shared };
        // SAFETY: `Arc::from_raw` requires a pointer of `Arc::as_ptr` whose count nobody else gives
        // up: the entry in the scope has a share, which is kept while `misc` is registered, and
        // this one is not dropped.
        let share = core::mem::ManuallyDrop::new(unsafe { Arc::from_raw(this) });
        Arc::clone(&share)
    }
}
