// SPDX-License-Identifier: GPL-2.0

//! [`EndList`]: entries that have to end before something else does, in order of creation.
//!
//! An entry is memory of its owner's choice that begins with an [`EndEntry`]. Its [`Keeper`] says
//! whose memory it is:
//!
//! - If the *list* keeps the entry, the list owns a count of it, or something like a count. The
//!   list gives the count up by `put` when all entries have ended. So an entry finds there what it
//!   still uses while it ends.
//! - If the *owner* keeps the entry, the owner may free it as soon as it has ended. The owner can
//!   hand the entry over to the list ([`later::hand_over`](super::later::hand_over)).
//!
//! # How an entry begins
//!
//! 1. [`EndList::begin`] is called.
//! 2. C gets to know the entry.
//! 3. [`Starting::add`] puts the entry on the list.
//!
//! The list does not end in between: `drain` waits. An entry is added even if the list was closed
//! meanwhile, and `drain` then ends it. If a driver's code panics in between, the thread is gone
//! and the entry is never added. So the list never ends, because what was started may go on to use
//! other entries of the list.
//!
//! # How an entry ends
//!
//! An entry has two possible enders: its owner, once, and the list by [`EndList::drain`]. The first
//! of them becomes the *ender*. Nobody holds a lock while an entry ends, since the end of one entry
//! may end others.
//!
//! ```text
//!             owner: end()                                  list: drain()
//!
//!   1. ender == null? --no--> 5. wait for `ended`     a. newest entry with ender == null
//!      ender = current             (or return)           ender = current
//!   2. call `end`                                        off the list             [lock held]
//!   3. off the list, and                              b. call `end`
//!      wake drain()  [lock held]                      c. let `ended` happen       [lock held]
//!   4. call `put`, if the                             d. nothing left? no: wait, go to a
//!      list keeps it                                  e. call `put` for each entry of a. to c.
//!                                                        that the list keeps
//! ```
//!
//! 1. The owner writes its task into `ender`, if that is null. If it is not null, the list is the
//!    ender, and the owner goes to 5. The entry stays on the list, so the list stays alive: `drain`
//!    does not return before all entries are off.
//! 2. The owner calls the entry's `end`.
//! 3. The owner takes the entry off, with the lock held, and wakes `drain` if `drain` waits. After
//!    that the list may be gone.
//! 4. The owner gives up the list's count by `put`, if the list has one. The owner is done.
//! 5. The owner waits for `ended`. The entry's own `end` runs on the ender's task, and cannot wait
//!    for itself. An entry that the list keeps outlives that call, so there the owner returns at
//!    once. The owner of an entry that it keeps itself waits for ever.
//!
//! The list passes over entries whose owner is the ender, and ends older ones meanwhile:
//!
//! - a. With the lock held, `drain` looks for the newest entry whose `ender` is null, writes its
//!   task there, and takes the entry off.
//! - b. `drain` calls the entry's `end`.
//! - c. `drain` lets `ended` happen. After that an entry that its owner keeps may be gone.
//! - d. `drain` begins again with a. The entries that are left may all belong to others: their
//!   owners are the enders, or they are being started, or they end later. Then `drain` waits until
//!   there is one less.
//! - e. `drain` gives up the counts of the entries that it has ended, in the order of their ends.
//!
//! An owner that cannot wait leaves the end to a work item, which then takes the place of the list:
//! `later.rs`.
//!
//! # Why this is not the list of managed resources
//!
//! `binding/managed.rs` is another list that is made of a [`Ring`]. Its protocol differs in three
//! ways:
//!
//! - A handle that finds its entry taken does not wait, since other means guard the value in it.
//! - The end of a binding waits for a claimed entry before it releases an older one, since values
//!   use older resources while they are dropped.
//! - An owner that knows that the binding exists takes an entry off without any protocol, with
//!   interrupts off if need be.
//!
//! In this list everybody waits for the end, and counts are given up later. One machine for both
//! would need a switch at each step. Both share the ring.

use core::{
    cell::Cell,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, AtomicU8, Ordering},
};

use pin_init::{PinInit, pin_data, pin_init};

use crate::{
    bindings,
    error::{Result, code::ENODEV},
    ring::{Link, Ring},
    sync::{
        SpinLockIrq,
        completion::{Event, Waiter},
        new_spinlock_irq,
    },
};

