// SPDX-License-Identifier: GPL-2.0

//! The entries that a binding releases when it ends: an intrusive list, the newest entry first.
//!
//! An entry is memory of its owner's choice that begins with [`Links`]. Adding an entry and taking
//! one off cost the same for any number of entries. Three things can happen to an entry that is in
//! the list:
//!
//! 1. Its owner takes it off ([`Managed::remove`]). The owner needs the binding for that, and so a
//!    borrow of it.
//! 2. The binding ends, and [`Managed::drain`] releases it.
//! 3. A handle that may outlive the binding claims it ([`Links::claim`]). `drain` waits for the
//!    claim to end. So nothing older is released while the handle still drops what the entry keeps.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
    sync::atomic::{AtomicU8, Ordering},
};

use pin_init::{PinInit, pin_data, pin_init};

use super::spares::{Spare, Spares};
use crate::{
    ring::{Link, Ring},
    sync::{SpinLockIrq, completion::Waiter, new_spinlock_irq},
};

/// The entry is in a list, and only the list and its owner use it.
const LISTED: u8 = 0;
/// The binding's end has taken the entry off, and releases it.
const TAKEN: u8 = 1;
/// A handle has claimed the entry, and will take it off.
const CLAIMED: u8 = 2;
/// The entry is in the list, and left to it: it may be released before the binding ends.
const ABANDONED: u8 = 3;

/// The head of an entry.
///
/// # Invariants
///
/// - LINKS-LISTED: from [`Managed::add`] until it is taken off, the entry is in the ring of `home`.
/// - LINKS-HOME: while `state` is LISTED, CLAIMED or ABANDONED, `home` is alive.
#[repr(C)]
pub(crate) struct Links {
    link: Link,
    home: Cell<*const Managed>,
    release: unsafe fn(NonNull<Links>),
    state: AtomicU8,
}

// SAFETY: `Send` requires that any thread may own the links: `home` is written before the entry is
// in a list, and not afterwards. `release` may be called on any thread (`Managed::add`, 3).
unsafe impl Send for Links {}

// SAFETY: `Sync` requires that threads may share the links: the same holds as for `Send`, and the
// state is atomic.
unsafe impl Sync for Links {}

impl Links {
    /// Links that are in no list. If the list releases the entry, it calls `release` once, with
    /// these links as its head.
    pub(crate) const fn new(release: unsafe fn(NonNull<Links>)) -> Self {
        Self {
            link: Link::new(),
            home: Cell::new(ptr::null()),
            release,
            state: AtomicU8::new(LISTED),
        }
    }

    /// Claims an entry that was added, for a caller that does not know whether the binding has
    /// ended. Returns `None` if the binding's end has the entry: what it keeps was released, or is
    /// about to be.
    ///
    /// Context: any context.
    pub(crate) fn claim(&self) -> Option<Claim<'_>> {
        self.state
            .compare_exchange(LISTED, CLAIMED, Ordering::Acquire, Ordering::Relaxed)
            .ok()
            .map(|_| Claim(self))
    }

    /// Leaves an entry that is in a list to that list: [`Managed::release_abandoned`] may release
    /// it early.
    ///
    /// Context: any context.
    pub(crate) fn abandon(&self) {
        self.state.store(ABANDONED, Ordering::Release);
    }

    /// Makes the state TAKEN if `wanted` holds for it. A handle may claim the entry meanwhile.
    fn take(&self, wanted: fn(u8) -> bool) -> bool {
        self.state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
                wanted(state).then_some(TAKEN)
            })
            .is_ok()
    }
}

/// An entry that the end of its binding waits for.
pub(crate) struct Claim<'a>(&'a Links);

impl Claim<'_> {
    /// Takes the entry off the list. If the list has a count of it, the count passes to the caller.
    pub(crate) fn finish(self) {
        self.end(|entries, links| {
            // SAFETY: `remove` requires a link in this ring: LINKS-LISTED.
            unsafe { entries.ring.remove(NonNull::from(&links.link)) }
        });
    }

    /// Leaves the entry to the list, as [`Links::abandon`] does.
    ///
    /// Context: any context.
    pub(crate) fn abandon(self) {
        self.end(|_, links| links.abandon());
    }

    /// Ends the claim by what `settle` does, with the lock of the list held.
    fn end(self, settle: impl FnOnce(&ManagedEntries, &Links)) {
        // SAFETY: a reference requires a live list: LINKS-HOME says so of the list of a claimed
        // entry.
        let home = unsafe { &*self.0.home.get() };
        let entries = home.entries.lock();
        settle(&entries, self.0);
        // This happens before the lock is released: afterwards the list may be gone.
        entries.waiter.wake();
    }
}

/// The list of a binding.
#[pin_data]
pub(crate) struct Managed {
    #[pin]
    entries: SpinLockIrq<ManagedEntries>,
    spares: Spares,
}

