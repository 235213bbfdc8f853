// SPDX-License-Identifier: GPL-2.0

//! The queues that every kernel has.

use crate::{bindings, types::Opaque};

/// A queue of work items, and the threads that run them.
#[repr(transparent)]
pub struct Queue(Opaque<bindings::workqueue_struct>);

// SAFETY: `Send` requires that any thread may own the value: queues belong to no thread.
unsafe impl Send for Queue {}

// SAFETY: `Sync` requires that threads may share the value: C locks what it uses of a queue.
unsafe impl Sync for Queue {}

impl Queue {
    /// Makes a reference from a C pointer.
    ///
    /// # Safety
    ///
    /// `ptr` must be a queue that is not destroyed during `'a`.
    pub unsafe fn from_raw<'a>(ptr: *const bindings::workqueue_struct) -> &'a Queue {
        // SAFETY: a reference requires a live value of its type: `Queue` is a transparent wrapper,
        // and the caller vouches for pointer and lifetime.
        unsafe { &*ptr.cast() }
    }

    pub(super) fn as_raw(&self) -> *mut bindings::workqueue_struct {
        self.0.get()
    }
}

macro_rules! queues {
    ($($(#[$doc:meta])* $name:ident => $raw:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name() -> &'static Queue {
            // SAFETY: reading a static of C's requires that nobody writes it meanwhile: C writes it
            // only at boot (`workqueue_init_early()`).
            let queue = unsafe { bindings::$raw };
            // SAFETY: `from_raw` requires a queue that is not destroyed: C never destroys the
            // system's queues.
            unsafe { Queue::from_raw(queue) }
        }
    )* };
}

queues! {
    /// For work that takes little time.
    ///
    /// Context: any context.
    system => system_wq;
    /// For work that takes little time and is urgent.
    ///
    /// Context: any context.
    system_highpri => system_highpri_wq;
    /// For work that takes some time.
    ///
    /// Context: any context.
    system_long => system_long_wq;
    /// For work that may run on any processor.
    ///
    /// Context: any context.
    system_unbound => system_unbound_wq;
    /// For work that stops while the system is suspended.
    ///
    /// Context: any context.
    system_freezable => system_freezable_wq;
    /// For work that may run on a processor that saves power.
    ///
    /// Context: any context.
    system_power_efficient => system_power_efficient_wq;
    /// For work of both kinds: it stops while the system is suspended, and may run on a processor
    /// that saves power.
    ///
    /// Context: any context.
    system_freezable_power_efficient => system_freezable_power_efficient_wq;
    /// For work in a softirq, which must not sleep.
    ///
    /// Context: any context.
    system_bh => system_bh_wq;
    /// For work in a softirq, before the work of [`system_bh`].
    ///
    /// Context: any context.
    system_bh_highpri => system_bh_highpri_wq;
}
