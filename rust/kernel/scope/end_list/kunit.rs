// SPDX-License-Identifier: GPL-2.0

//! Tests of the ends of entries: their enders, their order, and which thread waits for which.
//!
//! Each entry has a letter. Its end writes the letter into the log, and `put` writes it in upper
//! case.

use core::{
    pin::Pin,
    sync::atomic::{AtomicU8, AtomicUsize},
};

use super::{super::later, *};
use crate::{
    init::never_fails,
    kunit::{Thread, driver::wait_until},
    prelude::*,
    sync::{
        Arc, Completion,
        atomic::{Atomic, Relaxed},
    },
    time::{
        Delta,
        delay::{fsleep, udelay},
    },
};

/// The number of times that a race is run.
const ROUNDS: u32 = 50;

/// A list, and a log of what happens to its entries.
#[pin_data]
struct Bench {
    #[pin]
    list: EndList,
    log: [AtomicU8; 32],
    used: AtomicUsize,
    /// An entry that waits has begun to end.
    #[pin]
    begun: Completion,
    /// Lets an entry that waits go on.
    #[pin]
    go: Completion,
}

impl Bench {
    fn new() -> Result<Arc<Self>> {
        let bench = pin_init!(Self {
            list <- EndList::new(),
            log: [const { AtomicU8::new(0) }; 32],
            used: AtomicUsize::new(0),
            begun <- Completion::new(),
            go <- Completion::new(),
        });
        Arc::pin_init::<Error>(never_fails(bench), GFP_KERNEL)
    }

    fn note(&self, letter: u8) {
        let at = self.used.fetch_add(1, Ordering::AcqRel);
        if let Some(place) = self.log.get(at) {
            place.store(letter, Ordering::Release);
        }
    }

    /// Fails the test if something else has happened.
    #[track_caller]
    fn expect(&self, log: &str) {
        let mut have = [0; 32];
        for (have, letter) in have.iter_mut().zip(&self.log) {
            *have = letter.load(Ordering::Acquire);
        }
        let have = &have[..self.used.load(Ordering::Acquire).min(32)];
        let have = core::str::from_utf8(have).unwrap_or("?");
        crate::kunit_assert_eq!(have, log);
    }

    /// Drains the list on another thread. The flag says when that has returned.
    fn drain_elsewhere(self: &Arc<Self>) -> Result<(Thread, Arc<Atomic<u32>>)> {
        let done = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let (bench, flag) = (self.clone(), done.clone());
        let thread = Thread::spawn(move || {
            bench.list.drain();
            flag.store(1, Relaxed);
        })?;
        Ok((thread, done))
    }
}

/// The action of an entry while it ends.
enum Action {
    Nothing,
    /// Ends itself once more.
    EndItself,
    /// Ends another entry.
    End(Arc<Noted>),
    /// Adds another entry.
    Add(Arc<Noted>),
    /// Waits for `Bench::go`.
    Wait,
}

/// An entry with a count.
#[pin_data]
#[repr(C)]
struct Noted {
    head: EndEntry,
    bench: Arc<Bench>,
    letter: u8,
    action: Action,
}

const NOTED: &EndFunctions = &EndFunctions {
    end: end_noted,
    put: put_noted,
};

/// # Safety
///
/// `entry` must head a live `Noted`.
unsafe fn end_noted(entry: NonNull<EndEntry>) {
    // SAFETY: `as_ref` requires a live entry: the caller vouches for it.
    let noted = unsafe { entry.cast::<Noted>().as_ref() };
    match &noted.action {
        Action::Nothing => {}
        // SAFETY: `end` requires (1) an entry that its owner has not ended, (2) a live entry. (1)
        // The tests have not ended it. (2) The list has a count of it.
        Action::EndItself => unsafe { EndEntry::end(entry) },
        Action::End(other) => other.end(),
        Action::Add(other) => crate::kunit_assert_eq!(other.add(), Ok(())),
        Action::Wait => {
            noted.bench.begun.complete();
            noted.bench.go.wait_for_completion();
        }
    }
    noted.bench.note(noted.letter);
}

