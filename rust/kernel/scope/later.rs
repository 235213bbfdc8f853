// SPDX-License-Identifier: GPL-2.0

//! The end of an entry for an owner that does not wait: in an interrupt, or in a callback that the
//! end waits for.
//!
//! The module has a work item that ends such entries, one after the other:
//!
//! 1. The owner becomes the ender and takes the entry off its list. The list counts it as one that
//!    ends later, so that `drain` waits for it (`EndEntry::take_for_later`).
//! 2. The owner puts the entry into the ring of this file, and queues the work.
//! 3. The work calls `end` and `put`, and takes the entry from the list's count
//!    (`EndEntry::end_taken`).
//!
//! If the list is the ender of the entry, the owner only leaves the entry's memory to the list. The
//! module waits for the work when all its entries have ended, since the last instructions of the
//! work's function are the module's.

use core::ptr::NonNull;

use pin_init::{pin_data, pin_init};

use super::end_list::EndEntry;
use crate::{
    bindings,
    ring::Ring,
    sync::{ModuleStatic, SpinLockIrq, new_spinlock_irq},
    types::Opaque,
};

/// The entries that end later, and the work that ends them.
///
/// # Invariants
///
/// LATER-TAKEN: each link in the ring is an entry for which `take_for_later` was called, and which
/// its list keeps. The thread that takes it out, with the lock held, ends it.
#[pin_data]
struct Later {
    #[pin]
    entries: SpinLockIrq<Ring>,
    #[pin]
    work: Opaque<bindings::work_struct>,
}

// SAFETY: `Send` requires that any thread may own the value: work belongs to no thread, and a ring
// in a lock is `Send`.
unsafe impl Send for Later {}

// SAFETY: `Sync` requires that threads may share the value: any thread may queue work
// (`queue_work()` locks), and the lock of the ring is `Sync`.
unsafe impl Sync for Later {}

static LATER: ModuleStatic<Later> = ModuleStatic::new();

/// Makes the work ready.
///
/// # Safety
///
/// The requirements of [`ModuleStatic::begin`] apply.
pub(crate) unsafe fn begin() {
    let later = pin_init!(Later {
        entries <- new_spinlock_irq!(Ring::new(), "lifebound_later"),
        work <- Opaque::ffi_init(|work| {
            // SAFETY: `INIT_WORK()` requires memory that stays in place: it is that of a static.
            unsafe { bindings::lb_init_work(work, Some(run)) }
        }),
    });
    // SAFETY: `begin` has the requirements of this function, which its caller vouches for.
    unsafe { LATER.begin(later) }
}

/// Waits for the work. No entry may be left to it from then on.
///
/// Context: process context; may sleep.
pub(crate) fn end() {
    // SAFETY: `flush_work()` requires initialised work: MODULE-BEGUN.
    unsafe { bindings::flush_work(LATER.get().work.get()) };
}

/// Ends an entry that the list keeps, and does not wait for its end. It does nothing if the list is
/// the ender already.
///
/// Context: any context but NMI.
///
/// # Safety
///
/// 1. `entry` must have been added to a list, which must keep it. Its owner must not have ended it
///    before.
/// 2. The caller must keep the entry alive until this function returns, by a count of its own.
pub(crate) unsafe fn end_later(entry: NonNull<EndEntry>) {
    // SAFETY: `as_ref` requires a live entry: (2).
    if unsafe { entry.as_ref() }.take_for_later() {
        add(entry);
    }
}

/// Ends an entry that its owner keeps, without waiting, and makes the list call `put` then. Returns
/// `false` if the entry has ended: then the owner still keeps it.
///
/// Context: any context but NMI.
///
/// # Safety
///
/// 1. `entry` must have been added to a list that is alive for as long as the module. Its owner
///    must keep it, and must not have ended it before.
/// 2. If this returns `true`, the entry passes to the list. `put` must then be fit to be called,
///    once the entry has ended.
pub(crate) unsafe fn hand_over(entry: NonNull<EndEntry>) -> bool {
    // SAFETY: `as_ref` requires a live entry: its owner keeps it (1).
    let this = unsafe { entry.as_ref() };
    if this.take_for_later() {
        // SAFETY: `keep_by_list` requires that the caller is the ender: `take_for_later` has
        // returned `true`.
        unsafe { this.keep_by_list() };
        add(entry);
        return true;
    }
    // SAFETY: `hand_over` requires (1) that the list is the ender, and alive for as long as the
    // module, (2) a live entry that its owner keeps. (1) `take_for_later` has returned `false`, and
    // only the list can be the ender besides the owner; the caller vouches for the list (1). (2)
    // The caller vouches for the entry (1).
    unsafe { EndEntry::hand_over(entry) }
}

/// Leaves an entry to the work. The entry was taken for the work, and its list keeps it.
fn add(entry: NonNull<EndEntry>) {
    let later = LATER.get();
    // INVARIANT: LATER-TAKEN: both callers have taken the entry.
    // SAFETY: `add` requires (1) a link in no ring, (2) a link that stays in place, and that any
    // thread may reach. (1) `take_for_later` took the entry off. (2) The list keeps the entry until
    // the work has ended it, and entries are `Sync`.
    unsafe { later.entries.lock().add(entry.cast()) };
    // SAFETY: reading a static of C's requires that nobody writes it meanwhile: C writes it only at
    // boot (`workqueue_init_early()`).
    let queue = unsafe { bindings::system_long_wq };
    // SAFETY: `queue_work()` requires a queue that is never destroyed, and initialised work: the
    // queue is the system's, and MODULE-BEGUN.
    unsafe { bindings::lb_queue_work(queue, later.work.get()) };
}

/// The function that C calls for the work.
unsafe extern "C" fn run(_: *mut bindings::work_struct) {
    while let Some(entry) = take_oldest() {
        // SAFETY: `end_taken` requires (1) an entry that was taken for it and that its list keeps,
        // (2) one call. (1) LATER-TAKEN. (2) `take_oldest` gives each entry once.
        unsafe { EndEntry::end_taken(entry) };
    }
}

fn take_oldest() -> Option<NonNull<EndEntry>> {
    let entries = LATER.get().entries.lock();
    let link = entries.oldest()?;
    // SAFETY: `remove` requires a link in this ring: `oldest` has just found it there.
    unsafe { entries.remove(link) };
    Some(link.cast())
}
