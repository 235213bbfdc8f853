// SPDX-License-Identifier: GPL-2.0

//! Work for later, in a thread of the kernel's.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)
//!
//! A work [`Item`] belongs to a scope: an interrupt handler queues it, and its [`Job`] runs soon after, where it may sleep.
//! What it uses may borrow from the scope, the driver's own data for example. When the scope ends, an item that is queued is
//! taken out, one that runs is waited for, and from then on [`WorkRef::queue`] does nothing. Forgetting an item changes
//! nothing about that.
//!
//! Linux's own crate hands `Arc`s to a queue (`Queue::enqueue`). That is absent here: nothing would wait for such work when
//! its module is unloaded.

use crate::{
    bindings,
    calls::{Call, Runner},
    device::{Bound, Device},
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

/// What a work item does.
pub trait Job: Send + Sync {
    /// Called for each time that the item was queued; never twice at a time. Queueing it again from here is possible.
    ///
    /// Context: process context, may sleep; on [`system_bh`] and [`system_bh_highpri`], a software interrupt that must
    /// not sleep. The end of the scope waits for it.
    fn run(&self, work: &WorkRef);
}

/// A job that can be queued, for as long as its scope lasts.
///
/// Dropping it ends that early; it takes the item out of its queue, or waits until it has run. It
/// may sleep. In an interrupt, and in the job itself, the drop does not wait: the item ends soon
/// after. Forgetting it leaves its end to the scope.
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
/// // In `attach`, which gets both:
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
    /// Makes an item that is queued in `queue`, with data that may borrow from the scope. May sleep.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `ENODEV` if the scope is ending.
    pub fn new<'x>(
        scope: &Scope<'x>,
        queue: &'static Queue,
        job: impl PinInit<T, Error>,
    ) -> Result<Self>
    where
        T: 'x,
    {
        scope
            .enter::<_, Error>(WorkPayload::new(queue, job), |_| Ok(()))
            .map(Self)
    }

    /// Makes an item for a device, with data that borrow nothing. May be called in `probe`. May sleep.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); `EPERM` if no driver of this module has bound the device.
    pub fn new_static(
        device: &Device<Bound>,
        queue: &'static Queue,
        job: impl PinInit<T, Error>,
    ) -> Result<Self>
    where
        T: 'static,
    {
        Self::new(Scope::of(device)?, queue, job)
    }

    /// Waits until the item, if it was queued, has run. May sleep. For its own item a job does not
    /// wait.
    pub fn flush(&self) {
        if self.runs_here() {
            return;
        }
        // SAFETY: `flush_delayed_work()` wants initialised work: WORK-ENDED, it is still in place.
        unsafe { bindings::flush_delayed_work(self.raw.get()) };
    }

    /// Takes the item out of its queue, and waits if it is running, unless the job itself does it.
    /// Returns whether it was queued. May sleep. It can be queued again.
    pub fn cancel(&self) -> bool {
        if self.runs_here() {
            // SAFETY: `cancel_delayed_work()` requires initialised work: as above.
            return unsafe { bindings::cancel_delayed_work(self.raw.get()) };
        }
        // SAFETY: `cancel_delayed_work_sync()` wants initialised work: as above.
        unsafe { bindings::cancel_delayed_work_sync(self.raw.get()) }
    }

    /// Leaves the item to its scope. Any context.
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

/// A work item, without what it does: for queueing it.
///
/// # Invariants
///
/// WORK-ENDED: `raw` is initialised, and stays in place until it is neither queued nor running, nor can be queued.
#[pin_data(PinnedDrop)]
pub struct WorkRef {
    #[pin]
    raw: Opaque<bindings::delayed_work>,
    /// Its own class for lockdep: an item may wait for another one.
    #[pin]
    key: Opaque<bindings::lock_class_key>,
    runner: Runner,
    queue: &'static Queue,
}

// SAFETY: work belongs to no thread.
unsafe impl Send for WorkRef {}

// SAFETY: work is queued from all threads; C locks.
unsafe impl Sync for WorkRef {}