/// # Safety
///
/// `entry` must head a `Noted`; a count passes to this function.
unsafe fn put_noted(entry: NonNull<EndEntry>) {
    // SAFETY: `from_raw` requires a pointer of `as_ptr`, and a count: `add` made both.
    let noted = unsafe { Arc::from_raw(entry.as_ptr().cast_const().cast::<Noted>()) };
    noted.bench.note(noted.letter.to_ascii_uppercase());
}

impl Noted {
    fn new(bench: &Arc<Bench>, letter: u8, action: Action) -> Result<Arc<Self>> {
        let bench = bench.clone();
        let init = pin_init!(Self {
            head: EndEntry::new(NOTED, Keeper::LIST),
            bench,
            letter,
            action,
        });
        Arc::pin_init::<Error>(never_fails(init), GFP_KERNEL)
    }

    /// A new entry that is in the list.
    fn added(bench: &Arc<Bench>, letter: u8, action: Action) -> Result<Arc<Self>> {
        let noted = Self::new(bench, letter, action)?;
        noted.add()?;
        Ok(noted)
    }

    fn as_head(self: &Arc<Self>) -> NonNull<EndEntry> {
        NonNull::new(Arc::as_ptr(self).cast_mut())
            .unwrap_or(NonNull::dangling())
            .cast()
    }

    fn add(self: &Arc<Self>) -> Result {
        self.add_started(self.bench.list.begin()?);
        Ok(())
    }

    fn add_started(self: &Arc<Self>, starting: Starting<'_>) {
        core::mem::forget(self.clone());
        // SAFETY: `add` requires (1) an entry in no list, (2) that it stays alive, (3) functions
        // that are fit, (4) a drain. (1) The tests add each entry once. (2) The list has the
        // clone's count. (3) `end` and `put` are those of this type. (4) Each test drains its list.
        unsafe { starting.add(self.as_head()) }
    }

    /// Ends the entry as an owner does that cannot wait.
    fn end_later(self: &Arc<Self>) {
        // SAFETY: `end_later` requires the same as `EndEntry::end`, see `end` below.
        unsafe { later::end_later(self.as_head()) }
    }

    /// Ends the entry as its owner.
    fn end(self: &Arc<Self>) {
        // SAFETY: `end` requires (1) an entry that was added, and one call, (2) a live entry. (1)
        // Each test adds an entry and ends it once. (2) `self` keeps it.
        unsafe { EndEntry::end(self.as_head()) }
    }
}

#[kunit_tests(lifebound_end_list)]
mod order {
    use super::*;

    #[test]
    fn newest_first_and_counts_after_all_have_ended() -> Result {
        let bench = Bench::new()?;
        for letter in *b"abc" {
            Noted::added(&bench, letter, Action::Nothing)?;
        }
        bench.list.drain();
        bench.expect("cbaCBA");
        bench.list.drain();
        bench.expect("cbaCBA");
        Ok(())
    }

    #[test]
    fn an_owner_ends_its_entry_early() -> Result {
        let bench = Bench::new()?;
        let _a = Noted::added(&bench, b'a', Action::Nothing)?;
        let b = Noted::added(&bench, b'b', Action::Nothing)?;
        let _c = Noted::added(&bench, b'c', Action::Nothing)?;
        b.end();
        bench.expect("bB");
        bench.list.drain();
        bench.expect("bBcaCA");
        Ok(())
    }

    #[test]
    fn an_owner_may_come_late() -> Result {
        let bench = Bench::new()?;
        let a = Noted::added(&bench, b'a', Action::Nothing)?;
        bench.list.drain();
        a.end();
        bench.expect("aA");
        Ok(())
    }

    #[test]
    fn nothing_is_added_to_a_closed_list() -> Result {
        let bench = Bench::new()?;
        let a = Noted::added(&bench, b'a', Action::Nothing)?;
        bench.list.close();
        let b = Noted::new(&bench, b'b', Action::Nothing)?;
        assert_eq!(b.add(), Err(ENODEV));
        bench.list.drain();
        assert_eq!(b.add(), Err(ENODEV));
        bench.expect("aA");
        a.end();
        bench.expect("aA");
        Ok(())
    }

