// SPDX-License-Identifier: GPL-2.0

//! Host tests of [`Revocable`].

use std::boxed::Box;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pin_init::{stack_pin_init, stack_try_pin_init};

use super::*;

/// A value that counts its drops, and has memory of its own for a sanitizer to watch.
struct Value {
    drops: Arc<AtomicUsize>,
    content: Box<UnsafeCell<u64>>,
}

// SAFETY: `Sync` requires that `&Value` is usable by several threads; the tests only read the
// content.
unsafe impl Sync for Value {}

impl Value {
    fn new() -> (Self, Arc<AtomicUsize>) {
        let drops = Arc::new(AtomicUsize::new(0));
        let content = Box::new(UnsafeCell::new(42));
        (
            Self {
                drops: drops.clone(),
                content,
            },
            drops,
        )
    }

    fn read(&self) -> u64 {
        // SAFETY: a volatile read requires a live value that nobody writes. Only `drop` writes it,
        // and the `Revocable` keeps `drop` away from readers.
        unsafe { self.content.get().read_volatile() }
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // A reader that comes too late sees the zero.
        *self.content.get_mut() = 0;
        self.drops.fetch_add(1, Ordering::SeqCst);
    }
}

fn count(drops: &AtomicUsize) -> usize {
    drops.load(Ordering::SeqCst)
}

#[test]
fn access_until_revoked() {
    let (value, drops) = Value::new();
    stack_pin_init!(let revocable = Revocable::new(value));
    assert_eq!(revocable.try_access().map(|value| value.read()), Some(42));
    assert_eq!(revocable.try_access_with(Value::read), Some(42));
    assert!(revocable.revoke());
    assert_eq!(count(&drops), 1);
    assert!(revocable.try_access().is_none());
    assert!(revocable.try_access_with(Value::read).is_none());
    assert!(!revocable.revoke());
    assert_eq!(count(&drops), 1);
}

#[test]
fn refused_access_does_not_disturb_the_count() {
    let (value, _) = Value::new();
    stack_pin_init!(let revocable = Revocable::new(value));
    let guard = revocable.try_access();
    thread::scope(|scope| {
        let revoked = scope.spawn(|| revocable.revoke());
        while !revocable.gate.is_closed() {
            thread::yield_now();
        }
        assert!(revocable.try_access().is_none());
        thread::sleep(std::time::Duration::from_millis(30));
        assert!(!revoked.is_finished());
        assert_eq!(guard.as_deref().map(Value::read), Some(42));
        drop(guard);
        assert!(revoked.join().unwrap());
    });
}

#[test]
fn dropped_once_whether_revoked_or_not() {
    let (value, drops) = Value::new();
    {
        stack_pin_init!(let _revocable = Revocable::new(value));
    }
    assert_eq!(count(&drops), 1);

    let (value, drops) = Value::new();
    {
        stack_pin_init!(let revocable = Revocable::new(value));
        // SAFETY: `revoke_nosync` requires that nobody uses the value; there is only this thread.
        assert!(unsafe { revocable.revoke_nosync() });
        // SAFETY: `revoke_nosync` requires the same; there is still only this thread.
        assert!(!unsafe { revocable.revoke_nosync() });
        assert!(!revocable.revoke());
    }
    assert_eq!(count(&drops), 1);
}

#[test]
fn forgotten_guard_does_not_keep_the_destructor_from_running() {
    let (value, drops) = Value::new();
    {
        stack_pin_init!(let revocable = Revocable::new(value));
        core::mem::forget(revocable.try_access());
    }
    assert_eq!(count(&drops), 1);
}

#[test]
fn failed_initialisation_drops_nothing() {
    stack_try_pin_init!(let revocable: Revocable<Value> = Revocable::new(Err::<Value, i32>(-5)));
    assert!(matches!(revocable, Err(-5)));
}

#[test]
fn value_is_initialised_in_place() {
    stack_pin_init!(let revocable = Revocable::new(Opaque::<u8>::ffi_init(|slot| {
        // SAFETY: `write` requires writable memory; `ffi_init` gives it.
        unsafe { slot.write(1) }
    })));
    // SAFETY: `access` requires that nobody revokes; nobody does during the test.
    let inside: *const Opaque<u8> = unsafe { revocable.access() };
    assert_eq!(inside, revocable.data.get().cast_const());
}

#[test]
fn racing_readers_and_revokers() {
    for round in 0..300 {
        let (value, drops) = Value::new();
        let winners = AtomicUsize::new(0);
        stack_pin_init!(let revocable = Revocable::new(value));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while let Some(value) = revocable.try_access() {
                        assert_eq!(value.read(), 42);
                    }
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..(round * 31) % 400 {
                        std::hint::spin_loop();
                    }
                    if revocable.revoke() {
                        winners.fetch_add(1, Ordering::SeqCst);
                    }
                    assert_eq!(count(&drops), 1, "revoke returned before the drop");
                });
            }
        });
        assert_eq!(count(&winners), 1);
    }
}
