// SPDX-License-Identifier: GPL-2.0

//! What a module has registered, and must not leave behind when it is unloaded.
//!
//! A registration is a value that a driver owns. It can be leaked, and the C side would then call into memory that the
//! module no longer occupies. It can lie on the stack of a thread that panics, and that stack is freed with the value in
//! it. So what C gets to know is [`Kept`]: in memory of its own, which nobody but its owner frees, and in the module's
//! list as well. What is still there when the module's own value has been dropped is ended then, the newest first.

use core::mem::{ManuallyDrop, MaybeUninit};

use pin_init::{InPlaceWrite, pin_data, pinned_drop};

use crate::{
    alloc::{AllocError, KVBox},
    bindings, calls,
    ffi::c_void,
    prelude::*,
    scope::Starting,
    types::Opaque,
};

/// The module's list. It is static, and never closed.
fn list() -> *mut bindings::lb_scope {
    // SAFETY: the shim returns the address of a static.
    unsafe { bindings::lb_scope_of_module() }
}

/// Ends what the module has left registered. Called last at exit, and when the module's start failed. May sleep.
///
/// Nothing can be registered on the host, where tests of other parts run.
pub(crate) fn end() {
    #[cfg(target_os = "none")]
    {
        // SAFETY: `lb_scope_drain()` requires callbacks that are fit to be called: those of the module's entries are
        // (ENTRY-BOXED).
        unsafe { bindings::lb_scope_drain(list()) };
    }
}

/// A payload that C uses, in memory of its own. Dropping it ends C's use first, which may sleep; in
/// an interrupt, and in a callback that C's end would wait for, it leaves that to a work item.
pub(crate) struct Kept<P>(ManuallyDrop<Pin<KVBox<Entry<P>>>>);

impl<P> Kept<P> {
    /// The payload. Any context.
    pub(crate) fn payload(&self) -> Pin<&P> {
        self.0.as_ref().payload()
    }
}

impl<P> Drop for Kept<P> {
    fn drop(&mut self) {
        // SAFETY: `take` requires that the box not be used again: this is its drop.
        let entry = unsafe { ManuallyDrop::take(&mut self.0) };
        if !calls::in_interrupt() && !(entry.is_called_here)() {
            return drop(entry);
        }
        let links = entry.links.get();
        // SAFETY: the box stays pinned: `put` drops it in place.
        let raw = KVBox::into_raw(unsafe { Pin::into_inner_unchecked(entry) }).cast::<c_void>();
        // SAFETY: `lb_scope_hand_over()` requires an entry that was added to a list (ENTRY-BOXED),
        // and what gives up its memory once it has ended, on any thread: who called `fill` vouches
        // for that, and nothing else refers to the box.
        let left = unsafe { bindings::lb_scope_hand_over(links, Some(put::<P>), raw) };
        if !left {
            // SAFETY: `put` requires a box that was given away, and has ended: the answer says so,
            // and nobody took it.
            unsafe { put::<P>(raw) };
        }
    }
}

/// Frees an entry that has ended.
///
/// # Safety
///
/// `entry` must come from `into_raw` of a pinned box of an `Entry<P>` that has ended, and whose
/// payload may be dropped on this thread; it passes to this function.
unsafe extern "C" fn put<P>(entry: *mut c_void) {
    // SAFETY: `from_raw` requires what the caller vouches for.
    let mut entry = KVBox::into_pin(unsafe { KVBox::from_raw(entry.cast::<Entry<P>>()) });
    // INVARIANT: ENTRY-BOXED: it has ended.
    *entry.as_mut().project().listed = false;
}

/// A payload, and its place in the module's list.
///
/// # Invariants
///
/// ENTRY-BOXED: while `listed`, the entry is in a box of its own and was added to the module's list, whose callback may be
/// called once, by whoever takes the entry off the list.
#[pin_data(PinnedDrop)]
struct Entry<P> {
    #[pin]
    links: Opaque<bindings::lb_scope_entry>,
    listed: bool,
    /// Whether this thread runs a callback that the end would wait for, or holds a lock that it
    /// takes.
    is_called_here: fn() -> bool,
    #[pin]
    payload: P,
}

// SAFETY: the links belong to the list, which is locked.
unsafe impl<P: Send> Send for Entry<P> {}

// SAFETY: as above.
unsafe impl<P: Sync> Sync for Entry<P> {}

impl<P> Entry<P> {
    fn payload(self: Pin<&Self>) -> Pin<&P> {
        // SAFETY: the field is structurally pinned.
        unsafe { self.map_unchecked(|entry| &entry.payload) }
    }
}

#[pinned_drop]
impl<P> PinnedDrop for Entry<P> {
    fn drop(self: Pin<&mut Self>) {
        if self.listed {
            // SAFETY: `lb_scope_end_entry()` requires an entry that was added to a list: ENTRY-BOXED. When it returns, the
            // callback has run, whoever called it.
            unsafe { bindings::lb_scope_end_entry(self.links.get()) };
        }
    }
}

/// Memory for a [`Kept`].
pub(crate) struct Room<P>(KVBox<MaybeUninit<Entry<P>>>);

