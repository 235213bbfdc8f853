// SPDX-License-Identifier: GPL-2.0

//! Work that an end has left behind. The module waits for it before the module goes.
//!
//! An end may need a lock in a context that must not wait for it. Such an end leaves that to a work
//! item of C's. The memory for the work is made together with the value that is to end, so no end
//! needs memory. Left work goes through these steps:
//!
//! 1. [`LeftWork::leave`] queues the work and puts it on the module's list. From then on the list
//!    owns it.
//! 2. C runs the work once.
//! 3. The work is taken off the list and dropped. [`reap`] does so for work that was run, when
//!    something else is left or ended. The end of the module does so for all work, and waits for
//!    it.
//!
//! The work cannot drop itself: the last instructions of its function are the module's.

use core::{pin::Pin, ptr::NonNull};

use crate::{
    bindings,
    prelude::*,
    ring::{Link, Ring},
    sync::{ModuleStatic, SpinLockIrq, new_spinlock_irq},
    types::Opaque,
};

/// A value whose end can be left as work.
pub(crate) trait Work: Send + 'static {
    /// Does the work. It is called at most once; the value is dropped later.
    ///
    /// Context: process context; may sleep.
    fn run(&mut self);
}

/// The head of left work.
///
/// # Invariants
///
/// LEFT-ONCE: the work is queued at most once. While it is queued or running, nobody else uses the
/// value behind the head.
#[pin_data]
#[repr(C)]
struct LeftHead {
    link: Link,
    #[pin]
    work: Opaque<bindings::work_struct>,
    /// The function that drops the box of the whole.
    drop: unsafe fn(NonNull<LeftHead>),
}

// SAFETY: `Send` requires that any thread may own the head: work belongs to no thread.
unsafe impl Send for LeftHead {}

// SAFETY: `Sync` requires that threads may share the head: C locks the work, and a shared head
// gives access to nothing.
unsafe impl Sync for LeftHead {}

/// A value, and the memory to leave its work to the module. Until it is left, it is a value like
/// any other.
#[pin_data]
#[repr(C)]
pub(crate) struct LeftWork<T> {
    #[pin]
    head: LeftHead,
    value: T,
}

