// SPDX-License-Identifier: GPL-2.0

//! Host tests of [`Atomic`].

use super::*;

#[test]
fn integers() {
    let a = Atomic::<i32>::new(5);
    assert_eq!(a.load(Relaxed), 5);
    a.store(-7, Release);
    assert_eq!(a.load(Acquire), -7);
    assert_eq!(a.xchg(1, Full), -7);
    assert_eq!(a.fetch_add(2, Acquire), 1);
    assert_eq!(a.fetch_sub(1, Release), 3);
    assert_eq!(a.fetch_or(0b100, Relaxed), 2);
    assert_eq!(a.fetch_and(0b101, Full), 6);
    assert_eq!(a.fetch_xor(0b111, Full), 4);
    a.add(10, Relaxed);
    a.sub(3, Relaxed);
    assert_eq!(a.load(Relaxed), 10);
}

#[test]
fn arithmetic_wraps() {
    let a = Atomic::<u64>::new(u64::MAX);
    assert_eq!(a.fetch_add(2, Full), u64::MAX);
    assert_eq!(a.load(Relaxed), 1);
    let b = Atomic::<isize>::new(isize::MIN);
    b.sub(1, Relaxed);
    assert_eq!(b.load(Relaxed), isize::MAX);
}

#[test]
fn compare_and_exchange() {
    let a = Atomic::<usize>::new(1);
    assert_eq!(a.cmpxchg(2, 3, Full), Err(1));
    assert_eq!(a.cmpxchg(1, 3, Full), Ok(1));
    let mut old = 1;
    assert!(!a.try_cmpxchg(&mut old, 4, Relaxed));
    assert_eq!(old, 3);
    assert!(a.try_cmpxchg(&mut old, 4, Relaxed));
    assert_eq!(a.load(Relaxed), 4);
}

#[test]
fn flags_and_pointers() {
    let flag = Atomic::new(false);
    assert!(!flag.xchg(true, Acquire));
    assert_eq!(flag.cmpxchg(true, false, Release), Ok(true));

    let mut values = [1_u8, 2];
    let ptr = Atomic::<*mut u8>::new(&mut values[0]);
    let other = ptr.load(Acquire).wrapping_add(1);
    assert_eq!(ptr.xchg(other, Full), &raw mut values[0]);
    let found = ptr.load(Acquire);
    // SAFETY: reading requires a live value; it is the second of `values`, which the pointer to the
    // first reaches.
    assert_eq!(unsafe { found.read() }, 2);

    let null = Atomic::<*const u8>::new(core::ptr::null());
    assert!(null.load(Relaxed).is_null());
}

#[test]
fn types_of_ones_own() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(u32)]
    enum Phase {
        Idle,
        Busy,
    }
    // SAFETY: the trait requires the layout and valid bits of `u32`; the type is `repr(u32)`.
    unsafe impl AtomicType for Phase {
        type Repr = u32;
    }
    let phase = Atomic::new(Phase::Idle);
    assert_eq!(
        phase.cmpxchg(Phase::Idle, Phase::Busy, Full),
        Ok(Phase::Idle)
    );
    assert_eq!(phase.load(Relaxed), Phase::Busy);
}

#[test]
fn memory_of_others() {
    let mut number = 3_u32;
    // SAFETY: `from_ptr` requires a value that nobody else accesses; `number` is local.
    let atomic = unsafe { Atomic::from_ptr(&raw mut number) };
    atomic.add(1, Relaxed);
    assert_eq!(number, 4);
    let mut owned = Atomic::<u32>::default();
    *owned.get_mut() = 6;
    assert_eq!(format!("{owned:?}"), "6");
}

#[test]
fn threads_lose_no_addition() {
    let sum = Atomic::<u64>::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20_000 {
                    sum.add(1, Relaxed);
                    let mut old = sum.load(Relaxed);
                    while let Err(found) = sum.cmpxchg(old, old + 1, Full) {
                        old = found;
                    }
                }
            });
        }
    });
    assert_eq!(sum.load(Relaxed), 160_000);
}

/// Each thread writes its own value and reads the other's. Full ordering forbids that both read the
/// old value.
#[test]
fn full_orders_stores_before_loads() {
    for _ in 0..2_000 {
        let (x, y) = (Atomic::<u32>::new(0), Atomic::<u32>::new(0));
        let start = std::sync::Barrier::new(2);
        let run = |mine: &Atomic<u32>, other: &Atomic<u32>| {
            start.wait();
            mine.xchg(1, Full);
            other.load(Relaxed)
        };
        let (a, b) = std::thread::scope(|scope| {
            let first = scope.spawn(|| run(&x, &y));
            (run(&y, &x), first.join().unwrap())
        });
        assert!(a == 1 || b == 1);
    }
}
