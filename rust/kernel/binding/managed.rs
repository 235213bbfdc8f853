// SPDX-License-Identifier: GPL-2.0

//! What a binding releases when it ends: an intrusive list, the newest entry first.
//!
//! An entry is memory of its owner's choice that begins with [`Links`]. Adding one and taking one off cost the same
//! however many there are. Three things can happen to an entry that is in the list:
//!
//! 1. its owner takes it off ([`Managed::remove`]), which needs the binding to be there, and so a borrow of it;
//! 2. the binding ends, and [`Managed::drain`] releases it;
//! 3. a handle that may outlive the binding claims it ([`Links::claim`]). Then `drain` waits for the claim to end, so
//!    that nothing older is released while the handle still drops what the entry keeps.

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

/// In a list, and nobody's but the list's and its owner's.
const LISTED: u8 = 0;
/// Taken off by the binding's end, which releases it.
const TAKEN: u8 = 1;
/// Claimed by a handle, which will take it off.
const CLAIMED: u8 = 2;
/// In the list, and left to it: it may be released before the binding ends.
const ABANDONED: u8 = 3;

/// The head of an entry.
///
/// # Invariants
///
/// - LINKS-LISTED: from [`Managed::add`] until it is taken off, the entry is in the list of `home`, which is the only
///   one that changes `next` and `prev`, under its lock.
/// - LINKS-HOME: while `state` is LISTED, CLAIMED or ABANDONED, `home` is alive.
#[repr(C)]
pub(crate) struct Links {
    next: Cell<*const Links>,
    prev: Cell<*const Links>,
    home: Cell<*const Managed>,
    release: Option<unsafe fn(NonNull<Links>)>,
    state: AtomicU8,
}

// SAFETY: the cells are written before the entry is in a list, and afterwards under the list's lock.
unsafe impl Send for Links {}

// SAFETY: as for `Send`; the state is atomic.
unsafe impl Sync for Links {}

impl Links {
    /// Links that are in no list. `release` is called with the entry that they head, once, if the list releases it.
    pub(crate) const fn new(release: unsafe fn(NonNull<Links>)) -> Self {
        Self {
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
            home: Cell::new(ptr::null()),
            release: Some(release),
            state: AtomicU8::new(LISTED),
        }
    }

    /// Claims an entry that was added, for a caller that does not know whether the binding has ended. Any context.
    ///
    /// `None` if the binding's end has it: what it keeps was released, or is about to be.
    pub(crate) fn claim(&self) -> Option<Claim<'_>> {
        self.state
            .compare_exchange(LISTED, CLAIMED, Ordering::Acquire, Ordering::Relaxed)
            .ok()
            .map(|_| Claim(self))
    }

    /// Leaves an entry that is in a list to that list: [`Managed::release_abandoned`] may release it early. Any context.
    pub(crate) fn abandon(&self) {
        self.state.store(ABANDONED, Ordering::Release);
    }
}

/// An entry that the end of its binding waits for.
pub(crate) struct Claim<'a>(&'a Links);

impl Claim<'_> {
    /// Takes the entry off the list, whose count of it, if it has one, becomes the caller's.
    pub(crate) fn finish(self) {
        // SAFETY: LINKS-HOME: it is claimed.
        let home = unsafe { &*self.0.home.get() };
        let mut list = home.list.lock();
        self.0.unlink();
        // Before the lock is released: afterwards the list may be gone.
        if core::mem::take(&mut *list) {
            home.unclaimed.complete();
        }
    }
}

impl Links {
    /// Takes the entry out of its neighbours. The list's lock is held.
    fn unlink(&self) {
        let (next, prev) = (self.next.get(), self.prev.get());
        // SAFETY: LINKS-LISTED: neighbours are entries of the list, or its end, and alive.
        unsafe { &*prev }.next.set(next);
        // SAFETY: as above.
        unsafe { &*next }.prev.set(prev);
    }
}

/// The list of a binding.
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

// SAFETY: the ring is changed under the lock.
unsafe impl Send for Managed {}

// SAFETY: as for `Send`.
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
                // SAFETY: `ffi_init` gives memory that may be written. INVARIANT: MANAGED-RING: a ring of one.
                unsafe { end.write(links) }
            }),
            unclaimed <- Completion::new(),
        })
    }

    fn end(&self) -> *const Links {
        self.end.get()
    }

    /// Adds an entry as the newest. Any context.
    ///
    /// # Safety
    ///
    /// 1. `entry` must be the head of an entry that is in no list, made by [`Links::new`].
    /// 2. Its memory must stay in place until it is taken off, which its owner does before it frees the memory.
    /// 3. Its release function must be fit to be called, once, on any thread that may sleep, until the binding has ended.
    pub(crate) unsafe fn add(&self, entry: NonNull<Links>) {
        // SAFETY: (1): it is alive, and nobody writes to it but here.
        let links = unsafe { entry.as_ref() };
        links.home.set(self);
        let _guard = self.list.lock();
        // SAFETY: MANAGED-RING: `end` is alive with `self`.
        let end = unsafe { &*self.end() };
        let last = end.prev.get();
        links.next.set(end);
        links.prev.set(last);
        // INVARIANT: LINKS-LISTED, MANAGED-RING: between the last one and the end.
        // SAFETY: MANAGED-RING: entries are alive while they are in the ring.
        unsafe { &*last }.next.set(entry.as_ptr());
        end.prev.set(entry.as_ptr());
    }

    /// Takes an entry off, which the caller then owns alone. Any context.
    ///
    /// # Safety
    ///
    /// The entry must be in this list and not be claimed, and the binding must not be ending, or the caller be what its
    /// end calls to release another entry.
    pub(crate) unsafe fn remove(&self, entry: NonNull<Links>) {
        let _guard = self.list.lock();
        // SAFETY: it is in this list (the caller), so it is alive, and the lock is held.
        unsafe { entry.as_ref() }.unlink();
    }

    /// Takes the newest entry off for which `wanted` holds, by its state.
    fn take(&self, wanted: fn(u8) -> bool) -> Option<NonNull<Links>> {
        let mut list = self.list.lock();
        // SAFETY: MANAGED-RING, here and below: what is in the ring is alive.
        let mut at = unsafe { &*self.end() }.prev.get();
        while !ptr::eq(at, self.end()) {
            // SAFETY: as above.
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
                // A handle has claimed it in between.
                continue;
            }
            if state == CLAIMED && wanted(LISTED) {
                // Older entries have to wait for it.
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
            // SAFETY: it was taken off the list, so it is alive, and is released by this call alone.
            let links = unsafe { entry.as_ref() };
            if let Some(release) = links.release {
                // SAFETY: `add` (3).
                unsafe { release(entry) };
            }
        }
    }

    /// Releases all entries, the newest first, and waits for those that handles have claimed. May sleep.
    pub(crate) fn drain(&self) {
        self.release_all(|state| state != CLAIMED);
    }

    /// Releases the entries that their owners have abandoned, the newest first. May sleep.
    pub(crate) fn release_abandoned(&self) {
        self.release_all(|state| state == ABANDONED);
    }
}