    #[test]
    fn an_entry_may_be_added_while_others_end() -> Result {
        let bench = Bench::new()?;
        let b = Noted::new(&bench, b'b', Action::Nothing)?;
        Noted::added(&bench, b'a', Action::Add(b))?;
        bench.list.drain();
        bench.expect("abAB");
        Ok(())
    }

    #[test]
    fn an_entry_may_end_itself() -> Result {
        let bench = Bench::new()?;
        Noted::added(&bench, b'a', Action::EndItself)?;
        bench.list.drain();
        bench.expect("aA");
        Ok(())
    }

    #[test]
    fn an_entry_may_end_another() -> Result {
        let bench = Bench::new()?;
        // An older one, which is still in the list;
        let a = Noted::added(&bench, b'a', Action::Nothing)?;
        Noted::added(&bench, b'b', Action::End(a))?;
        // and a newer one, which the list has ended.
        let d = Noted::new(&bench, b'd', Action::Nothing)?;
        Noted::added(&bench, b'c', Action::End(d.clone()))?;
        d.add()?;
        bench.list.drain();
        bench.expect("dcaAbDCB");
        Ok(())
    }
}

/// An entry that its owner keeps, in a box.
#[pin_data]
#[repr(C)]
struct Inside {
    head: EndEntry,
    bench: Arc<Bench>,
    waits: bool,
}

const INSIDE: &EndFunctions = &EndFunctions {
    end: end_inside,
    put: put_inside,
};

/// # Safety
///
/// `entry` must head a live `Inside`.
unsafe fn end_inside(entry: NonNull<EndEntry>) {
    // SAFETY: `as_ref` requires a live entry: the caller vouches for it.
    let inside = unsafe { entry.cast::<Inside>().as_ref() };
    if inside.waits {
        inside.bench.begun.complete();
        inside.bench.go.wait_for_completion();
    }
    inside.bench.note(b'i');
}

/// # Safety
///
/// `entry` must head an `Inside` in a box, which passes to this function.
unsafe fn put_inside(entry: NonNull<EndEntry>) {
    // SAFETY: `from_raw` requires a pointer of `into_raw`: the caller vouches for it.
    let inside = KBox::into_pin(unsafe { KBox::from_raw(entry.as_ptr().cast::<Inside>()) });
    inside.bench.note(b'I');
}

impl Inside {
    /// An entry in the list, in a box that [`end_and_free`](Self::end_and_free) or
    /// [`hand_over`](Self::hand_over) takes.
    fn added(bench: &Arc<Bench>, waits: bool) -> Result<Pin<KBox<Self>>> {
        let bench = bench.clone();
        let init = pin_init!(Self {
            head: EndEntry::new(INSIDE, Keeper::OWNER),
            bench,
            waits
        });
        let inside = KBox::pin_init::<Error>(never_fails(init), GFP_KERNEL)?;
        // SAFETY: `add` requires (1) a new entry, (2) that it stays alive until it has ended, (3)
        // functions that are fit, (4) a drain. (1) The line above makes it. (2) The tests pass it
        // to one of the two methods. (3) The functions are those of this type. (4) Each test drains
        // its list.
        unsafe { inside.bench.list.begin()?.add(inside.as_head()) };
        Ok(inside)
    }

    fn as_head(&self) -> NonNull<EndEntry> {
        NonNull::from(self).cast()
    }

    /// Hands the entry over as an owner does that cannot wait. Returns `false` if the entry has
    /// ended: then this function frees it.
    fn hand_over(inside: Pin<KBox<Self>>) -> bool {
        // SAFETY: `into_inner_unchecked` requires that the value stays pinned: `put_inside` drops
        // it in place.
        let raw = KBox::into_raw(unsafe { Pin::into_inner_unchecked(inside) });
        let head = NonNull::new(raw.cast()).unwrap_or(NonNull::dangling());
        // SAFETY: `hand_over` requires (1) an entry that was added to a list that is alive
        // meanwhile, (2) that `put` may be called. (1) `added` has added it, and the tests drain
        // the list after the work has ended. (2) The box was given away above.
        let left = unsafe { later::hand_over(head) };
        if !left {
            // SAFETY: `from_raw` requires a pointer of `into_raw`, and an owner: the list has not
            // taken the box, so it is still this function's.
            drop(KBox::into_pin(unsafe { KBox::from_raw(raw) }));
        }
        left
    }

