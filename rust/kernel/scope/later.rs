// SPDX-License-Identifier: GPL-2.0

//! Ending an entry without waiting for its end: in an interrupt, or in a callback that the end waits for.
//!
//! A work item of the module's ends such entries, one after the other:
//!
//! 1. The owner becomes the ender and takes the entry off its list, which counts it as one that ends later, so that
//!    `drain` waits for it (`EndEntry::take_for_later`).
//! 2. The owner puts it on the list here, and queues the work.
//! 3. The work calls `end` and `put`, and takes it from the list's count (`EndEntry::end_taken`).
//!
//! If the list of the entry is the ender, there is nothing to do but to leave the entry's memory to it. The module waits
//! for the work when all its entries have ended, since the last instructions of the work's function are the module's.

use core::ptr::NonNull;

use pin_init::{pin_data, pin_init};

use super::end_list::EndEntry;
use crate::{
    bindings,
    ring::Ring,
    sync::{ModuleStatic, SpinLockIrq, new_spinlock_irq},
    types::Opaque,
};

/// Entries that end later, and the work that ends them.
///
/// # Invariants
///
/// LATER-TAKEN: what is in the ring is an entry that `take_for_later` was called for, and that its list keeps. Whoever takes
/// it out, with the lock held, ends it.
#[pin_data]
struct Later {
    #[pin]
    entries: SpinLockIrq<Ring>,
    #[pin]
    work: Opaque<bindings::work_struct>,
}

// SAFETY: work belongs to no thread.
unsafe impl Send for Later {}

// SAFETY: work is queued from all threads; C locks.
unsafe impl Sync for Later {}

static LATER: ModuleStatic<Later> = ModuleStatic::new();

/// Makes the work ready.
///
/// # Safety
///
/// As for [`ModuleStatic::begin`].
pub(crate) unsafe fn begin() {
    let later = pin_init!(Later {
        entries <- new_spinlock_irq!(Ring::new(), "lifebound_later"),
        work <- Opaque::ffi_init(|work| {
            // SAFETY: `INIT_WORK()` requires memory that stays in place: a static's.
            unsafe { bindings::lb_init_work(work, Some(run)) }
        }),
    });
    // SAFETY: the caller says so.
    unsafe { LATER.begin(later) }
}

/// Waits for the work, when nothing can end later any more. Context: process context; may sleep.
pub(crate) fn end() {
    // SAFETY: `flush_work()` requires initialised work: MODULE-BEGUN.
    unsafe { bindings::flush_work(LATER.get().work.get()) };
}

/// Ends an entry that the list keeps, unless the list does already, and does not wait for that. Context: any but NMI.
///
/// # Safety
///
/// 1. `entry` must have been added to a list, which keeps it, and its owner must not have ended it before.
/// 2. The caller must keep the entry alive until this returns, by a count of its own.
pub(crate) unsafe fn end_later(entry: NonNull<EndEntry>) {
    // SAFETY: a reference requires a live entry: (2).
    if unsafe { entry.as_ref() }.take_for_later() {
        add(entry);
    }
}

/// Ends an entry that its owner keeps like that, and has the list call `put` then. `false` if the entry has ended: then the
/// owner still keeps it. Context: any but NMI.
///
/// # Safety
///
/// 1. `entry` must have been added to a list that is alive as long as the module, and its owner must keep it, and must not
///    have ended it before.
/// 2. If this returns `true`, `put` must be fit to be called, once the entry has ended: the entry passes to the list.
pub(crate) unsafe fn hand_over(entry: NonNull<EndEntry>) -> bool {
    // SAFETY: a reference requires a live entry: its owner keeps it (1).
    let this = unsafe { entry.as_ref() };
    if this.take_for_later() {
        // SAFETY: `keep_by_list` requires that the caller is the ender: so it is now.
        unsafe { this.keep_by_list() };
        add(entry);
        return true;
    }
    // SAFETY: `hand_over` requires that the list is the ender: it alone may be besides the owner; and alive: (1).
    unsafe { EndEntry::hand_over(entry) }
}

/// Leaves an entry that was taken for it, and that its list keeps, to the work.
fn add(entry: NonNull<EndEntry>) {
    let later = LATER.get();
    // INVARIANT: LATER-TAKEN: both callers have taken it.
    // SAFETY: `add` requires (1) a link in no ring: the entry was taken off; (2) a link that stays in place: the list keeps
    // the entry until the work has ended it; entries are `Sync`.
    unsafe { later.entries.lock().add(entry.cast()) };
    // SAFETY: reading a static of C's requires that nobody writes it; C writes it at boot alone.
    let queue = unsafe { bindings::system_long_wq };
    // SAFETY: `queue_work()` requires a queue, which is never destroyed, and initialised work: MODULE-BEGUN.
    unsafe { bindings::lb_queue_work(queue, later.work.get()) };
}

/// What C calls for the work.
unsafe extern "C" fn run(_: *mut bindings::work_struct) {
    while let Some(entry) = take_oldest() {
        // SAFETY: `end_taken` requires an entry that was taken for it, and that its list keeps, once: LATER-TAKEN.
        unsafe { EndEntry::end_taken(entry) };
    }
}

fn take_oldest() -> Option<NonNull<EndEntry>> {
    let entries = LATER.get().entries.lock();
    let link = entries.oldest()?;
    // SAFETY: `remove` requires a link in this ring: it was just found there.
    unsafe { entries.remove(link) };
    Some(link.cast())
}
