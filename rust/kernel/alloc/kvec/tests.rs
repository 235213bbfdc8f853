// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::alloc::{
    Box,
    flags::GFP_KERNEL,
    testing::{Checked, Counted, live, with_grants},
};
use core::cell::Cell;

type TVec<T> = Vec<T, Checked>;

fn filled(values: &[u32], make: impl Fn(u32) -> Counted) -> TVec<Counted> {
    let mut vec = TVec::new();
    for value in values {
        vec.push(make(*value), GFP_KERNEL).unwrap();
    }
    vec
}

fn numbers(vec: &[Counted]) -> std::vec::Vec<u32> {
    vec.iter().map(|value| value.0).collect()
}

#[test]
fn grows_by_doubling_and_keeps_elements() {
    let mut vec = TVec::new();
    let mut moves = 0;
    for i in 0..1000_u32 {
        let before = vec.capacity();
        vec.push(i, GFP_KERNEL).unwrap();
        moves += usize::from(vec.capacity() != before);
    }
    assert!(moves <= 11, "{moves}");
    assert!(vec.iter().copied().eq(0..1000));
    assert_eq!(live(), 1);
}

#[test]
fn push_without_memory_drops_the_value_only() {
    let (drops, make) = Counted::source();
    let mut vec = TVec::with_capacity(1, GFP_KERNEL).unwrap();
    vec.push(make(1), GFP_KERNEL).unwrap();
    assert_eq!(
        with_grants(0, || vec.push(make(2), GFP_KERNEL)),
        Err(AllocError)
    );
    assert_eq!((numbers(&vec), drops.get()), (vec![1], 1));
    let PushError(value) = vec.push_within_capacity(make(3)).unwrap_err();
    assert_eq!((value.0, vec.len()), (3, 1));
}

#[test]
fn reserve_falls_back_to_what_is_needed_and_checks_sizes() {
    let mut vec = TVec::<u64>::with_capacity(4, GFP_KERNEL).unwrap();
    assert_eq!(vec.capacity(), 4);
    vec.reserve(4, GFP_KERNEL).unwrap();
    assert_eq!(vec.capacity(), 4);
    vec.reserve(5, GFP_KERNEL).unwrap();
    assert_eq!(vec.capacity(), 8);
    assert!(vec.reserve(usize::MAX, GFP_KERNEL).is_err());
    assert!(vec.reserve(isize::MAX as usize, GFP_KERNEL).is_err());
    assert_eq!(vec.capacity(), 8);
    assert!(TVec::<u64>::with_capacity(usize::MAX, GFP_KERNEL).is_err());
    vec.push(1, GFP_KERNEL).unwrap();
    assert!(vec.reserve(usize::MAX, GFP_KERNEL).is_err());
    assert_eq!(vec, [1]);
}

#[test]
fn insert_and_remove_at_each_place() {
    for index in 0..=3 {
        let mut vec = TVec::with_capacity(4, GFP_KERNEL).unwrap();
        vec.extend_from_slice(&[0, 1, 2], GFP_KERNEL).unwrap();
        vec.insert_within_capacity(index, 9).unwrap();
        let mut want = vec![0, 1, 2];
        want.insert(index, 9);
        assert_eq!(vec.as_slice(), want.as_slice());
        assert!(matches!(
            vec.insert_within_capacity(0, 8),
            Err(InsertError::OutOfCapacity(8))
        ));
        assert!(matches!(
            vec.insert_within_capacity(5, 8),
            Err(InsertError::IndexOutOfBounds(8))
        ));
        assert_eq!(vec.remove(index), Ok(9));
        assert_eq!(vec, [0, 1, 2]);
        assert_eq!(vec.remove(3), Err(RemoveError));
        assert_eq!(vec.remove(usize::MAX), Err(RemoveError));
    }
}

#[test]
fn truncate_clear_and_pop_drop_once() {
    let (drops, make) = Counted::source();
    let mut vec = filled(&[1, 2, 3, 4], &make);
    vec.truncate(9);
    vec.truncate(3);
    assert_eq!((numbers(&vec), drops.get()), (vec![1, 2, 3], 1));
    assert_eq!(vec.pop().map(|value| value.0), Some(3));
    assert_eq!(drops.get(), 2);
    vec.clear();
    assert!(vec.pop().is_none());
    assert_eq!((vec.capacity(), drops.get(), live()), (4, 4, 1));
    drop(vec);
    assert_eq!((drops.get(), live()), (4, 0));
}