impl<P> Room<P> {
    /// Allocates it. May sleep.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub(crate) fn new() -> Result<Self, AllocError> {
        KVBox::new_uninit(GFP_KERNEL).map(Self)
    }

    /// Builds a payload, has `start` make it known to C, and enters it in the module's list: `end` is called with what
    /// `start` returned when the result is dropped, or at the end of the module. May sleep.
    ///
    /// The module's list does not end while `start` runs; if a driver's code panics in it, never.
    ///
    /// # Errors
    ///
    /// The initialiser's, and those of `start`, which has to leave nothing behind then.
    ///
    /// # Safety
    ///
    /// What `start` returned must be fit for `end`, once and on any thread, as long as the payload
    /// is in place. Afterwards nothing may use the payload any more. `end` must not wait for what
    /// runs on a thread on which `is_called_here` is false. The payload may be dropped on any
    /// thread.
    pub(crate) unsafe fn fill<E>(
        self,
        payload: impl PinInit<P, E>,
        start: impl FnOnce(Pin<&P>) -> Result<*mut c_void, E>,
        end: unsafe extern "C" fn(*mut c_void),
        is_called_here: fn() -> bool,
    ) -> Result<Kept<P>, E> {
        let init = pin_init::try_pin_init!(Entry {
            links: Opaque::zeroed(),
            listed: false,
            is_called_here,
            payload <- payload,
        }? E);
        let mut entry = self.0.write_pin_init(init)?;
        // SAFETY: `begin` requires a list that was initialised and stays in place: it is static.
        let Ok(starting) = (unsafe { Starting::begin(list()) }) else {
            // PANIC: the module's list is never closed.
            unreachable!()
        };
        let argument = start(entry.as_ref().payload())?;
        let links = entry.links.get();
        // SAFETY: nobody else knows the links before they are in the list.
        let fields = unsafe { &mut *links };
        fields.end = Some(end);
        fields.arg = argument;
        // INVARIANT: ENTRY-BOXED.
        *entry.as_mut().project().listed = true;
        // SAFETY: `add` requires 1. links that are filled in and in no list, as they are; 2. that they stay in place until
        // the entry has ended: the box is pinned, and its drop waits for that; 3. a fit callback: the caller.
        unsafe { starting.add(links) };
        Ok(Kept(ManuallyDrop::new(entry)))
    }
}

#[cfg(lifebound_kunit)]
#[macros::kunit_tests(lifebound_module_scope)]
mod kunit {
    use super::*;
    use crate::{
        kunit::{Thread, driver::wait_until},
        sync::{
            Arc, Completion,
            atomic::{Atomic, Relaxed},
        },
    };

    /// Counts what ends.
    unsafe extern "C" fn count(counter: *mut c_void) {
        // SAFETY: each test passes a counter that it keeps until the end was called.
        unsafe { &*counter.cast::<Atomic<u32>>() }.add(1, Relaxed);
    }

    /// Keeps a counter of ends, with its own address as what C knows.
    fn kept(here: fn() -> bool) -> Result<(Kept<Arc<Atomic<u32>>>, Arc<Atomic<u32>>)> {
        let ends = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let start = |ends: Pin<&Arc<Atomic<u32>>>| Ok(Arc::as_ptr(&ends).cast_mut().cast());
        // SAFETY: `fill` requires that what `start` returned be fit for `end`: the counter has a share in the payload.
        let kept = unsafe { Room::new()?.fill::<Error>(ends.clone(), start, count, here) }?;
        Ok((kept, ends))
    }

    #[test]
    fn it_ends_once() -> Result {
        let (kept, ends) = kept(|| false)?;
        assert_eq!(ends.load(Relaxed), 0);
        end();
        assert_eq!(ends.load(Relaxed), 1);
        drop(kept);
        assert_eq!(ends.load(Relaxed), 1);
        let (kept, ends) = super::kunit::kept(|| false)?;
        drop(kept);
        assert_eq!(ends.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn in_a_callback_of_its_own_it_ends_later() -> Result {
        let (kept, ends) = kept(|| true)?;
        drop(kept);
        wait_until(|| ends.load(Relaxed) == 1);
        // It has ended already: nobody is to be waited for.
        let (kept, ends) = super::kunit::kept(|| true)?;
        end();
        drop(kept);
        assert_eq!(ends.load(Relaxed), 1);
        assert!(Arc::into_unique_or_drop(ends).is_some());
        Ok(())
    }

    #[test]
    fn a_start_that_fails_leaves_nothing() -> Result {
        let ends = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        // SAFETY: nothing is started.
        let kept = unsafe { Room::new()?.fill(ends.clone(), |_| Err(ENXIO), count, || false) };
        assert_eq!(kept.err(), Some(ENXIO));
        end();
        assert_eq!(ends.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn the_list_does_not_end_while_something_is_started() -> Result {
        let go = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
        let (started, ended) = (
            Arc::new(Atomic::new(false), GFP_KERNEL)?,
            Arc::new(Atomic::new(false), GFP_KERNEL)?,
        );
        let ends = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let starter = {
            let (go, started) = (go.clone(), started.clone());
            let (ends, ended) = (ends.clone(), ended.clone());
            let room = Room::new()?;
            Thread::spawn(move || {
                let start = |ends: Pin<&Arc<Atomic<u32>>>| {
                    started.store(true, Relaxed);
                    go.wait_for_completion();
                    Ok(Arc::as_ptr(&ends).cast_mut().cast())
                };
                // SAFETY: as in `kept`.
                let kept = unsafe { room.fill::<Error>(ends, start, count, || false) };
                // So that the list ends it.
                wait_until(|| ended.load(Relaxed));
                drop(kept);
            })?
        };
        wait_until(|| started.load(Relaxed));
        let ender = {
            let ended = ended.clone();
            Thread::spawn(move || {
                end();
                ended.store(true, Relaxed);
            })?
        };
        // Long enough for it to have ended if it did not wait.
        crate::time::delay::fsleep(crate::time::Delta::from_millis(100));
        let too_early = ended.load(Relaxed);
        go.complete_all();
        drop((starter, ender));
        assert!(!too_early);
        assert_eq!((ended.load(Relaxed), ends.load(Relaxed)), (true, 1));
        Ok(())
    }
}