/// The data that the lock of a [`Managed`] protects.
#[pin_data]
struct ManagedEntries {
    /// Each link in it is the head of `Links`, see the requirements of [`Managed::add`].
    #[pin]
    ring: Ring,
    /// The thread in `drain` that waits for a claim to end.
    waiter: Waiter,
}

impl Managed {
    /// Builds an empty list.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            entries <- new_spinlock_irq!(
                pin_init!(ManagedEntries {
                    ring <- Ring::new(),
                    waiter: Waiter::new(),
                }),
                "lifebound_managed"
            ),
            spares: Spares::new(),
        })
    }

    /// Adds an entry as the newest.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// 1. `entry` must be the head of an entry that is in no list, made by [`Links::new`].
    /// 2. Its memory must stay in place until the entry is taken off. Its owner takes it off before
    ///    it frees the memory.
    /// 3. Its release function must be fit to be called, once, on any thread that may sleep, until
    ///    the binding has ended.
    pub(crate) unsafe fn add(&self, entry: NonNull<Links>) {
        // SAFETY: `as_ref` requires live links: (1), (2).
        unsafe { entry.as_ref() }.home.set(self);
        let entries = self.entries.lock();
        // INVARIANT: LINKS-LISTED, LINKS-HOME: the entry is in the ring of `home`, which stays
        // until the binding has ended.
        // SAFETY: `add` requires (1) a link in no ring, (2) a link that stays in place until it is
        // removed, and that any thread may reach. (1) The entry is in no list (1). (2) Its memory
        // stays (2), and `Links` are `Sync`.
        unsafe { entries.ring.add(entry.cast()) };
    }

    /// Takes an entry off. The caller then owns it alone.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// 1. The entry must be in this list, and must not be claimed.
    /// 2. The binding must not be ending, unless its end has called the caller in order to release
    ///    another entry.
    pub(crate) unsafe fn remove(&self, entry: NonNull<Links>) {
        let entries = self.entries.lock();
        // SAFETY: `remove` requires a link in this ring: (1).
        unsafe { entries.ring.remove(entry.cast()) };
    }

    /// Takes an entry that [`put_spare`](Self::put_spare) has put. It is still in the list.
    ///
    /// Context: any context.
    #[inline]
    pub(crate) fn take_spare(&self) -> Option<NonNull<Spare>> {
        self.spares.take()
    }

    /// Puts an entry that its owner does not use any more, and that stays in the list.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// 1. `spare` must be a field of an entry in this list, which its owner gives up. The list may
    ///    release the entry as soon as the binding ends.
    /// 2. All entries that are put must be of one type, which those who take them know.
    #[inline]
    pub(crate) unsafe fn put_spare(&self, spare: NonNull<Spare>) {
        // SAFETY: `put` requires a spare that stays alive until it is taken, or until the stack is
        // not used any more, and that nobody else uses. By (1) the list keeps it until the binding
        // ends; nobody who takes entries has a binding that has ended.
        unsafe { self.spares.put(spare) };
    }

    /// Takes off the newest entry for whose state `wanted` holds. If `wanted` holds for LISTED,
    /// this waits for claims to end.
    fn take(&self, wanted: fn(u8) -> bool) -> Option<NonNull<Links>> {
        loop {
            let entries = self.entries.lock();
            'claimed: {
                for link in entries.ring.newest_first() {
                    // SAFETY: `as_ref` requires live links: a link in the ring is the head of some,
                    // and is alive (RING-LINKED).
                    let links = unsafe { link.cast::<Links>().as_ref() };
                    if links.take(wanted) {
                        // SAFETY: `remove` requires (1) a link in this ring, (2) that an iterator
                        // which returned it last is not used again. (1) The iterator found it
                        // there. (2) The function returns.
                        unsafe { entries.ring.remove(link) };
                        return Some(link.cast());
                    }
                    if wanted(LISTED) {
                        // A handle has claimed it. Older entries have to wait for that.
                        break 'claimed;
                    }
                }
                return None;
            }
            Waiter::wait(entries, |entries| &entries.waiter);
        }
    }

    fn release_all(&self, wanted: fn(u8) -> bool) {
        while let Some(entry) = self.take(wanted) {
            // SAFETY: `as_ref` requires live links: the entry was taken off the list, and is not
            // released yet.
            let release = unsafe { entry.as_ref() }.release;
            // SAFETY: `release` may be called once (`add`, 3): this is the one call, for an entry
            // that was taken off.
            unsafe { release(entry) };
        }
    }

    /// Releases all entries, the newest first, and waits for those that handles have claimed.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn drain(&self) {
        self.release_all(|state| state != CLAIMED);
    }

    /// Releases the entries that their owners have abandoned, the newest first.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn release_abandoned(&self) {
        self.release_all(|state| state == ABANDONED);
    }
}
