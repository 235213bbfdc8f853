// SPDX-License-Identifier: GPL-2.0

//! Work and timers that use the driver's data and never end by themselves. The end of the binding
//! ends them, whatever the driver did with their handles. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    io::Io,
    pci,
    prelude::*,
    scope::Scope,
    sync::{
        Arc, Completion,
        atomic::{Atomic, Relaxed},
    },
    time::{
        Delta,
        delay::fsleep,
        hrtimer::{Expired, Restart, Timer, TimerRef},
        msecs_to_jiffies,
    },
    workqueue::{self, Item, Job, WorkRef},
};

#[pin_data(PinnedDrop)]
struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    /// How often each job has run.
    again: Atomic<u32>,
    ticks: Atomic<u32>,
    queued: Atomic<u32>,
    late: Atomic<u32>,
    /// The number of jobs that run now.
    inside: Atomic<u32>,
    /// Whether the slow job takes longer.
    ending: Atomic<bool>,
    /// The slow job has begun.
    #[pin]
    slow: Completion,
}

impl Data<'_> {
    /// Counts, and uses the device, which must be there.
    fn use_device(&self, count: &Atomic<u32>) {
        self.inside.add(1, Relaxed);
        count.add(1, Relaxed);
        if self.bar.read32(0) != 0x0100_00ed {
            dev_err!(self.pdev, "TOO LATE: the device is gone\n");
        }
        self.inside.fetch_sub(1, Relaxed);
    }

    fn wait_for_slow(&self) {
        let timeout = msecs_to_jiffies(5000);
        if self.slow.wait_for_completion_timeout(timeout).is_none() {
            dev_err!(self.pdev, "the slow job has not begun\n");
        }
    }
}

#[pinned_drop]
impl PinnedDrop for Data<'_> {
    fn drop(self: Pin<&mut Self>) {
        if self.inside.load(Relaxed) != 0 {
            dev_err!(self.pdev, "TOO EARLY: something is running\n");
        }
        let before = (
            self.again.load(Relaxed),
            self.ticks.load(Relaxed),
            self.queued.load(Relaxed),
        );
        fsleep(Delta::from_millis(5));
        let after = (
            self.again.load(Relaxed),
            self.ticks.load(Relaxed),
            self.queued.load(Relaxed),
        );
        if before != after || self.late.load(Relaxed) != 0 {
            dev_err!(self.pdev, "TOO EARLY: {before:?} became {after:?}\n");
        }
        if !module_parameters::quiet.read() {
            dev_info!(self.pdev, "data dropped\n");
        }
    }
}

/// Queues itself again at once.
struct Again<'x, 'bound>(&'x Data<'bound>);

impl Job for Again<'_, '_> {
    fn run(&self, work: &WorkRef) {
        self.0.use_device(&self.0.again);
        work.queue_after(Delta::from_micros(10));
    }
}

/// A job that sleeps while the scope ends.
struct Slow<'x, 'bound>(&'x Data<'bound>);

impl Job for Slow<'_, '_> {
    fn run(&self, work: &WorkRef) {
        self.0.slow.complete();
        let time = if self.0.ending.load(Relaxed) {
            1000
        } else {
            100
        };
        fsleep(Delta::from_millis(time));
        self.0.use_device(&self.0.again);
        if !module_parameters::quiet.read() {
            let queued = work.queue();
            dev_info!(
                self.0.pdev,
                "slow job ends, register {:#x}, queued again: {queued}\n",
                self.0.bar.read32(0)
            );
        }
    }
}

/// A job that is queued for a time that never comes.
struct Late<'x, 'bound>(&'x Data<'bound>);

impl Job for Late<'_, '_> {
    fn run(&self, _work: &WorkRef) {
        self.0.late.add(1, Relaxed);
    }
}

/// A job that the timer queues.
struct Queued<'x, 'bound>(&'x Data<'bound>);

impl Job for Queued<'_, '_> {
    fn run(&self, _work: &WorkRef) {
        self.0.use_device(&self.0.queued);
    }
}

/// A timer that queues work from an interrupt, over and over.
struct Tick<'x, 'bound>(&'x Data<'bound>, Arc<Item<Queued<'x, 'bound>>>);

impl Expired for Tick<'_, '_> {
    fn expired(&self, timer: &TimerRef) -> Restart {
        self.0.use_device(&self.0.ticks);
        self.1.queue();
        timer.start(Delta::from_millis(1));
        Restart::Every(Delta::from_micros(500))
    }
}

