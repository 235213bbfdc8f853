// SPDX-License-Identifier: GPL-2.0

//! RCU: readers that never wait.
//!
//! C header: `include/linux/rcupdate.h`.
//!
//! A reader section lasts as long as a [`Guard`]. [`synchronize_rcu`] waits until all reader
//! sections that had begun before it are over.

use crate::bindings;
use crate::types::NotThreadSafe;

/// An RCU reader section, which ends when the guard is dropped.
///
/// Sections nest. A guard that is forgotten (`mem::forget`) ends when its thread ends, or later.
/// Code that waits for readers hangs until then, on the whole system.
///
/// Context: any context; must not sleep. If the section sleeps, a kernel without
/// `CONFIG_PREEMPT_RCU` takes it to be over. So a guard does not prove that there is a section: no
/// safe function may rely on one.
///
/// A guard stays on its thread, and so does a borrow of it:
///
/// ```compile_fail,E0277
/// use kernel::sync::rcu;
///
/// fn send<T: Send>() {}
/// send::<rcu::Guard>();
/// ```
///
/// ```compile_fail,E0277
/// use kernel::sync::rcu;
///
/// fn share<T: Sync>() {}
/// share::<rcu::Guard>();
/// ```
///
/// # Invariants
///
/// This thread has entered a reader section for this guard, and not left it.
#[must_use = "if unused, the section ends at once"]
pub struct Guard(NotThreadSafe);

impl Guard {
    /// Begins a reader section.
    #[inline]
    pub fn new() -> Self {
        // SAFETY: `lb_rcu_read_lock` requires that the section is ended on this thread; `drop` does
        // so, and the guard cannot leave the thread.
        unsafe { bindings::lb_rcu_read_lock() };
        // INVARIANT: the section was entered above.
        Self(NotThreadSafe)
    }

    /// Ends the section, as dropping the guard does.
    #[inline]
    #[doc(alias = "rcu_read_unlock")]
    pub fn unlock(self) {}
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `lb_rcu_read_unlock` requires a section of this thread; there is one by the
        // type's invariant.
        unsafe { bindings::lb_rcu_read_unlock() };
    }
}

/// Begins an RCU reader section.
#[inline]
#[doc(alias = "rcu_read_lock")]
pub fn read_lock() -> Guard {
    Guard::new()
}

/// Waits until all reader sections that have already begun are over.
///
/// It typically takes some milliseconds. Inside a reader section, it would wait for itself.
///
/// Context: process context, outside of reader sections; may sleep.
pub fn synchronize_rcu() {
    // SAFETY: `lb_synchronize_rcu` requires a context that may sleep; elsewhere it reports a bug.
    unsafe { bindings::lb_synchronize_rcu() };
}

/// Waits until all functions that were handed to `call_rcu` so far have run.
///
/// Context: as for [`synchronize_rcu`].
pub fn rcu_barrier() {
    // SAFETY: `lb_rcu_barrier` requires a context that may sleep; elsewhere it reports a bug.
    unsafe { bindings::lb_rcu_barrier() };
}
