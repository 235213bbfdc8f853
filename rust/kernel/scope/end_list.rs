// SPDX-License-Identifier: GPL-2.0

//! [`EndList`]: what has to end before something else does, in order of creation.
//!
//! An entry is memory of its owner's choice that begins with an [`EndEntry`]. Its [`Keeper`] says whose memory it is:
//!
//! - An entry that the *list* keeps has a count, or the like, that the list gives up by `put` when all entries have ended.
//!   What one entry still uses while it ends is there.
//! - An entry that its *owner* keeps may be freed by its owner as soon as it has ended. The owner can hand it over to the
//!   list ([`later::hand_over`](super::later::hand_over)).
//!
//! # How an entry begins
//!
//! [`EndList::begin`] comes first, then C gets to know the entry, then [`Starting::add`] puts it on the list. In between the
//! list does not end: `drain` waits. An entry is added even if the list was closed meanwhile, and `drain` then ends it. If
//! a driver's code panics in between, the thread is gone and the entry was never added. So the list never ends: what was
//! started may go on to use what is in the list.
//!
//! # How an entry ends
//!
//! Two may end an entry: its owner, once, and the list by [`EndList::drain`]. The first of them becomes the *ender*. Nobody
//! holds a lock while an entry ends, since the end of one entry may end others.
//!
//! ```text
//!             owner: end()                                  list: drain()
//!
//!   1. ender == null? --no--> 5. wait for `ended`     a. newest entry with ender == null
//!      ender = current             (or return)           ender = current
//!   2. call `end`                                        off the list             [lock held]
//!   3. off the list, and                              b. call `end`
//!      wake drain()  [lock held]                      c. complete `ended`         [lock held]
//!   4. call `put`, if the                             d. nothing left? no: wait, go to a
//!      list keeps it                                  e. call `put` for each entry of a. to c. that the list keeps
//! ```
//!
//! 1. The owner writes its task into `ender`, if that is null. If not, the list is the ender: go to 5. The entry stays
//!    on the list, so the list stays alive: `drain` does not return before all entries are off.
//! 2. The owner calls the entry's `end`.
//! 3. The owner takes the entry off, with the lock held, and wakes `drain` if that waits. After that the list may be gone.
//! 4. The owner has the list's count given up, if there is one. It is done.
//! 5. The owner waits for `ended`. Within the entry's own `end`, that is on the task that is the ender, nobody can wait for
//!    it. An entry that the list keeps outlives that call, so the owner returns at once. (The owner of another one waits
//!    for ever.)
//!
//! The list passes over entries whose owner is the ender, and ends older ones meanwhile:
//!
//! - a. With the lock held, `drain` looks for the newest entry whose `ender` is null, writes its task there, and takes the
//!   entry off.
//! - b. It calls the entry's `end`.
//! - c. It completes `ended`. After that an entry that its owner keeps may be gone.
//! - d. It begins again with a. If only entries are left whose owners are the enders, or which are being started or end
//!   later, it waits until there is one less.
//! - e. It gives up the counts of the entries that it has ended, in the order of their ends.
//!
//! An owner that cannot wait leaves the end to a work item, which has the place of the list then: `later.rs`.
//!
//! # Why this is not the list of managed resources
//!
//! `binding/managed.rs` is another list that is made of a [`Ring`], with another protocol. There a handle that finds an
//! entry taken does not wait, since the value in it is guarded by other means; the end of a binding waits for a claimed
//! entry before it releases an older one, since values use older resources while they are dropped; and an owner who knows
//! that the binding is there takes an entry off without any protocol, with interrupts off if need be. Here everybody waits
//! for the end, a completion for each entry is the price of that, and counts are given up later. One machine for both would
//! need a switch at each step. What both share is the ring.

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
    sync::{Completion, SpinLockIrq, new_spinlock_irq},
};

/// What a list calls for an entry. Both get the [`EndEntry`], with the provenance that [`Starting::add`] got.
pub(crate) struct EndFunctions {
    /// Ends the entry. May sleep.
    pub(crate) end: unsafe fn(NonNull<EndEntry>),
    /// Gives up the list's count of the entry, if the list keeps it. May sleep.
    pub(crate) put: unsafe fn(NonNull<EndEntry>),
}

/// Whose memory an entry is.
#[derive(Clone, Copy)]
pub(crate) struct Keeper(u8);

impl Keeper {
    /// The owner's, who frees it when it has ended.
    pub(crate) const OWNER: Self = Self(0);
    /// The list's, which calls `put`.
    pub(crate) const LIST: Self = Self(1);
    /// The owner's, and the list has ended it.
    const ENDED: Self = Self(2);
}