/// The functions that a list calls for an entry. Both get the [`EndEntry`], with the provenance
/// that [`Starting::add`] got.
pub(crate) struct EndFunctions {
    /// Ends the entry.
    ///
    /// Context: process context; may sleep.
    pub(crate) end: unsafe fn(NonNull<EndEntry>),
    /// Gives up the list's count of the entry, if the list keeps it.
    ///
    /// Context: process context; may sleep.
    pub(crate) put: unsafe fn(NonNull<EndEntry>),
}

/// Says whose memory an entry is.
#[derive(Clone, Copy)]
pub(crate) struct Keeper(u8);

impl Keeper {
    /// The owner keeps the entry, and frees it when it has ended.
    pub(crate) const OWNER: Self = Self(0);
    /// The list keeps the entry, and calls `put`.
    pub(crate) const LIST: Self = Self(1);
    /// The owner keeps the entry, and the list has ended it.
    const ENDED: Self = Self(2);
}

/// The head of an entry.
///
/// # Invariants
///
/// - END-LISTED: from [`Starting::add`] until its ender takes it off, the entry is in the ring of
///   `list`, which is alive.
/// - END-ONCE: the task that makes `ender` non-null calls `end`, and nobody else does.
#[repr(C)]
pub(crate) struct EndEntry {
    link: Link,
    list: Cell<*const EndList>,
    ender: AtomicPtr<bindings::task_struct>,
    functions: &'static EndFunctions,
    /// A [`Keeper`]. The list changes it with its lock held. Otherwise it changes on behalf of an
    /// owner that has not ended the entry yet.
    keeper: AtomicU8,
    /// The list has ended the entry. The owner may wait for it.
    ended: Event,
}

// SAFETY: `Send` requires that any thread may own the entry: `list` is written before the entry is
// in a list, and not afterwards. The functions may be called on any thread (`Starting::add`, 3).
unsafe impl Send for EndEntry {}

// SAFETY: `Sync` requires that threads may share the entry: the same holds as for `Send`, and all
// other fields are atomic or `Sync`.
unsafe impl Sync for EndEntry {}

impl EndEntry {
    /// An entry that is in no list.
    pub(crate) const fn new(functions: &'static EndFunctions, keeper: Keeper) -> Self {
        Self {
            link: Link::new(),
            list: Cell::new(ptr::null()),
            ender: AtomicPtr::new(ptr::null_mut()),
            functions,
            keeper: AtomicU8::new(keeper.0),
            ended: Event::new(),
        }
    }

    /// Ends an entry before its list does, or waits until the list has ended it. If the `end` of
    /// this entry calls this function, and the list keeps the entry, it returns at once.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Safety
    ///
    /// 1. `entry` must have been added to a list. Its owner must neither have ended it before, nor
    ///    have handed it over.
    /// 2. The caller must keep the entry alive until this function returns, by a count of its own
    ///    if the entry has counts.
    pub(crate) unsafe fn end(entry: NonNull<Self>) {
        // SAFETY: `as_ref` requires a live entry: the caller keeps it alive (2).
        let this = unsafe { entry.as_ref() };
        let kept_by_list = this.is_kept_by_list();
        // INVARIANT: END-ONCE: the task becomes the ender, or is not. This is step 1.
        if let Err(ender) = this.claim() {
            // Step 5.
            if !kept_by_list || ender != current() {
                this.ended.wait();
            }
            return;
        }
        // Step 2.
        // SAFETY: `end` requires a started entry, and one call, on a thread that may sleep. The
        // entry was added (1); this task is the ender (END-ONCE); the caller may sleep.
        unsafe { (this.functions.end)(entry) };
        // Step 3.
        // SAFETY: `take_off` requires the ender of an entry on the list: this task is the ender,
        // and has not taken the entry off before.
        unsafe { this.take_off(|entries| entries.waiter.wake()) };
        if kept_by_list {
            // Step 4.
            // SAFETY: `put` requires an entry that has ended, and one call. The entry has ended and
            // is off the list, and the ender alone comes here.
            unsafe { (this.functions.put)(entry) };
        }
    }

    /// Whether the list has a count of the entry. Only the owner makes it so.
    fn is_kept_by_list(&self) -> bool {
        self.keeper.load(Ordering::Acquire) == Keeper::LIST.0
    }

