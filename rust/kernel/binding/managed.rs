// SPDX-License-Identifier: GPL-2.0

//! The managed resources of a binding: an intrusive list, from which the end of the binding
//! releases the newest entry first.
//!
//! An entry is memory that its owner chooses, and that begins with [`Links`]. The cost of adding or
//! removing an entry does not depend on the number of entries. An entry leaves the list in one of
//! three ways:
//!
//! 1. Its owner removes it ([`Managed::remove`]). The owner borrows the binding, so the binding
//!    still exists.
//! 2. The binding ends, and [`Managed::drain`] releases the entry.
//! 3. A handle that may outlive the binding claims it ([`Links::claim`]), drops its payload, and
//!    removes it. `drain` waits for the end of the claim, so nothing older is released while the
//!    handle still drops the payload.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
    sync::atomic::{AtomicU8, Ordering},
};

use pin_init::{PinInit, pin_data, pin_init};

use crate::{
    sync::{Completion, SpinLockIrq, new_spinlock_irq},
    types::Opaque,
};

/// The entry is in a list, and nobody has claimed, taken or abandoned it.
const LISTED: u8 = 0;
/// The list has removed the entry, and releases it.
const TAKEN: u8 = 1;
/// A handle has claimed the entry, and will remove it.
const CLAIMED: u8 = 2;
/// The owner has left the entry to the list, which may release it before the binding ends.
const ABANDONED: u8 = 3;

/// The head of an entry.
///
/// # Invariants
///
/// - LINKS-LISTED: from [`Managed::add`] until its removal, the entry is in the list of `home`.
///   Only `home` changes `next` and `prev`, under its lock.
/// - LINKS-HOME: while `state` is LISTED, CLAIMED or ABANDONED, `home` is alive.
#[repr(C)]
pub(crate) struct Links {
    next: Cell<*const Links>,
    prev: Cell<*const Links>,
    home: Cell<*const Managed>,
    release: Option<unsafe fn(NonNull<Links>)>,
    state: AtomicU8,
}

// SAFETY: `Send` requires that any thread may use the value; the cells are written before the entry
// is in a list, and afterwards only under the list's lock.
unsafe impl Send for Links {}

// SAFETY: `Sync` requires that threads may share the value; the same holds as for `Send`, and the
// state is atomic.
unsafe impl Sync for Links {}

impl Links {
    /// Links that are in no list. If the list releases the entry, it calls `release` once, with the
    /// entry's links.
    pub(crate) const fn new(release: unsafe fn(NonNull<Links>)) -> Self {
        Self {
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
            home: Cell::new(ptr::null()),
            release: Some(release),
            state: AtomicU8::new(LISTED),
        }
    }

    /// Claims an entry that was added. The caller need not know whether the binding has ended.
    ///
    /// Context: any context.
    ///
    /// The result is `None` if the end of the binding has taken the entry: then its payload was
    /// dropped, or is about to be dropped.
    pub(crate) fn claim(&self) -> Option<Claim<'_>> {
        self.state
            .compare_exchange(LISTED, CLAIMED, Ordering::Acquire, Ordering::Relaxed)
            .ok()
            .map(|_| Claim(self))
    }

    /// Leaves an entry to its list. [`Managed::release_abandoned`] may then release it before the
    /// binding ends.
    ///
    /// Context: any context.
    pub(crate) fn abandon(&self) {
        self.state.store(ABANDONED, Ordering::Release);
    }
}

/// A claimed entry. The end of its binding waits for the end of the claim.
pub(crate) struct Claim<'a>(&'a Links);

impl Claim<'_> {
    /// Removes the entry from the list. If the list owned a count of the entry, the caller owns it
    /// now.
    pub(crate) fn finish(self) {
        // SAFETY: the reference requires a live list; LINKS-HOME, as the entry is claimed.
        let home = unsafe { &*self.0.home.get() };
        let mut list = home.list.lock();
        self.0.unlink();
        // This is done before the lock is released, because the list may be gone afterwards.
        if core::mem::take(&mut *list) {
            home.unclaimed.complete();
        }
    }
}

impl Links {
    /// Removes the entry from between its neighbours. The caller holds the list's lock.
    fn unlink(&self) {
        let (next, prev) = (self.next.get(), self.prev.get());
        // SAFETY: the reference requires live links; by LINKS-LISTED the neighbours are entries of
        // the list, or its end.
        unsafe { &*prev }.next.set(next);
        // SAFETY: the same holds as for `prev`.
        unsafe { &*next }.prev.set(prev);
    }
}

/// The list of a binding's managed resources.
///
/// # Invariants
///
/// MANAGED-RING: `end` and the entries form a ring, in order of addition from `end.next` on.
#[pin_data]
pub(crate) struct Managed {
    /// Whether `drain` waits for a claim to end.
    #[pin]
    list: SpinLockIrq<bool>,
    #[pin]
    end: Opaque<Links>,
    #[pin]
    unclaimed: Completion,
}