#[test]
fn drained_elements_are_dropped_once_or_leak() {
    let (drops, make) = Counted::source();
    let mut vec = filled(&[1, 2, 3], &make);
    let mut drain = vec.drain_all();
    assert_eq!(drain.len(), 3);
    assert_eq!(drain.next().map(|value| value.0), Some(1));
    drop(drain);
    assert_eq!((vec.len(), drops.get()), (0, 3));
    vec.push(make(4), GFP_KERNEL).unwrap();
    core::mem::forget(vec.drain_all());
    assert_eq!((vec.len(), drops.get()), (0, 3));
    vec.push(make(5), GFP_KERNEL).unwrap();
    drop(vec);
    assert_eq!((drops.get(), live()), (4, 0));
}

#[test]
fn retain_keeps_order() {
    let (drops, make) = Counted::source();
    for mask in 0..32_u32 {
        drops.set(0);
        let mut vec = filled(&[0, 1, 2, 3, 4], &make);
        vec.retain(|value| mask & 1 << value.0 != 0);
        let want: std::vec::Vec<u32> = (0..5).filter(|value| mask & 1 << value != 0).collect();
        assert_eq!(numbers(&vec), want);
        assert_eq!(drops.get(), 5 - mask.count_ones());
    }
}

#[test]
fn retain_survives_a_panic_of_its_closure() {
    let (drops, make) = Counted::source();
    let mut vec = filled(&[0, 1, 2, 3], &make);
    let result = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        vec.retain(|value| {
            assert!(value.0 < 2);
            false
        });
    }));
    assert!(result.is_err());
    assert_eq!((vec.len(), drops.get()), (4, 0));
    drop(vec);
    assert_eq!((drops.get(), live()), (4, 0));
}

#[test]
fn clones_that_panic_lose_nothing() {
    struct Bomb(Counted);
    impl Clone for Bomb {
        fn clone(&self) -> Self {
            assert!(self.0.0 != 2);
            Bomb(self.0.clone())
        }
    }
    let (drops, make) = Counted::source();
    let source = [Bomb(make(1)), Bomb(make(2))];
    let mut vec = TVec::new();
    let result = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        vec.extend_from_slice(&source, GFP_KERNEL)
    }));
    assert!(result.is_err());
    assert_eq!((vec.len(), drops.get()), (1, 0));
    drop((vec, source));
    assert_eq!((drops.get(), live()), (3, 0));
}

#[test]
fn extending_by_clones() {
    let (drops, make) = Counted::source();
    let mut vec = filled(&[1], &make);
    vec.extend_with(0, make(2), GFP_KERNEL).unwrap();
    assert_eq!((vec.len(), drops.get()), (1, 1));
    vec.extend_with(3, make(3), GFP_KERNEL).unwrap();
    assert_eq!((numbers(&vec), drops.get()), (vec![1, 3, 3, 3], 1));
    assert!(with_grants(0, || vec.extend_with(9, make(4), GFP_KERNEL)).is_err());
    assert_eq!((vec.len(), drops.get()), (4, 2));
    vec.resize(2, make(5), GFP_KERNEL).unwrap();
    assert_eq!((numbers(&vec), drops.get()), (vec![1, 3], 5));
    vec.resize(3, make(6), GFP_KERNEL).unwrap();
    assert_eq!(numbers(&vec), [1, 3, 6]);
    assert_eq!(TVec::from_elem(7, 3, GFP_KERNEL).unwrap(), [7, 7, 7]);
}

#[test]
fn iterator_owns_the_rest() {
    let (drops, make) = Counted::source();
    let mut iter = filled(&[1, 2, 3], &make).into_iter();
    assert_eq!(iter.next().map(|value| value.0), Some(1));
    assert_eq!(iter.size_hint(), (2, Some(2)));
    drop(iter);
    assert_eq!((drops.get(), live()), (3, 0));
}

#[test]
fn iterator_collects_the_rest() {
    let (drops, make) = Counted::source();
    for (taken, grants) in [(0, 9), (1, 9), (1, 0), (3, 9), (3, 0)] {
        drops.set(0);
        let mut iter = filled(&[1, 2, 3], &make).into_iter();
        let took: u32 = iter.by_ref().take(taken).map(|value| value.0).sum();
        let mut vec = with_grants(grants, || iter.collect(GFP_KERNEL));
        assert_eq!(took + numbers(&vec).iter().sum::<u32>(), 6);
        assert_eq!((vec.len(), drops.get() as usize), (3 - taken, taken));
        vec.push(make(4), GFP_KERNEL).unwrap();
        drop(vec);
        assert_eq!((drops.get(), live()), (4, 0));
    }
}

