// SPDX-License-Identifier: GPL-2.0

//! The part of a registration that C gets to know, in memory of its own and in the module's list.

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
    prelude::*,
    scope::{EndEntry, EndFunctions, EndList, Keeper, later},
    sync::ModuleStatic,
};

/// The module's list. It is never closed: it is drained when nothing of the module runs any more.
static LIST: ModuleStatic<EndList> = ModuleStatic::new();

/// Makes the list ready.
///
/// # Safety
///
/// The requirements of [`ModuleStatic::begin`] apply.
pub(super) unsafe fn begin() {
    // SAFETY: `begin` has the requirements of this function, which its caller vouches for.
    unsafe { LIST.begin(EndList::new()) }
}

/// Ends the entries of the list.
///
/// Context: process context; may sleep.
pub(super) fn end() {
    LIST.get().drain();
}

/// A payload that C uses, in memory of its own. Dropping it ends C's use first. The drop leaves
/// that to a work item in an interrupt, and in a callback that C's end would wait for.
///
/// Context of the drop: process context; may sleep. It may also be dropped in an interrupt.
pub(crate) struct Kept<P>(ManuallyDrop<Pin<KVBox<KeptEntry<P>>>>);

impl<P> Kept<P> {
    /// The payload.
    ///
    /// Context: any context.
    pub(crate) fn payload(&self) -> Pin<&P> {
        self.0.as_ref().payload()
    }
}

