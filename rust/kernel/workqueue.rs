// SPDX-License-Identifier: GPL-2.0

//! Work that runs later, in a thread of the kernel's.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)
//!
//! A work [`Item`] belongs to a scope. An interrupt handler queues it, for example, and its [`Job`]
//! runs soon after, in a thread that may sleep. The job may borrow from the scope, for example the
//! driver's own data. When the scope ends, an item that is queued is cancelled, and one that runs
//! is waited for. From then on [`WorkRef::queue`] does nothing. Forgetting an item changes nothing
//! about that.
//!
//! Linux's own crate hands `Arc`s to a queue (`Queue::enqueue`). This crate has no such function:
//! nothing would wait for such work when its module is unloaded.

use crate::{
    bindings,
    calls::{Call, Runner},
    device::{Bound, Device},
    init::into_error,
    prelude::*,
    scope::{Handle, Registered, Scope},
    time::{Delta, Jiffies, Msecs, msecs_to_jiffies},
    types::Opaque,
};

mod queue;

pub use self::queue::{
    Queue, system, system_bh, system_bh_highpri, system_freezable,
    system_freezable_power_efficient, system_highpri, system_long, system_power_efficient,
    system_unbound,
};

/// The function of a work item, with its data.
pub trait Job: Send + Sync {
    /// Called for each time that the item was queued, and never twice at a time. The job may queue
    /// its item again. The end of the scope waits for the call.
    ///
    /// Context: process context; may sleep. On [`system_bh`] and [`system_bh_highpri`]: softirq;
    /// must not sleep.
    fn run(&self, work: &WorkRef);
}

/// A job that can be queued for as long as its scope lasts.
///
/// Dropping it ends the item early: the drop cancels the item, or waits until it has run. In an
/// interrupt, and in the job itself, the drop does not wait. The item then ends soon after.
/// Forgetting it leaves its end to the scope.
///
/// Context of the drop: process context; may sleep. It may also be dropped in an interrupt.
///
/// # Examples
///
/// ```no_run
/// use kernel::{
///     prelude::*,
///     scope::Scope,
///     sync::atomic::{Atomic, Relaxed},
///     time::Delta,
///     workqueue::{self, Item, Job, WorkRef},
/// };
///
/// /// Part of the driver's data.
/// struct Beats(Atomic<u32>);
///
/// impl Job for &Beats {
///     fn run(&self, work: &WorkRef) {
///         self.0.add(1, Relaxed);
///         work.queue_after(Delta::from_secs(1)); // until the scope ends
///     }
/// }
///
/// // In `attach`, which gets the data and the scope:
/// fn start<'x>(beats: &'x Beats, scope: &'x Scope<'x>) -> Result {
///     let item = Item::new(scope, workqueue::system(), beats)?;
///     item.queue();
///     item.detach();
///     Ok(())
/// }
/// ```
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
pub struct Item<T: Job>(Handle<WorkPayload<T>>);

