// SPDX-License-Identifier: GPL-2.0

//! Tests of locks, shares and waiting, with threads of the kernel.

use super::{
    Arc, Completion, CondVar, CondVarTimeoutResult, Mutex, SpinLock, SpinLockIrq,
    aref::ARef,
    atomic::{Atomic, Relaxed},
    new_condvar, new_mutex, new_spinlock, new_spinlock_irq, rcu,
};
use crate::{
    kunit::Thread,
    prelude::*,
    task::Task,
    time::{Delta, delay::fsleep, msecs_to_jiffies},
};

const THREADS: usize = 4;
const ROUNDS: usize = 1000;

#[pin_data]
struct State {
    #[pin]
    mutex: Mutex<usize>,
    #[pin]
    spin: SpinLock<usize>,
    #[pin]
    irq: SpinLockIrq<usize>,
    #[pin]
    changed: CondVar,
    #[pin]
    done: Completion,
    count: Atomic<u32>,
}

impl State {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            mutex <- new_mutex!(0, "kunit_mutex"),
            spin <- new_spinlock!(0, "kunit_spin"),
            irq <- new_spinlock_irq!(0, "kunit_irq"),
            changed <- new_condvar!("kunit_condvar"),
            done <- Completion::new(),
            count: Atomic::new(0),
        })
    }
}

fn state() -> Result<Arc<State>> {
    Arc::pin_init(State::new(), GFP_KERNEL)
}

/// Runs `work` on several threads at a time, and waits for all.
fn on_threads(state: &Arc<State>, work: fn(&State)) -> Result {
    let mut threads = KVec::with_capacity(THREADS, GFP_KERNEL)?;
    for _ in 0..THREADS {
        let state = state.clone();
        threads.push(Thread::spawn(move || work(&state))?, GFP_KERNEL)?;
    }
    Ok(())
}

/// Adds one in a way that loses counts if two threads do it at once.
fn add_slowly(value: &mut usize) {
    let old = *value;
    core::hint::black_box(&value);
    *value = old + 1;
}

/// Counts its drops.
struct Drops(Arc<State>);

impl Drop for Drops {
    fn drop(&mut self) {
        self.0.count.add(1, Relaxed);
    }
}

#[kunit_tests(lifebound_locks)]
mod locks {
    use super::*;

    #[test]
    fn locks_admit_one_at_a_time() -> Result {
        let state = state()?;
        on_threads(&state, |state| {
            for _ in 0..ROUNDS {
                add_slowly(&mut state.mutex.lock());
                add_slowly(&mut state.spin.lock());
                add_slowly(&mut state.irq.lock());
            }
        })?;
        assert_eq!(*state.mutex.lock(), THREADS * ROUNDS);
        assert_eq!(*state.spin.lock(), THREADS * ROUNDS);
        assert_eq!(*state.irq.lock(), THREADS * ROUNDS);
        Ok(())
    }

