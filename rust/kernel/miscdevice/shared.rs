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

/// C's structure, and a pointer to the state that it is part of.
#[repr(C)]
struct Misc<T> {
    raw: bindings::miscdevice,
    /// It comes from `Arc::as_ptr`, so it is good for a share: C hands back the address of this
    /// field's neighbour, which has no such provenance. It is null until `start`.
    shared: *const NodeShared<T>,
}

/// The state that a node and its open files share.
///
/// # Invariants
///
/// - MISC-OPEN: `misc` is registered with the operations of the same `T`, from `start` until
///   `stop`.
/// - MISC-FILES: `files` is revoked before anything that `T` borrows ends.
#[pin_data]
pub(super) struct NodeShared<T> {
    #[pin]
    misc: Opaque<Misc<T>>,
    // The name's characters do not move when the `CString` does.
    _name: CString,
    pub(super) queue: Queue,
    pub(super) ending: Atomic<bool>,
    #[pin]
    pub(super) files: Revocable<T>,
}

// SAFETY: `Send` requires that any thread may own the state: C locks what it uses of `misc`, and
// all other fields are `Send`.
unsafe impl<T: Send> Send for NodeShared<T> {}

// SAFETY: `Sync` requires that threads may share the state: C locks what it uses of `misc`, and all
// other fields are `Sync`.
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
            // CAST: the constant is a small number.
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

    /// The key under which calls of methods of `T` are counted.
    pub(super) fn key(&self) -> *const Self {
        self
    }

    /// Registers the node.
    ///
    /// Context: process context; may sleep.
    pub(super) fn start(this: &Arc<Self>) -> Result {
        let misc = this.misc.get();
        // SAFETY: a write requires memory that nobody else uses: nobody else knows the structure
        // before it is registered.
        unsafe { (*misc).shared = Arc::as_ptr(this) };
        // SAFETY: `misc_register()` requires a structure that is filled in, and stays until it is
        // unregistered. `new` fills it in. `stop` unregisters it (MISC-OPEN), and the entry has a
        // share until then. The call takes a reference to the parent.
        to_result(unsafe { bindings::misc_register(misc.cast()) })
    }

    /// Unregisters the node, and revokes the driver's value.
    pub(super) fn stop(&self) {
        // SAFETY: `misc_deregister()` requires a registered structure: MISC-OPEN. When it returns,
        // `open` is not running, and is not called again.
        unsafe { bindings::misc_deregister(self.misc.get().cast()) };
        self.ending.store(true, Release);
        self.files.revoke_after(|files| {
            self.queue.wake_all(Events::HANGUP | Events::ERROR);
            files.stopping();
        });
    }

    /// A share of the state that a registered `misc` is part of.
    ///
    /// # Safety
    ///
    /// `misc` must have been registered by `start` of the same `T`, and must stay registered during
    /// the call.
    pub(super) unsafe fn share_of(misc: *mut bindings::miscdevice) -> Arc<Self> {
        // SAFETY: a field's place requires a live value of its type: `misc` is the first field of a
        // `Misc<T>`, and `start` has filled in the other field. The caller vouches for both.
        let this = unsafe { (*misc.cast::<Misc<T>>()).shared };
        // SAFETY: `Arc::from_raw` requires a pointer of `Arc::as_ptr` whose count nobody else gives
        // up. The entry in the scope has a share, which it keeps while `misc` is registered. This
        // value is not dropped.
        let share = core::mem::ManuallyDrop::new(unsafe { Arc::from_raw(this) });
        Arc::clone(&share)
    }
}