#[test]
fn elements_of_size_zero() {
    thread_local!(static DROPS: Cell<u32> = const { Cell::new(0) });
    #[derive(Clone)]
    #[repr(align(64))]
    struct Empty;
    impl Drop for Empty {
        fn drop(&mut self) {
            assert_eq!((&raw const *self).addr() % 64, 0);
            DROPS.set(DROPS.get() + 1);
        }
    }
    with_grants(0, || {
        let mut vec = TVec::from_elem(Empty, 5, GFP_KERNEL).unwrap();
        assert_eq!((vec.len(), vec.capacity()), (5, usize::MAX));
        drop(vec.pop());
        vec.truncate(3);
        assert_eq!(DROPS.get(), 2);
        assert!(vec.reserve(usize::MAX, GFP_KERNEL).is_err());
        let mut iter = vec.into_iter();
        drop(iter.next());
        let vec = iter.collect(GFP_KERNEL);
        assert_eq!((vec.len(), DROPS.get()), (2, 3));
        let (ptr, length, capacity) = vec.into_raw_parts();
        // SAFETY: `from_raw_parts` requires the parts of a vector; they are from `into_raw_parts`
        // just above.
        drop(unsafe { TVec::from_raw_parts(ptr, length, capacity) });
        assert_eq!(DROPS.get(), 5);
    });
}

#[test]
fn raw_parts_and_arrays() {
    let vec = TVec::from(Box::<_, Checked>::new([1_u16, 2, 3], GFP_KERNEL).unwrap());
    assert_eq!((vec.len(), vec.capacity(), live()), (3, 3, 1));
    let (ptr, length, capacity) = vec.into_raw_parts();
    // SAFETY: `from_raw_parts` requires the parts of a vector; they are from `into_raw_parts` just
    // above.
    let mut vec = unsafe { TVec::from_raw_parts(ptr, length, capacity) };
    vec.push(4, GFP_KERNEL).unwrap();
    assert_eq!(vec, [1, 2, 3, 4]);
    drop(vec);
    assert_eq!(
        (
            live(),
            TVec::from(Box::<[u8; 0], Checked>::new([], GFP_KERNEL).unwrap()).capacity()
        ),
        (0, 0)
    );
}

#[test]
fn over_aligned_elements() {
    #[repr(align(256))]
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Wide(u8);
    let mut vec = KVec::new();
    for i in 0..20 {
        vec.push(Wide(i), GFP_KERNEL).unwrap();
        assert_eq!(vec.as_ptr().addr() % 256, 0);
    }
    assert!(vec.iter().map(|wide| wide.0).eq(0..20));
}

#[test]
fn shrinking() {
    let mut vec = KVVec::with_capacity(100, GFP_KERNEL).unwrap();
    vec.extend_from_slice(&[1, 2, 3], GFP_KERNEL).unwrap();
    vec.shrink_to(200, GFP_KERNEL).unwrap();
    assert_eq!(vec.capacity(), 100);
    vec.shrink_to(10, GFP_KERNEL).unwrap();
    assert_eq!(vec.capacity(), 10);
    vec.shrink_to(0, GFP_KERNEL).unwrap();
    assert_eq!((vec.capacity(), vec.as_slice()), (3, &[1, 2, 3][..]));
    vec.clear();
    vec.shrink_to(0, GFP_KERNEL).unwrap();
    assert_eq!(vec.capacity(), 0);
    vec.push(4, GFP_KERNEL).unwrap();
    assert_eq!(vec, [4]);
}

#[test]
fn zeroed_and_compared() {
    let vec = TVec::<u32>::zeroed(3, GFP_KERNEL).unwrap();
    assert_eq!(vec, [0, 0, 0]);
    assert_eq!(vec, &[0, 0, 0]);
    assert_eq!(&[0, 0, 0][..], vec);
    assert!(vec != [0, 0] && vec != [0, 1, 0][..]);
    assert_eq!(vec, TVec::from_elem(0, 3, GFP_KERNEL).unwrap());
    assert_eq!(format!("{vec:?}"), "[0, 0, 0]");
    assert_eq!(TVec::<()>::zeroed(9, GFP_KERNEL).unwrap().len(), 9);
}

#[test]
fn kvec_macro_evaluates_once() {
    let calls = Cell::new(0);
    let next = || {
        calls.set(calls.get() + 1);
        calls.get()
    };
    assert_eq!(crate::kvec![next(), next()].unwrap(), [1, 2]);
    assert_eq!(crate::kvec![next(); 3].unwrap(), [3, 3, 3]);
    let empty: KVec<u8> = crate::kvec![].unwrap();
    assert!(empty.is_empty());
    assert_eq!(calls.get(), 3);
}