    #[test]
    fn a_held_lock_is_refused_to_other_threads() -> Result {
        let state = state()?;
        let refused = |state: &State| {
            assert!(state.mutex.try_lock().is_none());
            state.count.add(1, Relaxed);
        };
        let guard = state.mutex.lock();
        on_threads(&state, refused)?;
        drop(guard);
        assert_eq!(state.count.load(Relaxed), 4);
        assert!(state.mutex.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn spin_locks_give_up_too() -> Result {
        let state = state()?;
        let guard = state.spin.lock();
        assert!(state.spin.try_lock().is_none());
        let inner = state.irq.lock();
        assert!(state.irq.try_lock().is_none());
        drop((inner, guard));
        assert!(state.spin.try_lock().is_some() && state.irq.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn waiting_for_a_change_releases_the_lock() -> Result {
        let state = state()?;
        let thread = {
            let state = state.clone();
            Thread::spawn(move || {
                for next in 1..=30 {
                    let mut value = state.mutex.lock();
                    while *value % 2 == 0 {
                        state.changed.wait(&mut value);
                    }
                    assert_eq!(*value, 2 * next - 1);
                    *value += 1;
                    drop(value);
                    state.changed.notify_all();
                }
            })?
        };
        for next in 1..=30 {
            let mut value = state.mutex.lock();
            while *value % 2 == 1 {
                state.changed.wait(&mut value);
            }
            assert_eq!(*value, 2 * next - 2);
            *value += 1;
            drop(value);
            state.changed.notify_one();
        }
        drop(thread);
        assert_eq!(*state.mutex.lock(), 60);
        Ok(())
    }

    #[test]
    fn waiting_for_a_change_ends_with_its_time() -> Result {
        let state = state()?;
        let mut value = state.spin.lock();
        let result = state
            .changed
            .wait_interruptible_timeout(&mut value, msecs_to_jiffies(20));
        assert!(matches!(result, CondVarTimeoutResult::Timeout));
        assert!(state.spin.try_lock().is_none(), "it is held again");
        Ok(())
    }

    #[test]
    fn rcu_waits_for_readers() -> Result {
        let state = state()?;
        let reader = {
            let state = state.clone();
            Thread::spawn(move || {
                let guard = rcu::read_lock();
                state.done.complete();
                crate::time::delay::udelay(Delta::from_millis(1));
                state.count.add(1, Relaxed);
                drop(guard);
            })?
        };
        state.done.wait_for_completion();
        rcu::synchronize_rcu();
        assert_eq!(state.count.load(Relaxed), 1);
        drop(reader);
        Ok(())
    }
}

#[kunit_tests(lifebound_completion)]
mod completions {
    use super::*;

    #[test]
    fn one_waiter_for_each_completion() -> Result {
        let state = state()?;
        assert!(!state.done.try_wait_for_completion());
        assert!(state.done.wait_for_completion_timeout(2).is_none());
        state.done.complete();
        assert!(state.done.wait_for_completion_timeout(2).is_some());
        assert!(!state.done.try_wait_for_completion(), "it was used up");
        Ok(())
    }

    #[test]
    fn all_waiters_go_on_when_all_is_complete() -> Result {
        let state = state()?;
        let waker = {
            let state = state.clone();
            Thread::spawn(move || {
                fsleep(Delta::from_millis(10));
                state.count.add(100, Relaxed);
                state.done.complete_all();
            })?
        };
        on_threads(&state, |state| {
            state.done.wait_for_completion();
            assert!(state.count.load(Relaxed) >= 100);
            state.count.add(1, Relaxed);
        })?;
        drop(waker);
        assert_eq!(state.count.load(Relaxed), 104);
        assert!(state.done.try_wait_for_completion(), "for ever");
        Ok(())
    }
}

#[kunit_tests(lifebound_arc)]
mod shares {
    use super::*;

    #[test]
    fn value_goes_with_the_last_share_on_any_thread() -> Result {
        let state = state()?;
        for round in 1..=20 {
            let value = Arc::new(Drops(state.clone()), GFP_KERNEL)?;
            let other = value.clone();
            let thread = Thread::spawn(move || {
                for _ in 0..100 {
                    drop(other.clone());
                }
            })?;
            for _ in 0..100 {
                drop(value.clone());
            }
            drop(value);
            drop(thread);
            assert_eq!(state.count.load(Relaxed), round);
        }
        Ok(())
    }

    #[test]
    fn one_of_two_threads_gets_the_value_back() -> Result {
        let state = state()?;
        for round in 1..=20 {
            let value = Arc::new((), GFP_KERNEL)?;
            let (other, winners) = (value.clone(), state.clone());
            let thread = Thread::spawn(move || {
                if Arc::into_unique_or_drop(other).is_some() {
                    winners.count.add(1, Relaxed);
                }
            })?;
            if Arc::into_unique_or_drop(value).is_some() {
                state.count.add(1, Relaxed);
            }
            drop(thread);
            assert_eq!(state.count.load(Relaxed), round);
        }
        Ok(())
    }

    #[test]
    fn a_counted_task_outlives_its_end() -> Result {
        let state = state()?;
        let seen = Arc::pin_init(new_mutex!(None::<ARef<Task>>), GFP_KERNEL)?;
        let (sender, wait) = (seen.clone(), state.clone());
        let thread = Thread::spawn(move || {
            *sender.lock() = Some(ARef::from(&**crate::current!()));
            wait.done.complete();
        })?;
        state.done.wait_for_completion();
        drop(thread);
        let task = seen.lock().take().ok_or(ESRCH)?;
        assert!(task.pid() > 0 && task.pid() != crate::current!().pid());
        assert_eq!(&*task.comm(), c"lifebound_kunit");
        Ok(())
    }
}
