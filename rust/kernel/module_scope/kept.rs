// SPDX-License-Identifier: GPL-2.0

//! What C gets to know of a registration, in memory of its own and in the module's list.

use core::{
    mem::{ManuallyDrop, MaybeUninit},
    pin::Pin,
    ptr::NonNull,
};

use pin_init::{InPlaceWrite, pin_data, pinned_drop};

use crate::{
    alloc::{AllocError, KVBox},
    calls,
    ffi::c_void,
    init::never_fails,
    prelude::*,
    scope::{EndEntry, EndFunctions, EndList, Keeper, later},
    sync::ModuleStatic,
};

/// The module's list. Never closed: it is drained when nothing of the module runs any more.
static LIST: ModuleStatic<EndList> = ModuleStatic::new();

/// Makes the list ready.
///
/// # Safety
///
/// As for [`ModuleStatic::begin`].
pub(super) unsafe fn begin() {
    // SAFETY: the caller says so.
    unsafe { LIST.begin(EndList::new()) }
}

/// Ends what is in the list. Context: process context; may sleep.
pub(super) fn end() {
    LIST.get().drain();
}

/// A payload that C uses, in memory of its own. Dropping it ends C's use first, which may sleep; in
/// an interrupt, and in a callback that C's end would wait for, it leaves that to a work item.
pub(crate) struct Kept<P>(ManuallyDrop<Pin<KVBox<KeptEntry<P>>>>);

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
        // SAFETY: the box stays pinned: `put` drops it in place.
        let raw = KVBox::into_raw(unsafe { Pin::into_inner_unchecked(entry) });
        // SAFETY: `new_unchecked` requires a pointer that is not null: `into_raw` gives none.
        let head = unsafe { NonNull::new_unchecked(raw.cast::<EndEntry>()) };
        // SAFETY: `hand_over` requires (1) an entry that was added to a list that is there as long as the module, that its
        // owner keeps and has not ended: ENTRY-BOXED, the list is static, and this is the one drop; (2) that `put` may be
        // called: nothing else refers to the box, and who called `fill` vouches that the payload may be dropped on any
        // thread.
        let left = unsafe { later::hand_over(head) };
        if !left {
            // SAFETY: `put` requires a box that was given away, and has ended: the answer says so, and nobody took it.
            unsafe { KeptEntry::<P>::put(head) };
        }
    }
}

/// A function that ends C's use of a payload, and its argument.
type EndCall = (unsafe extern "C" fn(*mut c_void), *mut c_void);

/// A payload, and its place in the module's list.
///
/// # Invariants
///
/// ENTRY-BOXED: while there is a `call`, the entry is in a box of its own and was added to the module's list, whose call may be
/// called once, with its argument, by whoever ends the entry.
#[pin_data(PinnedDrop)]
#[repr(C)]
struct KeptEntry<P> {
    #[pin]
    head: EndEntry,
    call: Option<EndCall>,
    /// Whether this thread runs a callback that the end would wait for, or holds a lock that it
    /// takes.
    is_called_here: fn() -> bool,
    #[pin]
    payload: P,
}

// SAFETY: `fill` requires a call that is fit for any thread.
unsafe impl<P: Send> Send for KeptEntry<P> {}

// SAFETY: as for `Send`.
unsafe impl<P: Sync> Sync for KeptEntry<P> {}

impl<P> KeptEntry<P> {
    const FUNCTIONS: &'static EndFunctions = &EndFunctions {
        end: Self::end,
        put: Self::put,
    };

    /// Ends an entry; for its list.
    ///
    /// # Safety
    ///
    /// `entry` must head an entry of this type that is in the list, that the caller keeps alive, and that was not ended
    /// before.
    unsafe fn end(entry: NonNull<EndEntry>) {
        // SAFETY: a reference requires a live entry: the caller says so.
        if let Some((end, argument)) = unsafe { entry.cast::<Self>().as_ref() }.call {
            // SAFETY: ENTRY-BOXED: this is the one call.
            unsafe { end(argument) }
        }
    }

    /// Frees an entry that has ended.
    ///
    /// # Safety
    ///
    /// `entry` must come from `into_raw` of a pinned box of an entry of this type that has ended, and whose payload may be
    /// dropped on this thread; it passes to this function.
    unsafe fn put(entry: NonNull<EndEntry>) {
        // SAFETY: `from_raw` requires what the caller vouches for.
        let mut entry = KVBox::into_pin(unsafe { KVBox::from_raw(entry.as_ptr().cast::<Self>()) });
        // INVARIANT: ENTRY-BOXED: it has ended.
        *entry.as_mut().project().call = None;
    }

    /// The head, with the provenance of the whole.
    fn as_head(&self) -> NonNull<EndEntry> {
        NonNull::from(self).cast()
    }

    fn payload(self: Pin<&Self>) -> Pin<&P> {
        // SAFETY: the field is structurally pinned.
        unsafe { self.map_unchecked(|entry| &entry.payload) }
    }
}

#[pinned_drop]
impl<P> PinnedDrop for KeptEntry<P> {
    fn drop(self: Pin<&mut Self>) {
        if self.call.is_some() {
            // SAFETY: `end` requires (1) an entry that was added, and that its owner has neither ended nor handed over:
            // ENTRY-BOXED, a value is dropped once, and `put` clears the call; (2) that it lives meanwhile: it is borrowed.
            unsafe { EndEntry::end(self.as_head()) };
        }
    }
}

/// Memory for a [`Kept`].
pub(crate) struct Room<P>(KVBox<MaybeUninit<KeptEntry<P>>>);

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
        let init = pin_init::try_pin_init!(KeptEntry {
            head <- never_fails(EndEntry::new(KeptEntry::<P>::FUNCTIONS, Keeper::OWNER)),
            call: None,
            is_called_here,
            payload <- payload,
        }? E);
        let mut entry = self.0.write_pin_init(init)?;
        let Ok(starting) = LIST.get().begin() else {
            // PANIC: the module's list is never closed.
            unreachable!()
        };
        let argument = start(entry.as_ref().payload())?;
        // INVARIANT: ENTRY-BOXED.
        *entry.as_mut().project().call = Some((end, argument));
        // SAFETY: `add` requires (1) a new entry; (2) that it stays in place until it has ended: the box is pinned, and its
        // drop waits for that or hands it over; (3) functions that are fit: the caller says so of the call; (4) a drain:
        // the list is static, and the module's end drains it.
        unsafe { starting.add(entry.as_head()) };
        Ok(Kept(ManuallyDrop::new(entry)))
    }
}