impl<T: Job> Item<T> {
    /// Makes an item for `queue`, with data that may borrow from the scope.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The initialiser's error.
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    #[doc(alias("INIT_WORK", "INIT_DELAYED_WORK"))]
    pub fn new<'x, E>(
        scope: &Scope<'x>,
        queue: &'static Queue,
        job: impl PinInit<T, E>,
    ) -> Result<Self>
    where
        T: 'x,
        Error: From<E>,
    {
        scope
            .keep::<_, Error>(WorkPayload::new(queue, into_error(job)))
            .map(Self)
    }

    /// Makes an item for a device, with data that borrows nothing. It may be called in `probe`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The errors of [`new`](Self::new).
    /// - `EPERM` if no driver of this module has bound the device.
    pub fn new_static<E>(
        device: &Device<Bound>,
        queue: &'static Queue,
        job: impl PinInit<T, E>,
    ) -> Result<Self>
    where
        T: 'static,
        Error: From<E>,
    {
        Self::new(Scope::of(device)?, queue, job)
    }

    /// Waits until the item, if it was queued, has run. If a job calls it for its own item, it does
    /// not wait.
    ///
    /// Context: process context; may sleep.
    #[doc(alias("flush_work", "flush_delayed_work"))]
    pub fn flush(&self) {
        if self.runs_here() {
            return;
        }
        // SAFETY: `flush_delayed_work()` requires initialised work: WORK-ENDED, and the payload is
        // still in place.
        unsafe { bindings::flush_delayed_work(self.raw.get()) };
    }

    /// Cancels the item: takes it out of its queue, and waits if it is running. If the job itself
    /// calls this, it does not wait. Returns whether the item was queued. The item can be queued
    /// again.
    ///
    /// Context: process context; may sleep.
    #[doc(alias("cancel_work_sync", "cancel_delayed_work_sync"))]
    pub fn cancel(&self) -> bool {
        if self.runs_here() {
            // SAFETY: `cancel_delayed_work()` requires initialised work: WORK-ENDED, and the
            // payload is still in place.
            return unsafe { bindings::cancel_delayed_work(self.raw.get()) };
        }
        // SAFETY: `cancel_delayed_work_sync()` requires initialised work: WORK-ENDED, and the
        // payload is still in place.
        unsafe { bindings::cancel_delayed_work_sync(self.raw.get()) }
    }

    /// Leaves the item to its scope.
    ///
    /// Context: any context.
    pub fn detach(self) {
        self.0.detach();
    }
}

impl<T: Job> core::ops::Deref for Item<T> {
    type Target = WorkRef;

    fn deref(&self) -> &WorkRef {
        &self.0.payload().get_ref().work
    }
}

/// A work item without its job. Its methods queue the item.
///
/// # Invariants
///
/// WORK-ENDED: `raw` is initialised. It stays in place until it is neither queued nor running, and
/// cannot be queued.
#[pin_data(PinnedDrop)]
pub struct WorkRef {
    #[pin]
    raw: Opaque<bindings::delayed_work>,
    /// The item's own class for lockdep: an item may wait for another one.
    #[pin]
    key: Opaque<bindings::lock_class_key>,
    runner: Runner,
    queue: &'static Queue,
}

// SAFETY: `Send` requires that any thread may own the value: work belongs to no thread.
unsafe impl Send for WorkRef {}

// SAFETY: `Sync` requires that threads may share the value: any thread may queue work, and C locks
// what it uses.
unsafe impl Sync for WorkRef {}