    fn set_keeper(&self, keeper: Keeper) {
        self.keeper.store(keeper.0, Ordering::Release);
    }

    /// Makes the current task the ender, or says which task is.
    fn claim(&self) -> Result<(), *mut bindings::task_struct> {
        self.ender
            .compare_exchange(
                ptr::null_mut(),
                current(),
                Ordering::AcqRel,
                Ordering::Acquire,
            )
            .map(drop)
    }

    /// The list of the entry.
    ///
    /// # Safety
    ///
    /// The caller must be the ender. The entry must be on the list, or be counted as one that ends
    /// later.
    unsafe fn list(&self) -> &EndList {
        // SAFETY: a reference requires a live list: END-LISTED says so of an entry on the list, and
        // `drain` waits for an entry that `busy` counts.
        unsafe { &*self.list.get() }
    }

    /// Takes the entry off the list, and calls `then` before it releases the lock.
    ///
    /// # Safety
    ///
    /// The caller must be the ender of an entry on the list.
    unsafe fn take_off(&self, then: impl FnOnce(&EndEntries)) {
        // SAFETY: `list` requires that the caller is the ender of an entry on the list: the caller
        // vouches for it.
        let list = unsafe { self.list() };
        let entries = list.entries.lock();
        // SAFETY: `remove` requires a link in this ring: END-LISTED says that it is there, and only
        // the ender takes it off.
        unsafe { entries.ring.remove(NonNull::from(&self.link)) };
        then(&entries);
    }

    /// Becomes the ender for an owner that does not wait, and takes the entry off. The list waits
    /// until [`end_taken`](Self::end_taken). Returns `false` if the list is the ender.
    ///
    /// Context: any context but NMI.
    pub(super) fn take_for_later(&self) -> bool {
        if self.claim().is_err() {
            return false;
        }
        // SAFETY: `take_off` requires the ender of an entry on the list: `claim` has just
        // succeeded, and the entry was not taken off before.
        unsafe { self.take_off(|entries| entries.busy.set(entries.busy.get() + 1)) };
        true
    }

    /// Makes the list keep the entry, on behalf of the ender.
    ///
    /// Context: any context but NMI.
    ///
    /// # Safety
    ///
    /// The caller must be the ender.
    pub(super) unsafe fn keep_by_list(&self) {
        self.set_keeper(Keeper::LIST);
    }

    /// Makes the list keep the entry that the list is ending. Returns `false` if the entry has
    /// ended: then its owner keeps it. If this returns `true`, the entry may be gone.
    ///
    /// Context: any context but NMI.
    ///
    /// # Safety
    ///
    /// 1. The list must be the ender, and alive for as long as the module.
    /// 2. The entry must be alive, and kept by its owner, which must be the caller.
    pub(super) unsafe fn hand_over(entry: NonNull<Self>) -> bool {
        // SAFETY: `as_ref` requires a live entry: (2). The reference is not used after the lock was
        // released.
        let this = unsafe { entry.as_ref() };
        // SAFETY: a reference requires a live list: (1).
        let _entries = unsafe { &*this.list.get() }.entries.lock();
        let has_ended = this.keeper.load(Ordering::Acquire) == Keeper::ENDED.0;
        if !has_ended {
            this.set_keeper(Keeper::LIST);
        }
        !has_ended
    }

    /// Ends an entry, and gives up the list's count of it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Safety
    ///
    /// 1. [`take_for_later`](Self::take_for_later) must have returned `true` for `entry`, and the
    ///    list must keep it.
    /// 2. This function must not have been called for `entry` before.
    pub(super) unsafe fn end_taken(entry: NonNull<Self>) {
        // SAFETY: `as_ref` requires a live entry: the list keeps it (1), and has its count until
        // `put`.
        let this = unsafe { entry.as_ref() };
        // SAFETY: `list` requires that the entry is counted as one that ends later:
        // `take_for_later` has counted it (1).
        let list = unsafe { this.list() };
        // SAFETY: `end` requires a started entry, and one call, on a thread that may sleep:
        // `take_for_later` made its caller the ender (END-ONCE), and this is the one call for it
        // (2).
        unsafe { (this.functions.end)(entry) };
        // The count is given up before the list may end: the entry's fields may borrow from what
        // goes then.
        // SAFETY: `put` requires an entry that has ended, and one call: the line above has ended
        // it, and (2) allows one call.
        unsafe { (this.functions.put)(entry) };
        list.one_less();
    }
}