/// A timer that starts itself, as often as it is asked to.
struct Once(Arc<Atomic<u32>>);

impl Expired for Once {
    fn expired(&self, _timer: &TimerRef) -> Restart {
        self.0.add(1, Relaxed);
        Restart::No
    }
}

struct Work;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

/// Tests the functions that do not involve the end of a scope.
fn basics(pdev: &pci::Device<Core<'_>>) -> Result {
    let count = Arc::new(Atomic::new(0), GFP_KERNEL)?;
    let timer = Timer::new_static(pdev.as_ref(), Once(count.clone()))?;
    timer.start(Delta::from_secs(3600));
    let running = timer.is_active();
    let stopped = (timer.try_cancel(), timer.try_cancel(), timer.cancel());
    timer.start(Delta::from_secs(-1));
    fsleep(Delta::from_millis(20));
    dev_info!(
        pdev,
        "timer: active {running}, cancelled {stopped:?}, ran {}\n",
        count.load(Relaxed)
    );

    struct Count(Arc<Atomic<u32>>);
    impl Job for Count {
        fn run(&self, _work: &WorkRef) {
            self.0.add(1, Relaxed);
        }
    }
    let count = Arc::new(Atomic::new(0), GFP_KERNEL)?;
    let item = Item::new_static(
        pdev.as_ref(),
        workqueue::system_unbound(),
        Count(count.clone()),
    )?;
    let first = (
        item.queue_after(Delta::from_secs(3600)),
        item.queue(),
        item.is_queued(),
    );
    let cancelled = (item.cancel(), item.cancel(), item.is_queued());
    item.queue();
    item.flush();
    let once = count.load(Relaxed);
    item.queue_after(Delta::from_secs(3600));
    item.requeue_after(Delta::ZERO);
    item.flush();
    dev_info!(
        pdev,
        "work: queued {first:?}, cancelled {cancelled:?}, ran {once} {}\n",
        count.load(Relaxed)
    );
    // Dropping the work takes it out of its queue.
    item.queue_after(Delta::from_millis(1));
    drop(item);
    fsleep(Delta::from_millis(20));
    dev_info!(
        pdev,
        "work: dropped, ran {}, shares {}\n",
        count.load(Relaxed),
        Arc::into_unique_or_drop(count).is_some()
    );
    Ok(())
}

impl pci::Driver for Work {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"work_timers")?;
            if !module_parameters::quiet.read() {
                basics(pdev)?;
            }
            Ok(try_pin_init!(Data {
                pdev,
                bar,
                again: Atomic::new(0),
                ticks: Atomic::new(0),
                queued: Atomic::new(0),
                late: Atomic::new(0),
                inside: Atomic::new(0),
                ending: Atomic::new(false),
                slow <- Completion::new(),
            }))
        })
    }

    fn attach<'bound, 'x>(
        _pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data = data.get_ref();
        let queue = workqueue::system();
        let late = Item::new(scope, queue, Late(data))?;
        late.queue_after(Delta::from_secs(3600));
        core::mem::forget(late);

        let again = Item::new(scope, queue, Again(data))?;
        again.queue();
        core::mem::forget(again);

        // The data of the other one own the handle of this one.
        let queued = Arc::new(
            Item::new(scope, workqueue::system_highpri(), Queued(data))?,
            GFP_KERNEL,
        )?;
        let tick = Timer::new(scope, Tick(data, queued))?;
        tick.start(Delta::ZERO);
        tick.detach();

        let slow = Item::new(scope, workqueue::system_long(), Slow(data))?;
        slow.queue();
        data.wait_for_slow();
        slow.detach();
        Ok(())
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        if !module_parameters::quiet.read() {
            // The job runs when the scope ends.
            data.ending.store(true, Relaxed);
            while data.slow.try_wait_for_completion() {}
            data.wait_for_slow();
            let ran = [&data.again, &data.ticks, &data.queued].map(|count| count.load(Relaxed) > 2);
            dev_info!(pdev, "unbind, all have run: {ran:?}\n");
        }
    }
}

kernel::module_driver!(<T>, pci::Adapter<T>, {
    type: Work,
    name: "work_timers",
    authors: ["The Lifebound developers"],
    description: "Work and timers that the end of a binding has to end",
    license: "GPL",
    params: {
        quiet: bool {
            default: false,
            description: "Print what is wrong only",
        },
    },
});