// SAFETY: `Send` requires that any thread may use the value; the ring is changed only under the
// lock.
unsafe impl Send for Managed {}

// SAFETY: `Sync` requires that threads may share the value; the same holds as for `Send`.
unsafe impl Sync for Managed {}

impl Managed {
    /// An empty list.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            list <- new_spinlock_irq!(false, "lifebound_managed"),
            end <- Opaque::ffi_init(|end: *mut Links| {
                let links = Links {
                    next: Cell::new(end),
                    prev: Cell::new(end),
                    home: Cell::new(ptr::null()),
                    release: None,
                    state: AtomicU8::new(TAKEN),
                };
                // SAFETY: `write` requires memory that may be written; `ffi_init` gives it.
                // INVARIANT: MANAGED-RING: the end alone is a ring.
                unsafe { end.write(links) }
            }),
            unclaimed <- Completion::new(),
        })
    }

    fn end(&self) -> *const Links {
        self.end.get()
    }

    /// Adds an entry as the newest one.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// 1. `entry` must be links that [`Links::new`] made, and that are in no list.
    /// 2. The entry's memory must stay in place until the entry is removed. Its owner must remove
    ///    it before it frees the memory.
    /// 3. Until the binding has ended, any thread that may sleep may call the entry's release
    ///    function, once.
    pub(crate) unsafe fn add(&self, entry: NonNull<Links>) {
        // SAFETY: `as_ref` requires live links that nobody borrows uniquely: (1).
        let links = unsafe { entry.as_ref() };
        links.home.set(self);
        let _guard = self.list.lock();
        // SAFETY: the reference requires live links; `end` is a field of `self`.
        let end = unsafe { &*self.end() };
        let last = end.prev.get();
        links.next.set(end);
        links.prev.set(last);
        // INVARIANT: LINKS-LISTED, MANAGED-RING: the new entry is between the last entry and the
        // end.
        // SAFETY: the reference requires live links; by MANAGED-RING `last` is in the ring, whose
        // entries are alive.
        unsafe { &*last }.next.set(entry.as_ptr());
        end.prev.set(entry.as_ptr());
    }

    /// Removes an entry, which then belongs to the caller alone.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// The entry must be in this list, and must not be claimed. The binding must not be ending,
    /// unless the caller is the release function of another entry.
    pub(crate) unsafe fn remove(&self, entry: NonNull<Links>) {
        let _guard = self.list.lock();
        // SAFETY: `as_ref` requires live links; the caller vouches that the entry is in this list.
        // The lock is held for `unlink`.
        unsafe { entry.as_ref() }.unlink();
    }

    /// Removes the newest entry whose state `wanted` accepts.
    fn take(&self, wanted: fn(u8) -> bool) -> Option<NonNull<Links>> {
        let mut list = self.list.lock();
        // SAFETY: the reference requires live links; `end` is a field of `self`.
        let mut at = unsafe { &*self.end() }.prev.get();
        while !ptr::eq(at, self.end()) {
            // SAFETY: the reference requires live links; by MANAGED-RING `at` is in the ring, whose
            // entries are alive.
            let links = unsafe { &*at };
            let state = links.state.load(Ordering::Acquire);
            if wanted(state) {
                let taken =
                    links
                        .state
                        .compare_exchange(state, TAKEN, Ordering::AcqRel, Ordering::Acquire);
                if taken.is_ok() {
                    links.unlink();
                    return NonNull::new(at.cast_mut());
                }
                // A handle has claimed the entry in between.
                continue;
            }
            if state == CLAIMED && wanted(LISTED) {
                // Older entries have to wait for the claimed one.
                *list = true;
                drop(list);
                self.unclaimed.wait_for_completion();
                return self.take(wanted);
            }
            at = links.prev.get();
        }
        None
    }

    fn release_all(&self, wanted: fn(u8) -> bool) {
        while let Some(entry) = self.take(wanted) {
            // SAFETY: `as_ref` requires live links; the entry was removed from the list, and only
            // the call below releases it.
            let links = unsafe { entry.as_ref() };
            if let Some(release) = links.release {
                // SAFETY: `release` may be called once, on a thread that may sleep, until the
                // binding has ended: `add` (3).
                unsafe { release(entry) };
            }
        }
    }

    /// Releases all entries, the newest first. Waits for the entries that handles have claimed.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn drain(&self) {
        self.release_all(|state| state != CLAIMED);
    }

    /// Releases all abandoned entries, the newest first.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn release_abandoned(&self) {
        self.release_all(|state| state == ABANDONED);
    }
}
