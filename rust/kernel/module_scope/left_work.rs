// SPDX-License-Identifier: GPL-2.0

//! Work that an end has left behind, and that the module waits for before it goes.
//!
//! An end that needs a lock, in a context that must not wait for it, leaves that to a work item of C's. The memory for it
//! is made together with what is to end, so that no end needs memory. What happens to it:
//!
//! 1. [`LeftWork::leave`] queues the work and puts it on the module's list, from then on its owner.
//! 2. C runs the work once.
//! 3. Somebody takes it off the list and drops it: [`reap`], when something else is left or ended, if the work has been
//!    run, or the end of the module, which waits for it.
//!
//! The work cannot drop itself: its function's last instructions are the module's.

use core::{pin::Pin, ptr::NonNull};

use crate::{
    bindings,
    prelude::*,
    ring::{Link, Ring},
    sync::{ModuleStatic, SpinLockIrq, new_spinlock_irq},
    types::Opaque,
};

/// What is done in the work.
pub(crate) trait Work: Send + 'static {
    /// Does it. May sleep. Called once at most; the value is dropped later.
    fn run(&mut self);
}

/// The head of left work.
///
/// # Invariants
///
/// LEFT-ONCE: the work is queued once at most. While it is queued or running, nobody else uses the value behind the head.
#[pin_data]
#[repr(C)]
struct LeftHead {
    link: Link,
    #[pin]
    work: Opaque<bindings::work_struct>,
    /// Drops the box of the whole.
    drop: unsafe fn(NonNull<LeftHead>),
}

// SAFETY: work belongs to no thread.
unsafe impl Send for LeftHead {}

// SAFETY: as for `Send`; C locks, and a shared head gives access to nothing.
unsafe impl Sync for LeftHead {}

/// A value, and the memory for leaving what it does to the module. Not left, it is a value like any other.
#[pin_data]
#[repr(C)]
pub(crate) struct LeftWork<T> {
    #[pin]
    head: LeftHead,
    value: T,
}

impl<T: Work> LeftWork<T> {
    /// Makes the memory. Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`. The value is dropped then.
    pub(crate) fn new(value: T) -> Result<Pin<KBox<Self>>> {
        let head = pin_init!(LeftHead {
            link: Link::new(),
            work <- Opaque::ffi_init(|work| {
                // SAFETY: `INIT_WORK()` requires memory that stays in place: `ffi_init` gives such memory.
                unsafe { bindings::lb_init_work(work, Some(run::<T>)) }
            }),
            drop: drop_box::<T>,
        });
        KBox::pin_init::<Error>(try_pin_init!(Self { head <- head, value }), GFP_KERNEL)
    }

    /// The value.
    pub(crate) fn value(self: Pin<&mut Self>) -> &mut T {
        self.project().value
    }

    /// Leaves the value to the module: it is run soon, by another task, and then dropped. Context: process context.
    pub(crate) fn leave(this: Pin<KBox<Self>>) {
        // SAFETY: `into_inner_unchecked` requires that the value stays in place: `drop_box` drops it in its box.
        let head = KBox::into_raw(unsafe { Pin::into_inner_unchecked(this) }).cast::<LeftHead>();
        // SAFETY: `new_unchecked` requires a pointer that is not null: `into_raw` gives none.
        let head = unsafe { NonNull::new_unchecked(head) };
        // INVARIANT: LEFT-ONCE: the box is gone, so this is the one call, and only the work and its end know the value.
        // The pointer has the provenance of the box, which `run` needs.
        // SAFETY: a field's place requires memory of that type: the box's.
        let work = Opaque::cast_into(unsafe { &raw const (*head.as_ptr()).work });
        // SAFETY: reading a static of C's requires that nobody writes it; C writes it at boot alone.
        let queue = unsafe { bindings::system_long_wq };
        // SAFETY: `queue_work()` requires (1) a queue, which is never destroyed; (2) initialised work that stays until
        // it has been run: whoever takes it off the list waits for that.
        unsafe { bindings::lb_queue_work(queue, work) };
        WORKS.get().add(head);
    }
}