    /// Ends and frees the entry as the owner of an embedded entry does when it is dropped.
    fn end_and_free(inside: Pin<KBox<Self>>) {
        // SAFETY: `end` requires (1) an entry that was added, and one call, (2) a live entry. (1)
        // `added` has added it, and this function takes the box. (2) The box lives until below.
        unsafe { EndEntry::end(inside.as_head()) }
        drop(inside);
    }
}

#[kunit_tests(lifebound_end_list_races)]
mod races {
    use super::*;

    #[test]
    fn the_owner_waits_for_the_list() -> Result {
        let bench = Bench::new()?;
        let a = Noted::added(&bench, b'a', Action::Wait)?;
        let (drainer, _) = bench.drain_elsewhere()?;
        bench.begun.wait_for_completion();
        let done = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let flag = done.clone();
        let owner = Thread::spawn(move || {
            a.end();
            flag.store(1, Relaxed);
        })?;
        fsleep(Delta::from_millis(20));
        assert_eq!(done.load(Relaxed), 0, "it waits");
        bench.expect("");
        bench.go.complete();
        drop((owner, drainer));
        assert_eq!(done.load(Relaxed), 1);
        bench.expect("aA");
        Ok(())
    }

    #[test]
    fn the_list_waits_for_owners_and_ends_older_entries_meanwhile() -> Result {
        let bench = Bench::new()?;
        let _a = Noted::added(&bench, b'a', Action::Nothing)?;
        let mut owners = KVec::new();
        for letter in *b"xy" {
            let waiting = Noted::added(&bench, letter, Action::Wait)?;
            owners.push(Thread::spawn(move || waiting.end())?, GFP_KERNEL)?;
            bench.begun.wait_for_completion();
        }
        let (drainer, done) = bench.drain_elsewhere()?;
        wait_until(|| bench.used.load(Ordering::Acquire) == 1);
        fsleep(Delta::from_millis(20));
        bench.expect("a");
        bench.go.complete();
        // One end comes together with its `put`; the other end is still waited for.
        wait_until(|| bench.used.load(Ordering::Acquire) == 3);
        fsleep(Delta::from_millis(20));
        assert_eq!(done.load(Relaxed), 0, "it waits");
        assert_eq!(bench.used.load(Ordering::Acquire), 3);
        bench.go.complete();
        drop((owners, drainer));
        assert_eq!(done.load(Relaxed), 1);
        // The log is `a x X y Y A`, in one of the orders that are left.
        assert_eq!(bench.used.load(Ordering::Acquire), 6);
        Ok(())
    }

    #[test]
    fn the_list_waits_for_what_is_started_and_ends_it() -> Result {
        let bench = Bench::new()?;
        let _a = Noted::added(&bench, b'a', Action::Nothing)?;
        let (kept, given_up) = (bench.list.begin()?, bench.list.begin()?);
        bench.list.close();
        let (drainer, done) = bench.drain_elsewhere()?;
        wait_until(|| bench.used.load(Ordering::Acquire) == 1);
        fsleep(Delta::from_millis(20));
        drop(given_up);
        fsleep(Delta::from_millis(20));
        assert_eq!(done.load(Relaxed), 0, "it waits");
        let late = Noted::new(&bench, b'b', Action::Nothing)?;
        assert_eq!(late.add(), Err(ENODEV));
        late.add_started(kept);
        drop(drainer);
        assert_eq!(done.load(Relaxed), 1);
        bench.expect("abAB");
        Ok(())
    }

    #[test]
    fn the_list_waits_for_what_ends_later() -> Result {
        let bench = Bench::new()?;
        let a = Noted::added(&bench, b'a', Action::Nothing)?;
        let b = Noted::added(&bench, b'b', Action::Wait)?;
        b.end_later();
        bench.begun.wait_for_completion();
        a.end_later();
        let (drainer, done) = bench.drain_elsewhere()?;
        fsleep(Delta::from_millis(20));
        assert_eq!(done.load(Relaxed), 0, "it waits");
        bench.expect("");
        bench.go.complete();
        drop(drainer);
        // Counts are given up before the list has ended.
        bench.expect("bBaA");
        Ok(())
    }

