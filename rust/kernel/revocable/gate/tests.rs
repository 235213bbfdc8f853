// SPDX-License-Identifier: GPL-2.0

//! Host tests of [`Gate`].

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use pin_init::stack_pin_init;

use super::*;

/// An event of the host's.
#[pin_data]
pub(crate) struct HostEvent {
    happened: Mutex<bool>,
    changed: Condvar,
}

// SAFETY: the trait requires that `wait` returns after `happen`, ordered, and then always; the
// event is a flag under a lock that is never cleared.
unsafe impl Event for HostEvent {
    fn new<E>() -> impl PinInit<Self, E> {
        try_pin_init!(Self {
            happened: Mutex::new(false),
            changed: Condvar::new(),
        }? E)
    }

    fn check_context() {}

    fn happen(&self) {
        *self.happened.lock().unwrap() = true;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let happened = self.happened.lock().unwrap();
        drop(
            self.changed
                .wait_while(happened, |happened| !*happened)
                .unwrap(),
        );
    }
}

impl HostEvent {
    fn happened(&self) -> bool {
        *self.happened.lock().unwrap()
    }
}

fn leave(gate: &Gate<HostEvent>) {
    // SAFETY: `leave` requires that the caller has entered; the tests below do.
    unsafe { gate.leave() };
}

/// Sleeps long enough for a thread to reach the place where it waits.
fn a_while() {
    thread::sleep(Duration::from_millis(30));
}

#[test]
fn opens_and_closes() {
    stack_pin_init!(let gate = Gate::<HostEvent>::new());
    assert!(gate.enter());
    assert!(gate.enter());
    leave(&gate);
    leave(&gate);
    assert!(!gate.is_closed());
    assert!(gate.close(|| ()));
    assert!(gate.is_closed());
    assert!(!gate.enter());
    // Nobody was inside when the gate was closed, so nobody made it empty.
    assert!(!gate.empty.happened());
    gate.finish();
    assert!(!gate.close(|| ()));
}

#[test]
fn closing_waits_for_those_inside() {
    stack_pin_init!(let gate = Gate::<HostEvent>::new());
    assert!(gate.enter() && gate.enter());
    let closed = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(gate.close(|| ()));
            closed.store(true, Ordering::SeqCst);
        });
        while !gate.is_closed() {
            thread::yield_now();
        }
        assert!(!gate.enter());
        leave(&gate);
        a_while();
        assert!(!closed.load(Ordering::SeqCst) && !gate.empty.happened());
        leave(&gate);
    });
    assert!(closed.load(Ordering::SeqCst));
}

#[test]
fn the_second_to_close_waits_for_the_first_to_finish() {
    stack_pin_init!(let gate = Gate::<HostEvent>::new());
    assert!(gate.close(|| ()));
    let returned = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(!gate.close(|| ()));
            returned.store(true, Ordering::SeqCst);
        });
        a_while();
        assert!(!returned.load(Ordering::SeqCst));
        gate.finish();
    });
    assert!(returned.load(Ordering::SeqCst));
}

#[test]
fn closing_at_once_does_not_wait() {
    stack_pin_init!(let gate = Gate::<HostEvent>::new());
    assert!(gate.close_at_once());
    assert!(!gate.close_at_once());
    assert!(!gate.enter());
    gate.finish();
    assert!(!gate.close(|| ()));
}

#[test]
fn too_many_inside_are_refused() {
    stack_pin_init!(let gate = Gate::<HostEvent>::new());
    gate.state.store(MAX_INSIDE - 1, Ordering::Relaxed);
    assert!(gate.enter());
    assert!(!gate.enter());
    assert_eq!(gate.state.load(Ordering::Relaxed), MAX_INSIDE);
    leave(&gate);
    assert!(gate.enter());
}

/// A user inside finds the gate not yet passed by the closer, however the threads interleave.
#[test]
fn nobody_is_inside_when_close_returns() {
    for round in 0..300 {
        let state = Arc::new((Box::pin(AtomicBool::new(true)), AtomicUsize::new(0)));
        stack_pin_init!(let gate = Gate::<HostEvent>::new());
        let (alive, entered) = (&state.0, &state.1);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while gate.enter() {
                        entered.fetch_add(1, Ordering::Relaxed);
                        for _ in 0..round % 7 {
                            assert!(alive.load(Ordering::Relaxed), "the value is gone");
                        }
                        leave(&gate);
                    }
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..(round * 37) % 500 {
                        std::hint::spin_loop();
                    }
                    if gate.close(|| ()) {
                        assert!(alive.swap(false, Ordering::Relaxed), "dropped twice");
                        gate.finish();
                    }
                    assert!(!alive.load(Ordering::Relaxed), "returned before the drop");
                });
            }
        });
        assert_eq!(gate.state.load(Ordering::Relaxed), CLOSED);
    }
}