impl WorkRef {
    fn new(
        queue: &'static Queue,
        run: unsafe extern "C" fn(*mut bindings::work_struct),
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            key <- Opaque::ffi_init(|key| {
                if !cfg!(CONFIG_LOCKDEP) {
                    return;
                }
                // SAFETY: `lockdep_register_key()` requires memory that stays until it is
                // unregistered: the memory is pinned, and `drop` unregisters it.
                unsafe { bindings::lb_lockdep_register_key(key) }
            }),
            raw <- Opaque::ffi_init(move |raw| {
                // SAFETY: `INIT_DELAYED_WORK()` requires memory that stays in place: it is pinned.
                unsafe { bindings::lb_init_delayed_work(raw, Some(run)) }
            }),
            runner: Runner::default(),
            queue,
            _: {
                if cfg!(CONFIG_LOCKDEP) {
                    // SAFETY: `lb_delayed_work_set_class()` requires initialised work, and a
                    // registered key that stays as long as the work. The lines above have made
                    // both, in one pinned value.
                    unsafe { bindings::lb_delayed_work_set_class(raw.get(), key.get()) }
                }
            },
        })
    }

    /// Queues the item, to run as soon as possible. Returns `false` if the item was queued already,
    /// or its scope has ended.
    ///
    /// Context: any context but NMI.
    #[doc(alias("queue_work", "schedule_work"))]
    pub fn queue(&self) -> bool {
        self.queue_ticks(0)
    }

    /// Queues the item, to run `delay` from now, or at once if `delay` is negative. Returns the
    /// same as [`queue`](Self::queue).
    ///
    /// Context: any context but NMI.
    #[doc(alias("queue_delayed_work", "schedule_delayed_work"))]
    pub fn queue_after(&self, delay: Delta) -> bool {
        self.queue_ticks(ticks(delay))
    }

    /// Queues the item, to run `delay` from now, even if it is already queued for another time.
    /// Does nothing if the scope has ended.
    ///
    /// Context: any context but NMI.
    #[doc(alias = "mod_delayed_work")]
    pub fn requeue_after(&self, delay: Delta) {
        // SAFETY: `mod_delayed_work()` requires a queue and initialised work: the queue is static,
        // and WORK-ENDED.
        unsafe { bindings::lb_mod_delayed_work(self.queue.as_raw(), self.raw.get(), ticks(delay)) };
    }

    /// Whether the item is queued.
    ///
    /// Context: any context.
    #[doc(alias("work_pending", "delayed_work_pending"))]
    pub fn is_queued(&self) -> bool {
        // SAFETY: `delayed_work_pending()` requires initialised work, of which it reads an atomic
        // field: WORK-ENDED.
        unsafe { bindings::lb_delayed_work_pending(self.raw.get()) }
    }

    /// Whether the job runs here: this thread runs it, or this is an interrupt that has interrupted
    /// it.
    fn runs_here(&self) -> bool {
        self.runner.is_here()
    }

    fn queue_ticks(&self, ticks: Jiffies) -> bool {
        // SAFETY: `queue_delayed_work()` requires a queue and initialised work: the queue is
        // static, and WORK-ENDED.
        unsafe { bindings::lb_queue_delayed_work(self.queue.as_raw(), self.raw.get(), ticks) }
    }
}

#[pinned_drop]
impl PinnedDrop for WorkRef {
    fn drop(self: Pin<&mut Self>) {
        if cfg!(CONFIG_LOCKDEP) {
            // SAFETY: `lockdep_unregister_key()` requires a registered key that nothing uses any
            // more: `new` has registered it, and the work that refers to it is not used any more
            // (WORK-ENDED).
            unsafe { bindings::lb_lockdep_unregister_key(self.key.get()) };
        }
    }
}

/// The number of ticks that takes at least `delay`.
fn ticks(delay: Delta) -> Jiffies {
    let msecs = Msecs::try_from(delay.as_millis_ceil().max(0)).unwrap_or(Msecs::MAX);
    msecs_to_jiffies(msecs)
}

/// The payload that the scope owns.
#[pin_data]
struct WorkPayload<T> {
    #[pin]
    work: WorkRef,
    #[pin]
    job: T,
}

impl<T: Job> WorkPayload<T> {
    fn new(queue: &'static Queue, job: impl PinInit<T, Error>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            work <- WorkRef::new(queue, run::<T>),
            job <- job,
        })
    }
}

impl<T: Job> Registered for WorkPayload<T> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: `disable_delayed_work_sync()` requires initialised work: WORK-ENDED. When it
        // returns, the work is not running, and cannot be queued again.
        unsafe { bindings::disable_delayed_work_sync(self.work.raw.get()) };
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        self.work.runs_here()
    }
}

/// # Safety
///
/// C must call this for the work of a `WorkPayload<T>` that was not stopped.
unsafe extern "C" fn run<T: Job>(work: *mut bindings::work_struct) {
    let offset = core::mem::offset_of!(WorkPayload<T>, work)
        + core::mem::offset_of!(WorkRef, raw)
        + core::mem::offset_of!(bindings::delayed_work, work);
    let payload = work.wrapping_byte_sub(offset).cast::<WorkPayload<T>>();
    // SAFETY: a reference requires a live payload: the work is part of one (the caller), which
    // lives until `stop` has returned, and `stop` waits for this function.
    let payload = unsafe { &*payload };
    let work = &payload.work;
    let _call = Call::begin(work);
    work.runner.run(|| payload.job.run(work));
}