/// The task that runs here. It stands for an ender.
fn current() -> *mut bindings::task_struct {
    // SAFETY: `lb_current()` requires nothing: it reads which task runs, and there always is one.
    unsafe { bindings::lb_current() }
}

/// A list of entries that have to end.
///
/// The lock is held for a few instructions. While it is held, no function of an entry is called.
#[pin_data]
pub(crate) struct EndList {
    /// A spin lock, because the list's memory may go as soon as the lock was released. A mutex is
    /// still used at that moment.
    #[pin]
    entries: SpinLockIrq<EndEntries>,
}

/// The data that the lock of an [`EndList`] protects.
#[pin_data]
struct EndEntries {
    /// Each link in it is the head of an `EndEntry`, see the requirements of [`Starting::add`].
    #[pin]
    ring: Ring,
    /// The number of entries that are being started, or are off the list and end later, and
    /// [`CLOSED`] if the list is closed.
    busy: Cell<usize>,
    /// The thread in `drain` that waits for a change.
    waiter: Waiter,
}

/// The list is closed: nothing can be begun any more. No count reaches this bit, since each entry
/// has memory of its own.
const CLOSED: usize = 1 << (usize::BITS - 1);

impl EndEntries {
    fn is_closed(&self) -> bool {
        self.busy.get() & CLOSED != 0
    }
}

impl EndList {
    /// Builds an empty list that is open.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            entries <- new_spinlock_irq!(
                pin_init!(EndEntries {
                    ring <- Ring::new(),
                    busy: Cell::new(0),
                    waiter: Waiter::new(),
                }),
                "lifebound_end_list"
            ),
        })
    }

    /// Begins to start an entry.
    ///
    /// Context: process context.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the list is closed.
    pub(crate) fn begin(&self) -> Result<Starting<'_>> {
        let entries = self.entries.lock();
        if entries.is_closed() {
            return Err(ENODEV);
        }
        entries.busy.set(entries.busy.get() + 1);
        Ok(Starting(self))
    }

    /// Adds an entry that needs no start as the newest: what [`begin`](Self::begin) and
    /// [`Starting::add`] do, with the lock taken once.
    ///
    /// Context: process context.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the list is closed. The entry is in no list then.
    ///
    /// # Safety
    ///
    /// The requirements are those of [`Starting::add`]; (2) to (4) if this succeeds.
    pub(crate) unsafe fn add(&self, entry: NonNull<EndEntry>) -> Result {
        // INVARIANT: END-LISTED: it is about to be in the ring of this list, which is alive until
        // it was drained (4).
        // SAFETY: a reference requires a live entry: (1).
        unsafe { entry.as_ref() }.list.set(self);
        let entries = self.entries.lock();
        if entries.is_closed() {
            return Err(ENODEV);
        }
        // SAFETY: `add` requires (1) a link in no ring: (1); (2) a link that stays in place until
        // it is removed: the ender takes it off before the entry's memory may go (2), and entries
        // are `Sync`.
        unsafe { entries.ring.add(entry.cast()) };
        Ok(())
    }

    /// Subtracts one from `busy`.
    fn one_less(&self) {
        let entries = self.entries.lock();
        entries.busy.set(entries.busy.get() - 1);
        // This happens before the lock is released: afterwards the list may be gone.
        entries.waiter.wake();
    }

    /// Closes the list: from now on nothing can be begun.
    ///
    /// Context: process context.
    pub(crate) fn close(&self) {
        let entries = self.entries.lock();
        entries.busy.set(entries.busy.get() | CLOSED);
    }

    /// Ends all entries, the newest first, and waits for those that others are starting or ending.
    /// Only one task at a time may drain a list.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn drain(&self) {
        pin_init::stack_pin_init!(let ended = Ring::new());
        while let Some(entry) = self.next() {
            self.end_entry(entry, &ended);
        }
        // Step e, in order of the ends: each entry is removed before its memory may go.
        while let Some(link) = ended.oldest() {
            // SAFETY: `remove` requires a link in this ring: `oldest` has found it there.
            unsafe { ended.remove(link) };
            let entry = link.cast::<EndEntry>();
            // SAFETY: `as_ref` requires a live entry: the list still has its count.
            let put = unsafe { entry.as_ref() }.functions.put;
            // SAFETY: `put` requires an entry that has ended, and one call: `end_entry` has ended
            // it and put it into `ended`, from which it was just removed.
            unsafe { put(entry) };
        }
    }

    /// Takes steps b and c, for an entry that was taken off. An entry that the list keeps is added
    /// to `ended`.
    fn end_entry(&self, entry: NonNull<EndEntry>, ended: &Ring) {
        // SAFETY: `as_ref` requires a live entry: it has not ended, and lives until then
        // (`Starting::add`, 2).
        let this = unsafe { entry.as_ref() };
        // SAFETY: `end` requires a started entry, and one call, on a thread that may sleep: `next`
        // made this task the ender (END-ONCE), and `drain` may sleep.
        unsafe { (this.functions.end)(entry) };
        let _entries = self.entries.lock();
        if this.is_kept_by_list() {
            // SAFETY: `add` requires (1) a link in no ring, (2) a link that stays alive and in
            // place. (1) `next` took it off. (2) `drain` removes it before it gives up the list's
            // count.
            unsafe { ended.add(entry.cast()) };
        } else {
            this.set_keeper(Keeper::ENDED);
        }
        // This is the last use of an entry that its owner keeps.
        this.ended.happen();
    }

    /// Takes steps a and d: takes an entry off the list, for which this may wait. Returns `None` if
    /// all entries are off, none is being started, and none ends later.
    fn next(&self) -> Option<NonNull<EndEntry>> {
        loop {
            let entries = self.entries.lock();
            for link in entries.ring.newest_first() {
                let entry = link.cast::<EndEntry>();
                // SAFETY: `as_ref` requires a live entry: a link in the ring is the head of one,
                // and is alive (RING-LINKED).
                // INVARIANT: END-ONCE: this task ends the entry if it is the ender now.
                if unsafe { entry.as_ref() }.claim().is_ok() {
                    // SAFETY: `remove` requires (1) a link in this ring, (2) that an iterator which
                    // returned it last is not used again. (1) The iterator found it there. (2) The
                    // function returns.
                    unsafe { entries.ring.remove(link) };
                    return Some(entry);
                }
            }
            if entries.ring.is_empty() && entries.busy.get() & !CLOSED == 0 {
                return None;
            }
            // Step d: others add an entry, take one off, or end one.
            Waiter::wait(entries, |entries| &entries.waiter);
        }
    }
}