impl<P> Drop for Kept<P> {
    fn drop(&mut self) {
        // SAFETY: `take` requires that the box is not used again: this is its drop.
        let entry = unsafe { ManuallyDrop::take(&mut self.0) };
        if !calls::in_interrupt() && !(entry.is_called_here)() {
            return drop(entry);
        }
        // SAFETY: `into_inner_unchecked` requires that the value stays pinned: `put` drops it in
        // place.
        let raw = KVBox::into_raw(unsafe { Pin::into_inner_unchecked(entry) });
        // SAFETY: `new_unchecked` requires a pointer that is not null: `into_raw` never gives null.
        let head = unsafe { NonNull::new_unchecked(raw.cast::<EndEntry>()) };
        // SAFETY: `hand_over` requires
        // 1. an entry that was added to a list that is alive for as long as the module, and that
        //    its owner keeps and has not ended: ENTRY-BOXED, the list is static, and this is the
        //    one drop;
        // 2. that `put` may be called: nothing else refers to the box, and the caller of `fill`
        //    vouches that any thread may drop the payload.
        let left = unsafe { later::hand_over(head) };
        if !left {
            // SAFETY: `put` requires a box that was given away and has ended: `hand_over` says that
            // the entry has ended, and has not taken it.
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
/// ENTRY-BOXED: while there is a `call`, the entry is in a box of its own, and was added to the
/// module's list. The ender of the entry may call `call` once, with its argument.
#[pin_data(PinnedDrop)]
#[repr(C)]
struct KeptEntry<P> {
    head: EndEntry,
    call: Option<EndCall>,
    /// Whether this thread runs a callback that the end would wait for, or holds a lock that the
    /// end takes.
    is_called_here: fn() -> bool,
    #[pin]
    payload: P,
}

// SAFETY: `Send` requires that any thread may own the entry: `fill` requires a call that is fit for
// any thread, and the payload is `Send`.
unsafe impl<P: Send> Send for KeptEntry<P> {}

// SAFETY: `Sync` requires that threads may share the entry: the same holds as for `Send`, and the
// payload is `Sync`.
unsafe impl<P: Sync> Sync for KeptEntry<P> {}

impl<P> KeptEntry<P> {
    const FUNCTIONS: &'static EndFunctions = &EndFunctions {
        end: Self::end,
        put: Self::put,
    };

    /// Ends an entry, on behalf of its list.
    ///
    /// # Safety
    ///
    /// `entry` must be the head of an entry of this type that is in the list and was not ended
    /// before. The caller must keep it alive.
    unsafe fn end(entry: NonNull<EndEntry>) {
        // SAFETY: `as_ref` requires a live entry: the caller keeps it alive.
        if let Some((end, argument)) = unsafe { entry.cast::<Self>().as_ref() }.call {
            // SAFETY: `end` requires one call with what `start` returned: ENTRY-BOXED, and the
            // caller vouches that the entry was not ended before.
            unsafe { end(argument) }
        }
    }

    /// Frees an entry that has ended.
    ///
    /// # Safety
    ///
    /// 1. `entry` must come from `into_raw` of a pinned box of an entry of this type, and passes to
    ///    this function.
    /// 2. The entry must have ended, and this thread must be allowed to drop its payload.
    unsafe fn put(entry: NonNull<EndEntry>) {
        // SAFETY: `from_raw` requires a pointer of `into_raw`, and an owner: (1).
        let mut entry = KVBox::into_pin(unsafe { KVBox::from_raw(entry.as_ptr().cast::<Self>()) });
        // INVARIANT: ENTRY-BOXED: the entry has ended, so it has no call any more.
        *entry.as_mut().project().call = None;
    }

    /// The head of the entry, with the provenance of the whole.
    fn as_head(&self) -> NonNull<EndEntry> {
        NonNull::from(self).cast()
    }

    fn payload(self: Pin<&Self>) -> Pin<&P> {
        // SAFETY: `map_unchecked` requires a field that stays in place: the field is structurally
        // pinned.
        unsafe { self.map_unchecked(|entry| &entry.payload) }
    }
}

#[pinned_drop]
impl<P> PinnedDrop for KeptEntry<P> {
    fn drop(self: Pin<&mut Self>) {
        if self.call.is_some() {
            // SAFETY: `end` requires (1) an entry that was added, and that its owner has neither
            // ended nor handed over, (2) that it lives meanwhile. (1) ENTRY-BOXED; a value is
            // dropped once, and `put` clears the call. (2) The entry is borrowed.
            unsafe { EndEntry::end(self.as_head()) };
        }
    }
}

/// Memory for a [`Kept`].
pub(crate) struct Room<P>(KVBox<MaybeUninit<KeptEntry<P>>>);

impl<P> Room<P> {
    /// Allocates the memory.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `AllocError` if there is no memory.
    pub(crate) fn new() -> Result<Self, AllocError> {
        KVBox::new_uninit(GFP_KERNEL).map(Self)
    }

    /// Builds a payload, calls `start` to make it known to C, and enters it in the module's list.
    /// `end` is called with what `start` returned, when the result is dropped or at the end of the
    /// module.
    ///
    /// The module's list does not end while `start` runs. If a driver's code panics in `start`, the
    /// list never ends.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The initialiser's error.
    /// - The error of `start`, which must leave nothing behind then.
    ///
    /// # Safety
    ///
    /// 1. What `start` returned must be fit for `end`, once and on any thread, for as long as the
    ///    payload is in place.
    /// 2. After `end` nothing may use the payload any more.
    /// 3. `end` must not wait for code that runs on a thread on which `is_called_here` is false.
    /// 4. Any thread must be allowed to drop the payload.
    pub(crate) unsafe fn fill<E>(
        self,
        payload: impl PinInit<P, E>,
        start: impl FnOnce(Pin<&P>) -> Result<*mut c_void, E>,
        end: unsafe extern "C" fn(*mut c_void),
        is_called_here: fn() -> bool,
    ) -> Result<Kept<P>, E> {
        let init = pin_init::try_pin_init!(KeptEntry {
            head: EndEntry::new(KeptEntry::<P>::FUNCTIONS, Keeper::OWNER),
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
        // INVARIANT: ENTRY-BOXED: the entry is in the box of `self`, and the lines below add it;
        // the caller vouches for the call (1).
        *entry.as_mut().project().call = Some((end, argument));
        // SAFETY: `add` requires
        // 1. a new entry: `write_pin_init` has just built it;
        // 2. an entry that stays in place until it has ended: the box is pinned, and its drop waits
        //    for the end or hands the entry over;
        // 3. functions that are fit: the caller vouches for the call (1, 4);
        // 4. a drain: the list is static, and the module's end drains it.
        unsafe { starting.add(entry.as_head()) };
        Ok(Kept(ManuallyDrop::new(entry)))
    }
}
