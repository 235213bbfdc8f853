// SPDX-License-Identifier: GPL-2.0

//! The queues that every kernel has.

use crate::{bindings, types::Opaque};

/// A queue of work items, and the threads that run them.
#[repr(transparent)]
pub struct Queue(Opaque<bindings::workqueue_struct>);

// SAFETY: queues belong to no thread.
unsafe impl Send for Queue {}

// SAFETY: queues are used by all threads; C locks.
unsafe impl Sync for Queue {}

impl Queue {
    /// Makes a reference of a C pointer.
    ///
    /// # Safety
    ///
    /// `ptr` must be a queue that is not destroyed during `'a`.
    pub unsafe fn from_raw<'a>(ptr: *const bindings::workqueue_struct) -> &'a Queue {
        // SAFETY: a transparent wrapper; the caller vouches for pointer and lifetime.
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
            // SAFETY: the kernel sets the variable when it starts, and never again.
            let queue = unsafe { bindings::$raw };
            // SAFETY: it is never destroyed.
            unsafe { Queue::from_raw(queue) }
        }
    )* };
}

queues! {
    /// For work that takes little time. Any context.
    system => system_wq;
    /// For work that takes little time and is urgent. Any context.
    system_highpri => system_highpri_wq;
    /// For work that takes some time. Any context.
    system_long => system_long_wq;
    /// For work that may run on any processor. Any context.
    system_unbound => system_unbound_wq;
    /// For work that stops while the system is suspended. Any context.
    system_freezable => system_freezable_wq;
    /// For work that runs on whichever processor saves power. Any context.
    system_power_efficient => system_power_efficient_wq;
    /// The last two together. Any context.
    system_freezable_power_efficient => system_freezable_power_efficient_wq;
    /// For work in a software interrupt, which must not sleep. Any context.
    system_bh => system_bh_wq;
    /// For work in a software interrupt, before others. Any context.
    system_bh_highpri => system_bh_highpri_wq;
}