/// The head of an entry.
///
/// # Invariants
///
/// - END-LISTED: from [`Starting::add`] until its ender takes it off, the entry is in the ring of `list`, which is alive.
/// - END-ONCE: the task that makes `ender` non-null calls `end`, and nobody else does.
#[pin_data]
#[repr(C)]
pub(crate) struct EndEntry {
    link: Link,
    list: Cell<*const EndList>,
    ender: AtomicPtr<bindings::task_struct>,
    functions: &'static EndFunctions,
    /// A [`Keeper`]. Changed by the list, with its lock held, or for the owner that has not ended the entry yet.
    keeper: AtomicU8,
    /// Completed when the list has ended the entry.
    #[pin]
    ended: Completion,
}

// SAFETY: `list` is written before the entry is in a list, and not afterwards.
unsafe impl Send for EndEntry {}

// SAFETY: as for `Send`; all else is for any thread.
unsafe impl Sync for EndEntry {}

impl EndEntry {
    /// Builds an entry that is in no list.
    pub(crate) fn new(functions: &'static EndFunctions, keeper: Keeper) -> impl PinInit<Self> {
        pin_init!(Self {
            link: Link::new(),
            list: Cell::new(ptr::null()),
            ender: AtomicPtr::new(ptr::null_mut()),
            functions,
            keeper: AtomicU8::new(keeper.0),
            ended <- Completion::new(),
        })
    }

    /// Ends an entry before its list does, or waits until the list has ended it. Context: process context; may sleep.
    ///
    /// Returns at once if called by the `end` of this entry, and the list keeps the entry.
    ///
    /// # Safety
    ///
    /// 1. `entry` must have been added to a list, and its owner must not have ended it before, nor handed it over.
    /// 2. The caller must keep the entry alive until this returns, by a count of its own if the entry has counts.
    pub(crate) unsafe fn end(entry: NonNull<Self>) {
        // SAFETY: a reference requires a live entry: (2).
        let this = unsafe { entry.as_ref() };
        let kept_by_list = this.is_kept_by_list();
        // INVARIANT: END-ONCE: step 1.
        if let Err(ender) = this.claim() {
            // Step 5.
            if !kept_by_list || ender != current() {
                this.ended.wait_for_completion();
            }
            return;
        }
        // SAFETY: `add` (3): END-ONCE: this is the one call. Step 2.
        unsafe { (this.functions.end)(entry) };
        this.take_off();
        if kept_by_list {
            // SAFETY: `add` (3): the entry is off the list, and this is the one call. Step 4.
            unsafe { (this.functions.put)(entry) };
        }
    }

    /// Whether the list has a count of the entry. The owner alone makes it so.
    fn is_kept_by_list(&self) -> bool {
        self.keeper.load(Ordering::Acquire) == Keeper::LIST.0
    }

    fn set_keeper(&self, keeper: Keeper) {
        self.keeper.store(keeper.0, Ordering::Release);
    }

    /// Makes the current task the ender, or tells which one is.
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

    /// The list.
    ///
    /// # Safety
    ///
    /// The caller must be the ender, and the entry on the list, or count as one that ends later.
    unsafe fn list(&self) -> &EndList {
        // SAFETY: a reference requires a live list: END-LISTED, or `busy` counts the entry.
        unsafe { &*self.list.get() }
    }

    /// Step 3, for the owner that is the ender.
    fn take_off(&self) {
        // SAFETY: `list` requires that the caller is the ender of an entry on the list: so it is.
        let list = unsafe { self.list() };
        let entries = list.entries.lock();
        // SAFETY: `remove` requires a link in this ring: END-LISTED, and the ender alone takes it off.
        unsafe { entries.ring.remove(NonNull::from(&self.link)) };
        list.wake(&entries);
    }

    /// Becomes the ender for an owner that does not wait, and takes the entry off. The list waits until
    /// [`end_taken`](Self::end_taken). Context: any but NMI.
    ///
    /// `false` if the list is the ender.
    pub(super) fn take_for_later(&self) -> bool {
        if self.claim().is_err() {
            return false;
        }
        // SAFETY: `list` requires that the caller is the ender of an entry on the list: so it is.
        let list = unsafe { self.list() };
        let entries = list.entries.lock();
        // SAFETY: `remove` requires a link in this ring: END-LISTED, and the ender alone takes it off.
        unsafe { entries.ring.remove(NonNull::from(&self.link)) };
        entries.busy.set(entries.busy.get() + 1);
        true
    }