impl WorkRef {
    fn new(
        queue: &'static Queue,
        run: unsafe extern "C" fn(*mut bindings::work_struct),
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            key <- Opaque::ffi_init(|key| {
                // SAFETY: `lockdep_register_key()` wants memory that stays until it is unregistered: `drop` does that.
                unsafe { bindings::lb_lockdep_register_key(key) }
            }),
            raw <- Opaque::ffi_init(move |raw| {
                // SAFETY: `INIT_DELAYED_WORK()` wants memory, pinned.
                unsafe { bindings::lb_init_delayed_work(raw, Some(run)) }
            }),
            runner: Runner::default(),
            queue,
            _: {
                // SAFETY: the work was just initialised, and the key registered; both are pinned, in the same memory.
                unsafe { bindings::lb_delayed_work_set_class(raw.get(), key.get()) }
            },
        })
    }

    /// Queues the item, to run as soon as possible. Returns whether it was neither queued already nor its scope ended.
    /// Any context but NMI.
    pub fn queue(&self) -> bool {
        self.queue_ticks(0)
    }

    /// Queues the item, to run `delay` from now; at once if that is negative. Returns as [`queue`](Self::queue). Any
    /// context but NMI.
    pub fn queue_after(&self, delay: Delta) -> bool {
        self.queue_ticks(ticks(delay))
    }

    /// Queues the item, to run `delay` from now, also if it is queued already for another time. Nothing if its scope has
    /// ended. Any context but NMI.
    pub fn requeue_after(&self, delay: Delta) {
        // SAFETY: `mod_delayed_work()` wants a queue, which is static, and initialised work: WORK-ENDED.
        unsafe { bindings::lb_mod_delayed_work(self.queue.as_raw(), self.raw.get(), ticks(delay)) };
    }

    /// Whether the item is queued. Any context.
    pub fn is_queued(&self) -> bool {
        // SAFETY: the shim reads an atomic field of initialised work.
        unsafe { bindings::lb_delayed_work_pending(self.raw.get()) }
    }

    /// Whether the job runs here.
    fn runs_here(&self) -> bool {
        self.runner.is_here()
    }

    fn queue_ticks(&self, ticks: Jiffies) -> bool {
        // SAFETY: `queue_delayed_work()` wants a queue, which is static, and initialised work: WORK-ENDED.
        unsafe { bindings::lb_queue_delayed_work(self.queue.as_raw(), self.raw.get(), ticks) }
    }
}

#[pinned_drop]
impl PinnedDrop for WorkRef {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: `new` registered it. The work, which refers to it, is not used any more (WORK-ENDED).
        unsafe { bindings::lb_lockdep_unregister_key(self.key.get()) };
    }
}

/// The number of ticks that takes at least `delay`.
fn ticks(delay: Delta) -> Jiffies {
    let msecs = Msecs::try_from(delay.as_millis_ceil().max(0)).unwrap_or(Msecs::MAX);
    msecs_to_jiffies(msecs)
}

/// What the scope owns.
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
        // SAFETY: `disable_delayed_work_sync()` wants initialised work. When it returns, it is not running, and cannot be
        // queued again.
        unsafe { bindings::disable_delayed_work_sync(self.work.raw.get()) };
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        self.work.runs_here()
    }
}

/// # Safety
///
/// To be called by C for the work of a `WorkPayload<T>` that has not been stopped.
unsafe extern "C" fn run<T: Job>(work: *mut bindings::work_struct) {
    let offset = core::mem::offset_of!(WorkPayload<T>, work)
        + core::mem::offset_of!(WorkRef, raw)
        + core::mem::offset_of!(bindings::delayed_work, work);
    let payload = work.wrapping_byte_sub(offset).cast::<WorkPayload<T>>();
    // SAFETY: the work is part of one (the caller), which is there until `stop` has returned, and that waits for this.
    let payload = unsafe { &*payload };
    let work = &payload.work;
    let _call = Call::begin(work);
    work.runner.run(|| payload.job.run(work));
}
