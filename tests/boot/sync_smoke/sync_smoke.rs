// SPDX-License-Identifier: GPL-2.0
//! Locks, sharing, waiting and time, once each on a real kernel.
#![forbid(unsafe_code)]
use kernel::prelude::*;
use kernel::revocable::Revocable;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{
    Arc, ArcBorrow, Completion, CondVar, CondVarTimeoutResult, Mutex, SpinLock, SpinLockIrq,
    new_condvar, new_mutex, new_spinlock, new_spinlock_irq, rcu,
};
use kernel::task::Task;
use kernel::time::{
    BootTime, Delta, Instant, Monotonic,
    delay::{fsleep, udelay},
    msecs_to_jiffies,
};
use kernel::types::{ARef, ScopeGuard};

module! {
    type: Smoke,
    name: "sync_smoke",
    authors: ["The Lifebound developers"],
    description: "Exercises locks and sharing",
    license: "GPL",
    params: {
        forget: bool {
            default: false,
            description: "Leave a mutex locked for ever",
        },
    },
}

#[pin_data]
struct State {
    #[pin]
    mutex: Mutex<u32>,
    #[pin]
    spin: SpinLock<u32>,
    #[pin]
    irq: SpinLockIrq<u32>,
    #[pin]
    cond: CondVar,
    #[pin]
    done: Completion,
}

impl State {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            mutex <- new_mutex!(1, "m"),
            spin <- new_spinlock!(2),
            irq <- new_spinlock_irq!(3, "irq"),
            cond <- new_condvar!("c"),
            done <- Completion::new(),
        })
    }
    fn twice(self: Arc<Self>) -> (Arc<Self>, Arc<Self>) {
        (self.clone(), self)
    }
    fn borrowed(self: ArcBorrow<'_, Self>) -> Arc<Self> {
        self.into()
    }
}

struct Drops(Arc<Atomic<u32>>);
impl Drop for Drops {
    fn drop(&mut self) {
        self.0.add(1, Relaxed);
    }
}

struct Smoke {
    _s: Arc<State>,
}

fn check(what: &str, ok: bool) -> Result {
    if ok {
        Ok(())
    } else {
        pr_err!("FAILED {}\n", what);
        Err(EINVAL)
    }
}

impl kernel::Module for Smoke {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let s = Arc::pin_init(State::new(), GFP_KERNEL)?;
        let (s, t) = s.twice();
        let u = t.as_arc_borrow().borrowed();
        check("ptr", Arc::ptr_eq(&u, &s))?;
        drop(u);
        for _ in 0..1000 {
            let mut g = s.mutex.lock();
            *g += 1;
            check("try", s.mutex.try_lock().is_none())?;
        }
        check("sum", *s.mutex.try_lock().ok_or(EBUSY)? == 1001)?;
        pr_info!("mutex ok\n");
        {
            let mut g = s.spin.lock();
            *g += 1;
            check("spin", s.spin.try_lock().is_none())?;
        }
        {
            let mut g = s.irq.lock();
            *g += 1;
            check("irq", s.irq.try_lock().is_none())?;
            let _h = s.spin.lock();
        }
        check("irq2", *s.irq.try_lock().ok_or(EBUSY)? == 4)?;
        let start = Instant::<Monotonic>::now();
        {
            let mut g = s.mutex.lock();
            let r = s
                .cond
                .wait_interruptible_timeout(&mut g, msecs_to_jiffies(40));
            check("timeout", matches!(r, CondVarTimeoutResult::Timeout))?;
            check("held", s.mutex.try_lock().is_none())?;
        }
        {
            let mut g = s.spin.lock();
            let r = s
                .cond
                .wait_interruptible_timeout(&mut g, msecs_to_jiffies(40));
            check("timeout2", matches!(r, CondVarTimeoutResult::Timeout))?;
        }
        check("elapsed", start.elapsed() >= Delta::from_millis(70))?;
        s.cond.notify_all();
        s.cond.notify_one();
        s.cond.notify_sync();
        check("c0", s.done.wait_for_completion_timeout(2).is_none())?;
        check(
            "c0i",
            s.done
                .wait_for_completion_interruptible_timeout(2)?
                .is_none(),
        )?;
        s.done.complete();
        s.done.wait_for_completion();
        check("c1", !s.done.try_wait_for_completion())?;
        s.done.complete_all();
        check(
            "c2",
            s.done.wait_for_completion_timeout(usize::MAX).is_some(),
        )?;
        s.done.wait_for_completion_interruptible()?;
        {
            let g = rcu::read_lock();
            g.unlock();
        }
        rcu::synchronize_rcu();
        rcu::rcu_barrier();
        let start = Instant::<BootTime>::now();
        fsleep(Delta::from_millis(5));
        fsleep(Delta::ZERO);
        udelay(Delta::from_micros(50));
        fsleep(Delta::from_micros(3));
        check("slept", start.elapsed() >= Delta::from_micros(5050))?;
        let count = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let r = Arc::pin_init(Revocable::new(Drops(count.clone())), GFP_KERNEL)?;
        {
            let g = r.try_access().ok_or(ENXIO)?;
            fsleep(Delta::from_millis(1));
            check("c", g.0.load(Relaxed) == 0)?;
        }
        check(
            "revoke",
            r.revoke() && !r.revoke() && r.try_access().is_none() && count.load(Relaxed) == 1,
        )?;
        let task: ARef<Task> = ARef::from(&**kernel::current!());
        pr_info!(
            "pid {} comm {:?} signal {}\n",
            task.pid(),
            &*task.comm(),
            kernel::current!().signal_pending()
        );
        let guard = ScopeGuard::new(|| pr_info!("scope\n"));
        if module_parameters::forget.read() {
            core::mem::forget(s.mutex.lock());
        }
        drop(guard);
        pr_info!("all ok\n");
        Ok(Self { _s: s })
    }
}