    /// Makes the list keep the entry, for the ender. Context: any but NMI.
    ///
    /// # Safety
    ///
    /// The caller must be the ender.
    pub(super) unsafe fn keep_by_list(&self) {
        self.set_keeper(Keeper::LIST);
    }

    /// Makes the list keep the entry that it is ending. `false` if it has ended: the owner keeps it. Context: any but NMI.
    ///
    /// If this returns `true`, the entry may be gone.
    ///
    /// # Safety
    ///
    /// The list must be the ender, and alive as long as the module. The entry must be alive, and kept by its owner, who
    /// calls.
    pub(super) unsafe fn hand_over(entry: NonNull<Self>) -> bool {
        // SAFETY: a reference requires a live entry: the caller says so. It is not used after the lock was released.
        let this = unsafe { entry.as_ref() };
        // SAFETY: a reference requires a live list: the caller says so.
        let _entries = unsafe { &*this.list.get() }.entries.lock();
        let has_ended = this.keeper.load(Ordering::Acquire) == Keeper::ENDED.0;
        if !has_ended {
            this.set_keeper(Keeper::LIST);
        }
        !has_ended
    }

    /// Ends an entry, and has the list's count given up. Context: process context; may sleep.
    ///
    /// # Safety
    ///
    /// `entry` must be one for which [`take_for_later`](Self::take_for_later) has returned `true`, and that the list
    /// keeps; no other such call may have been made.
    pub(super) unsafe fn end_taken(entry: NonNull<Self>) {
        // SAFETY: a reference requires a live entry: the list has a count until `put`.
        let this = unsafe { entry.as_ref() };
        // SAFETY: `list` requires that the entry counts as one that ends later: `take_for_later` has counted it.
        let list = unsafe { this.list() };
        // SAFETY: `add` (3): END-ONCE: this is the one call.
        unsafe { (this.functions.end)(entry) };
        // Before the list may end: what the entry has may borrow from what goes then.
        // SAFETY: `add` (3): it has ended, and this is the one call.
        unsafe { (this.functions.put)(entry) };
        list.one_less();
    }
}

/// The task that runs here, as the name of an ender.
fn current() -> *mut bindings::task_struct {
    // SAFETY: the shim reads which task runs; there always is one.
    unsafe { bindings::lb_current() }
}

/// A list of what has to end.
///
/// The lock is held for a few instructions. While it is held, no function of an entry is called.
#[pin_data]
pub(crate) struct EndList {
    /// A spin lock, since its memory may go as soon as it was released: a mutex is still used then.
    #[pin]
    entries: SpinLockIrq<EndEntries>,
    /// Completed once for each time that `waited_for` was set.
    #[pin]
    changed: Completion,
}

/// What the lock of an [`EndList`] protects.
#[pin_data]
struct EndEntries {
    /// All links in it head an `EndEntry` (the requirements of [`Starting::add`]).
    #[pin]
    ring: Ring,
    /// How many entries are being started, or are off the list and end later.
    busy: Cell<usize>,
    /// Whether `drain` waits for something to change.
    waited_for: Cell<bool>,
    /// Whether nothing can be begun any more.
    closed: Cell<bool>,
}

/// What `drain` does next.
enum Next {
    /// End this entry, which is off the list.
    End(NonNull<EndEntry>),
    /// Wait until others have added an entry, taken one off, or ended one.
    Wait,
    /// All entries are off the list, none is being started, and none ends later.
    Nothing,
}

