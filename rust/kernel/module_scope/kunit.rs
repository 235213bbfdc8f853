// SPDX-License-Identifier: GPL-2.0

//! Tests of the entries that the module ends, and of the work that it waits for.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::*;
use crate::{
    ffi::c_void,
    init::into_error,
    kunit::{Thread, driver::wait_until},
    prelude::*,
    sync::{
        Arc, Completion,
        atomic::{Atomic, Relaxed},
    },
    time::{Delta, delay::fsleep},
};

/// The number of times that work was run, and that it was dropped.
static RUNS: AtomicU32 = AtomicU32::new(0);
static DROPS: AtomicU32 = AtomicU32::new(0);
/// Lets the work go on.
static GATE: AtomicBool = AtomicBool::new(false);

fn runs_and_drops() -> (u32, u32) {
    (RUNS.load(Ordering::Relaxed), DROPS.load(Ordering::Relaxed))
}

/// Waits for [`GATE`].
struct Gated;

impl Work for Gated {
    fn run(&mut self) {
        while !GATE.load(Ordering::Acquire) {
            fsleep(Delta::from_millis(1));
        }
        RUNS.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Gated {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::Relaxed);
    }
}

fn start_over(gate: bool) {
    RUNS.store(0, Ordering::Relaxed);
    DROPS.store(0, Ordering::Relaxed);
    GATE.store(gate, Ordering::Release);
}

/// Counts the entries that end.
unsafe extern "C" fn count(counter: *mut c_void) {
    // SAFETY: a reference requires a live counter: each test passes a counter that it keeps until
    // the end was called.
    unsafe { &*counter.cast::<Atomic<u32>>() }.add(1, Relaxed);
}

/// No callback that the end would wait for runs here.
fn nowhere() -> bool {
    false
}

/// A callback that the end would wait for always runs here.
fn here() -> bool {
    true
}

/// Keeps a counter of ends. C gets to know the counter's own address.
fn kept() -> Result<(Kept<Arc<Atomic<u32>>>, Arc<Atomic<u32>>)> {
    let ends = Arc::new(Atomic::new(0), GFP_KERNEL)?;
    let start = |ends: Pin<&Arc<Atomic<u32>>>| Ok(Arc::as_ptr(&ends).cast_mut().cast());
    // SAFETY: `fill` requires that what `start` returned is fit for `end`: the payload has a share
    // in the counter.
    let kept = unsafe { Room::new()?.fill(into_error(ends.clone()), start, count, nowhere) }?;
    Ok((kept, ends))
}

#[kunit_tests(lifebound_module_scope)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_once() -> Result {
        let (kept, ends) = kept()?;
        assert_eq!(ends.load(Relaxed), 0);
        end();
        assert_eq!(ends.load(Relaxed), 1);
        drop(kept);
        assert_eq!(ends.load(Relaxed), 1);
        let (kept, ends) = super::kept()?;
        drop(kept);
        assert_eq!(ends.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_callback_that_ends_its_own_registration_leaves_it_to_the_module() -> Result {
        let ends = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        for forget in [false, true] {
            ends.store(0, Relaxed);
            let start = |ends: Pin<&Arc<Atomic<u32>>>| Ok(Arc::as_ptr(&ends).cast_mut().cast());
            // SAFETY: `fill` requires that what `start` returned is fit for `end`: the payload has
            // a share in the counter.
            let kept = unsafe { Room::new()?.fill(into_error(ends.clone()), start, count, here) }?;
            if forget {
                // The module ends the entry; then it is dropped.
                end();
            }
            drop(kept);
            end();
            assert_eq!(ends.load(Relaxed), 1);
        }
        assert!(
            Arc::into_unique_or_drop(ends).is_some(),
            "all payloads are gone"
        );
        Ok(())
    }

    #[test]
    fn a_start_that_fails_leaves_nothing() -> Result {
        let ends = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        // SAFETY: `fill` requires that what `start` returned is fit for `end`: `start` fails, so
        // `end` is not called.
        let kept =
            unsafe { Room::new()?.fill(into_error(ends.clone()), |_| Err(ENXIO), count, nowhere) };
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
                // SAFETY: `fill` requires that what `start` returned is fit for `end`: the payload
                // has a share in the counter.
                let kept = unsafe { room.fill(into_error(ends), start, count, nowhere) };
                // The value is forgotten, so that the list ends the entry.
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
        // The time is long enough for the end to be over, if it did not wait.
        crate::time::delay::fsleep(crate::time::Delta::from_millis(100));
        let too_early = ended.load(Relaxed);
        go.complete_all();
        drop((starter, ender));
        assert!(!too_early);
        assert_eq!((ended.load(Relaxed), ends.load(Relaxed)), (true, 1));
        Ok(())
    }

    #[test]
    fn work_that_is_not_left_is_not_run() -> Result {
        start_over(true);
        drop(LeftWork::new(Gated)?);
        reap();
        end();
        assert_eq!(runs_and_drops(), (0, 1));
        Ok(())
    }

    #[test]
    fn work_is_run_and_reaped() -> Result {
        start_over(true);
        for _ in 0..3 {
            LeftWork::leave(LeftWork::new(Gated)?);
        }
        wait_until(|| {
            reap();
            runs_and_drops() == (3, 3)
        });
        Ok(())
    }

    #[test]
    fn reaping_does_not_wait_and_the_module_does() -> Result {
        start_over(false);
        LeftWork::leave(LeftWork::new(Gated)?);
        LeftWork::leave(LeftWork::new(Gated)?);
        reap();
        assert_eq!(runs_and_drops(), (0, 0));
        let opener = Thread::spawn(|| {
            fsleep(Delta::from_millis(20));
            GATE.store(true, Ordering::Release);
        })?;
        end();
        assert_eq!(runs_and_drops(), (2, 2));
        drop(opener);
        Ok(())
    }
}