impl<T: Work> LeftWork<T> {
    /// Allocates the memory.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`. The value is dropped then.
    pub(crate) fn new(value: T) -> Result<Pin<KBox<Self>>> {
        let head = pin_init!(LeftHead {
            link: Link::new(),
            work <- Opaque::ffi_init(|work| {
                // SAFETY: `INIT_WORK()` requires memory that stays in place: `ffi_init` gives such
                // memory.
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

    /// Leaves the value to the module: another task runs it soon, and then it is dropped.
    ///
    /// Context: process context.
    pub(crate) fn leave(this: Pin<KBox<Self>>) {
        // SAFETY: `into_inner_unchecked` requires that the value stays in place: `drop_box` drops
        // it in its box.
        let head = KBox::into_raw(unsafe { Pin::into_inner_unchecked(this) }).cast::<LeftHead>();
        // SAFETY: `new_unchecked` requires a pointer that is not null: `into_raw` never gives null.
        let head = unsafe { NonNull::new_unchecked(head) };
        // INVARIANT: LEFT-ONCE: the box is gone, so this is the one call, and only the work and its
        // end know the value. The pointer has the provenance of the box, which `run` needs.
        // SAFETY: a field's place requires memory of the head's type: it is the box's.
        let work = Opaque::cast_into(unsafe { &raw const (*head.as_ptr()).work });
        // SAFETY: reading a static of C's requires that nobody writes it meanwhile: C writes it
        // only at boot (`workqueue_init_early()`).
        let queue = unsafe { bindings::system_long_wq };
        // SAFETY: `queue_work()` requires (1) a queue that is never destroyed, (2) initialised work
        // that stays until it was run. (1) The queue is the system's. (2) `new` has initialised it,
        // and `finish` and `reap` wait for it before they drop it.
        unsafe { bindings::lb_queue_work(queue, work) };
        WORKS.get().add(head);
    }
}

/// The function that C calls for the work.
///
/// # Safety
///
/// `work` must be that of a `LeftWork<T>` that was left, and the caller must be C's workqueue.
unsafe extern "C" fn run<T: Work>(work: *mut bindings::work_struct) {
    let offset = core::mem::offset_of!(LeftHead, work);
    let left = work.wrapping_byte_sub(offset).cast::<LeftWork<T>>();
    // SAFETY: a mutable reference requires a live value that nobody else uses: LEFT-ONCE. The
    // pointer is the one that C got from `leave`, which has the provenance of the box.
    unsafe { (*left).value.run() }
}

/// Drops the box of left work.
///
/// # Safety
///
/// 1. `head` must be that of a `LeftWork<T>` that was left and is off the list. It passes to this
///    function.
/// 2. The work must have been run.
unsafe fn drop_box<T>(head: NonNull<LeftHead>) {
    // SAFETY: `from_raw` requires a pointer of `into_raw`, and an owner: `leave` got it so, and the
    // caller passes it (1).
    drop(unsafe { KBox::from_raw(head.as_ptr().cast::<LeftWork<T>>()) });
}

/// The module's list of left work.
///
/// # Invariants
///
/// LEFT-OWNED: each link in the ring was left, and belongs to the list. The thread that takes it
/// off, with the lock held, owns it.
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
/// The requirements of [`ModuleStatic::begin`] apply.
pub(super) unsafe fn begin() {
    // SAFETY: `begin` has the requirements of this function, which its caller vouches for.
    unsafe { WORKS.begin(LeftWorks::new()) }
}

/// Waits for all left work, and drops it.
///
/// Context: process context; may sleep.
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
        // INVARIANT: LEFT-OWNED: `leave` gives it up to the list.
        // SAFETY: `add` requires (1) a link in no ring, (2) a link that stays in place until it is
        // removed, and that any thread may reach. (1) The work was just left. (2) It is in a box,
        // which is dropped after that, and values are `Send`.
        unsafe { ring.add(head.cast()) };
    }

    /// Takes work off the list for which `wanted` holds.
    fn take(&self, wanted: fn(*mut bindings::work_struct) -> bool) -> Option<NonNull<LeftHead>> {
        let ring = self.ring.lock();
        let mut links = ring.newest_first();
        let link = links.find(|link| {
            // SAFETY: `as_ref` requires a live head: LEFT-OWNED.
            wanted(unsafe { link.cast::<LeftHead>().as_ref() }.work.get())
        })?;
        // SAFETY: `remove` requires (1) a link in this ring, (2) that an iterator which returned it
        // last is not used again. (1) The iterator found it there. (2) The function returns.
        unsafe { ring.remove(link) };
        Some(link.cast())
    }

    /// Waits for all work, and drops it.
    ///
    /// Context: process context; may sleep.
    fn finish(&self) {
        while let Some(head) = self.take(|_| true) {
            // SAFETY: `as_ref` requires a live head: LEFT-OWNED.
            let work = unsafe { head.as_ref() }.work.get();
            // SAFETY: `flush_work()` requires initialised work that stays: this function owns it
            // (LEFT-OWNED).
            unsafe { bindings::flush_work(work) };
            // SAFETY: `drop_left` requires (1) work that is off the list, (2) work that is neither
            // queued nor running. (1) `take` has taken it off. (2) `flush_work()` has waited for
            // it, and it is not queued again (LEFT-ONCE).
            unsafe { drop_left(head) };
        }
    }
}

/// Drops the left work that was run. It does not wait for other work.
///
/// Context: process context; may sleep.
pub(crate) fn reap() {
    let is_done = |work: *mut bindings::work_struct| {
        // SAFETY: `lb_work_is_done()` requires initialised work that stays: LEFT-OWNED, and `take`
        // holds the lock.
        unsafe { bindings::lb_work_is_done(work) }
    };
    while let Some(head) = WORKS.get().take(is_done) {
        // SAFETY: `drop_left` requires (1) work that is off the list, (2) work that is neither
        // queued nor running. (1) `take` has taken it off. (2) `is_done` says that it was run, and
        // it is not queued again (LEFT-ONCE).
        unsafe { drop_left(head) };
    }
}

/// Drops left work.
///
/// # Safety
///
/// 1. `head` must be off the list, and passes to this function.
/// 2. The work must be neither queued nor running any more.
unsafe fn drop_left(head: NonNull<LeftHead>) {
    // SAFETY: `as_ref` requires a live head: the caller owns it (1).
    let drop = unsafe { head.as_ref() }.drop;
    // SAFETY: `drop_box` requires (1) work that was left and is off the list, (2) work that was
    // run. (1) LEFT-OWNED, and the caller vouches that it is off the list. (2) Left work was
    // queued, and is neither queued nor running any more.
    unsafe { drop(head) }
}