impl EndList {
    /// Builds an empty list that is open.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            entries <- new_spinlock_irq!(
                pin_init!(EndEntries {
                    ring <- Ring::new(),
                    busy: Cell::new(0),
                    waited_for: Cell::new(false),
                    closed: Cell::new(false),
                }),
                "lifebound_end_list"
            ),
            changed <- Completion::new(),
        })
    }

    /// Begins to start an entry. Context: process context.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the list is closed.
    pub(crate) fn begin(&self) -> Result<Starting<'_>> {
        let entries = self.entries.lock();
        if entries.closed.get() {
            return Err(ENODEV);
        }
        entries.busy.set(entries.busy.get() + 1);
        Ok(Starting(self))
    }

    /// Takes back one from `busy`.
    fn one_less(&self) {
        let entries = self.entries.lock();
        entries.busy.set(entries.busy.get() - 1);
        self.wake(&entries);
    }

    /// Wakes `drain` if it waits. With the lock held: when it is released, the list may be gone.
    fn wake(&self, entries: &EndEntries) {
        if entries.waited_for.take() {
            self.changed.complete();
        }
    }

    /// Closes the list: from now on nothing can be begun. Context: process context.
    pub(crate) fn close(&self) {
        self.entries.lock().closed.set(true);
    }

    /// Ends all entries, the newest first, and waits for those that others are starting or ending. Context: process context;
    /// may sleep.
    ///
    /// One task at a time may drain a list.
    pub(crate) fn drain(&self) {
        pin_init::stack_pin_init!(let ended = Ring::new());
        loop {
            match self.next() {
                Next::End(entry) => self.end_entry(entry, &ended),
                // Step d.
                Next::Wait => self.changed.wait_for_completion(),
                Next::Nothing => break,
            }
        }
        // Step e, in order of the ends: each is removed before its memory may go.
        while let Some(link) = ended.oldest() {
            // SAFETY: `remove` requires a link in this ring: `oldest` has found it there.
            unsafe { ended.remove(link) };
            let entry = link.cast::<EndEntry>();
            // SAFETY: a reference requires a live entry: the list still has its count.
            let put = unsafe { entry.as_ref() }.functions.put;
            // SAFETY: `add` (3): the entry has ended, and this is the one call.
            unsafe { put(entry) };
        }
    }

    /// Steps b and c, for an entry that was taken off. One that the list keeps is added to `ended`.
    fn end_entry(&self, entry: NonNull<EndEntry>, ended: &Ring) {
        // SAFETY: a reference requires a live entry: `add` (2), it has not ended.
        let this = unsafe { entry.as_ref() };
        // SAFETY: `add` (3): END-ONCE: this is the one call.
        unsafe { (this.functions.end)(entry) };
        let _entries = self.entries.lock();
        if this.is_kept_by_list() {
            // SAFETY: `add` requires (1) a link in no ring: it was taken off; (2) a link that stays in place: `drain`
            // removes it before it gives up the list's count.
            unsafe { ended.add(entry.cast()) };
        } else {
            this.set_keeper(Keeper::ENDED);
        }
        // The last use of an entry that its owner keeps. The owner goes on only when C's function has left the completion
        // alone, or has had the lock.
        this.ended.complete_all();
    }

    /// Step a, or what is to be done instead.
    fn next(&self) -> Next {
        let entries = self.entries.lock();
        for link in entries.ring.newest_first() {
            let entry = link.cast::<EndEntry>();
            // SAFETY: a reference requires a live entry: a link in the ring heads one, and is alive (RING-LINKED).
            // INVARIANT: END-ONCE: this task ends it if it is the ender now.
            if unsafe { entry.as_ref() }.claim().is_ok() {
                // SAFETY: `remove` requires a link in this ring, as this one is. The iterator is not used again.
                unsafe { entries.ring.remove(link) };
                return Next::End(entry);
            }
        }
        if entries.ring.is_empty() && entries.busy.get() == 0 {
            return Next::Nothing;
        }
        entries.waited_for.set(true);
        Next::Wait
    }
}

/// An entry for a list is being started. The list does not end until this is dropped, or has become an entry.
///
/// A panic drops nothing, so then the list never ends: what C knows by then stays.
#[must_use = "while it is there, the list does not end"]
pub(crate) struct Starting<'a>(&'a EndList);

impl Starting<'_> {
    /// Adds what was started as the newest entry. Context: process context.
    ///
    /// # Safety
    ///
    /// 1. `entry` must be a new entry that is in no list, with the provenance that its functions need.
    /// 2. The entry must stay alive and in place until it has ended. For an entry that it keeps the list gets a count, or the
    ///    like, which it gives up by calling `put`.
    /// 3. Its functions must be fit to be called, once each and `end` first, on any thread that may sleep, until
    ///    [`drain`](EndList::drain) has returned.
    /// 4. The list must be drained before its memory, or the module, goes.
    pub(crate) unsafe fn add(self, entry: NonNull<EndEntry>) {
        let list = ManuallyDrop::new(self).0;
        // INVARIANT: END-LISTED: it is about to be in the ring of `list`, which is alive until it was drained (4).
        // SAFETY: a reference requires a live entry: (2).
        unsafe { entry.as_ref() }.list.set(list);
        let entries = list.entries.lock();
        // SAFETY: `add` requires (1) a link in no ring: (1); (2) a link that stays in place until it is removed: the ender
        // takes it off before the entry's memory may go (2), and entries are `Sync`.
        unsafe { entries.ring.add(entry.cast()) };
        entries.busy.set(entries.busy.get() - 1);
        list.wake(&entries);
    }
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        self.0.one_less();
    }
}

#[cfg(lifebound_kunit)]
mod kunit;