/// What C calls for the work.
///
/// # Safety
///
/// To be called by C for the work of a `LeftWork<T>` that was left.
unsafe extern "C" fn run<T: Work>(work: *mut bindings::work_struct) {
    let offset = core::mem::offset_of!(LeftHead, work);
    let left = work.wrapping_byte_sub(offset).cast::<LeftWork<T>>();
    // SAFETY: a reference requires a live value that nobody else uses: LEFT-ONCE. The pointer is the one that C was given,
    // and that has the provenance of the box.
    unsafe { (*left).value.run() }
}

/// Drops the box of left work.
///
/// # Safety
///
/// `head` must be that of a `LeftWork<T>` that was left and is off the list, whose work has been run.
unsafe fn drop_box<T>(head: NonNull<LeftHead>) {
    // SAFETY: `from_raw` requires a pointer of `into_raw`: `leave` got it so. The caller passes ownership.
    drop(unsafe { KBox::from_raw(head.as_ptr().cast::<LeftWork<T>>()) });
}

/// The module's list of left work.
///
/// # Invariants
///
/// LEFT-OWNED: what is in the ring was left, and belongs to the list; who takes it off, with the lock held, owns it.
#[pin_data]
struct LeftWorks {
    #[pin]
    ring: SpinLockIrq<Ring>,
}

static WORKS: ModuleStatic<LeftWorks> = ModuleStatic::new();

/// Makes the list ready.
///
/// # Safety
///
/// As for [`ModuleStatic::begin`].
pub(super) unsafe fn begin() {
    // SAFETY: the caller says so.
    unsafe { WORKS.begin(LeftWorks::new()) }
}

/// Waits for all left work, and drops it. Context: process context; may sleep.
pub(super) fn end() {
    WORKS.get().finish();
}

impl LeftWorks {
    /// Builds an empty list.
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            ring <- new_spinlock_irq!(Ring::new(), "lifebound_left_work"),
        })
    }

    fn add(&self, head: NonNull<LeftHead>) {
        let ring = self.ring.lock();
        // INVARIANT: LEFT-OWNED: `leave` gives it up.
        // SAFETY: `add` requires (1) a link in no ring: it was just left; (2) a link that stays in place until it is
        // removed: it is in a box, which is dropped after that; values are `Send`.
        unsafe { ring.add(head.cast()) };
    }

    /// Takes work off for which `wanted` holds.
    fn take(&self, wanted: fn(*mut bindings::work_struct) -> bool) -> Option<NonNull<LeftHead>> {
        let ring = self.ring.lock();
        let mut links = ring.newest_first();
        let link = links.find(|link| {
            // SAFETY: a reference requires a live head: LEFT-OWNED.
            wanted(unsafe { link.cast::<LeftHead>().as_ref() }.work.get())
        })?;
        // SAFETY: `remove` requires a link in this ring: it was just found there. The iterator is not used again.
        unsafe { ring.remove(link) };
        Some(link.cast())
    }

    /// Waits for all work, and drops it. Context: process context; may sleep.
    fn finish(&self) {
        while let Some(head) = self.take(|_| true) {
            // SAFETY: a reference requires a live head: LEFT-OWNED.
            let work = unsafe { head.as_ref() }.work.get();
            // SAFETY: `flush_work()` requires initialised work that stays: this function owns it (LEFT-OWNED).
            unsafe { bindings::flush_work(work) };
            // SAFETY: `drop_left` requires work that is off the list, and that nobody runs any more: waited for above.
            unsafe { drop_left(head) };
        }
    }
}

/// Drops the left work that has been run. Does not wait for work that has not. Context: process context; may sleep.
pub(crate) fn reap() {
    let is_done = |work: *mut bindings::work_struct| {
        // SAFETY: the shim requires initialised work that stays: LEFT-OWNED, the lock is held.
        unsafe { bindings::lb_work_is_done(work) }
    };
    while let Some(head) = WORKS.get().take(is_done) {
        // SAFETY: `drop_left` requires work that is off the list, and that nobody runs any more: `is_done`, and it is not
        // queued again (LEFT-ONCE).
        unsafe { drop_left(head) };
    }
}

/// Drops left work.
///
/// # Safety
///
/// It must be off the list, and neither queued nor running any more. The caller passes ownership.
unsafe fn drop_left(head: NonNull<LeftHead>) {
    // SAFETY: a reference requires a live head: the caller owns it.
    let drop = unsafe { head.as_ref() }.drop;
    // SAFETY: `drop_box` requires work that was left, is off the list and has been run: LEFT-OWNED, and the caller says so.
    unsafe { drop(head) }
}