    #[test]
    fn what_the_list_ends_does_not_end_later() -> Result {
        let bench = Bench::new()?;
        let a = Noted::added(&bench, b'a', Action::Wait)?;
        let (drainer, _) = bench.drain_elsewhere()?;
        bench.begun.wait_for_completion();
        a.end_later();
        bench.expect("");
        bench.go.complete();
        drop(drainer);
        bench.expect("aA");
        Ok(())
    }

    #[test]
    fn an_entry_is_handed_over_before_while_or_after_the_list_ends_it() -> Result {
        let bench = Bench::new()?;
        assert!(Inside::hand_over(Inside::added(&bench, false)?));
        bench.list.drain();
        bench.expect("iI");

        let bench = Bench::new()?;
        let inside = Inside::added(&bench, true)?;
        let (drainer, _) = bench.drain_elsewhere()?;
        bench.begun.wait_for_completion();
        assert!(Inside::hand_over(inside));
        bench.expect("");
        bench.go.complete();
        drop(drainer);
        bench.expect("iI");

        let bench = Bench::new()?;
        let inside = Inside::added(&bench, false)?;
        bench.list.drain();
        assert!(!Inside::hand_over(inside));
        bench.expect("i");
        Ok(())
    }

    /// The debug kernel reports a use of the memory after it was freed, and a leak of it.
    #[test]
    fn an_entry_may_be_handed_over_at_any_moment() -> Result {
        for round in 0..ROUNDS {
            let bench = Bench::new()?;
            let inside = Inside::added(&bench, false)?;
            let (drainer, _) = bench.drain_elsewhere()?;
            udelay(Delta::from_micros(i64::from(round % 10) * 10));
            let left = Inside::hand_over(inside);
            drop(drainer);
            bench.expect(if left { "iI" } else { "i" });
        }
        later::end();
        Ok(())
    }

    #[test]
    fn each_entry_is_ended_once() -> Result {
        for round in 0..ROUNDS {
            let bench = Bench::new()?;
            let mut owners = KVec::new();
            for letter in *b"abcd" {
                let entry = Noted::added(&bench, letter, Action::Nothing)?;
                let delay = Delta::from_micros(i64::from(round % 10) * 5);
                let work = move || {
                    udelay(delay);
                    entry.end();
                };
                owners.push(Thread::spawn(work)?, GFP_KERNEL)?;
            }
            bench.list.drain();
            drop(owners);
            assert_eq!(bench.used.load(Ordering::Acquire), 8);
            for letter in *b"abcdABCD" {
                let count = bench
                    .log
                    .iter()
                    .filter(|x| x.load(Ordering::Acquire) == letter);
                assert_eq!(count.count(), 1, "{letter}");
            }
        }
        Ok(())
    }

    /// The debug kernel reports a use of the memory after it was freed.
    #[test]
    fn the_memory_of_an_embedded_entry_may_go_at_once() -> Result {
        for round in 0..ROUNDS {
            let bench = Bench::new()?;
            let inside = Inside::added(&bench, false)?;
            let (drainer, _) = bench.drain_elsewhere()?;
            udelay(Delta::from_micros(i64::from(round % 10) * 10));
            Inside::end_and_free(inside);
            drop(drainer);
            bench.expect("i");
        }
        Ok(())
    }

    /// The debug kernel reports a use of the list's memory as well, which is freed when the list
    /// was drained.
    #[test]
    fn the_memory_of_a_list_may_go_at_once() -> Result {
        for round in 0..ROUNDS {
            let bench = Bench::new()?;
            let list = KBox::pin_init::<Error>(never_fails(EndList::new()), GFP_KERNEL)?;
            let inside = Noted::new(&bench, b'a', Action::Nothing)?;
            inside.add_started(list.begin()?);
            let owner = Thread::spawn(move || inside.end())?;
            udelay(Delta::from_micros(i64::from(round % 10) * 10));
            list.drain();
            drop(list);
            drop(owner);
            bench.expect("aA");
        }
        Ok(())
    }
}