/// An entry for a list, which is being started. The list does not end until this is dropped, or has
/// become an entry.
///
/// A panic drops nothing. Then the list never ends: what C knows by then stays.
#[must_use = "while it is there, the list does not end"]
pub(crate) struct Starting<'a>(&'a EndList);

impl Starting<'_> {
    /// Adds what was started as the newest entry.
    ///
    /// Context: process context.
    ///
    /// # Safety
    ///
    /// 1. `entry` must be a new entry that is in no list, with the provenance that its functions
    ///    need.
    /// 2. The entry must stay alive and in place until it has ended. If the list keeps the entry, a
    ///    count or something like it passes to the list, which gives it up by calling `put`.
    /// 3. Its functions must be fit to be called, once each and `end` first, on any thread that may
    ///    sleep, until [`drain`](EndList::drain) has returned.
    /// 4. The list must be drained before its memory or the module goes.
    pub(crate) unsafe fn add(self, entry: NonNull<EndEntry>) {
        let list = ManuallyDrop::new(self).0;
        // INVARIANT: END-LISTED: the lines below put it into the ring of `list`, which is alive
        // until it was drained (4).
        // SAFETY: `as_ref` requires a live entry: (2).
        unsafe { entry.as_ref() }.list.set(list);
        let entries = list.entries.lock();
        // SAFETY: `add` requires (1) a link in no ring, (2) a link that stays alive and in place,
        // and that any thread may reach, until it is removed. (1) The entry is in no list (1). (2)
        // The ender takes it off before the entry's memory may go (2), and entries are `Sync`.
        unsafe { entries.ring.add(entry.cast()) };
        entries.busy.set(entries.busy.get() - 1);
        entries.waiter.wake();
    }
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        self.0.one_less();
    }
}

#[cfg(lifebound_kunit)]
mod kunit;
