// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::alloc::{
    flags::GFP_KERNEL,
    testing::{Checked, Counted, live, with_grants},
};
use core::cell::Cell;

type TBox<T> = Box<T, Checked>;

#[test]
fn value_and_memory_go_with_the_box() {
    let (drops, make) = Counted::source();
    let boxed = TBox::new(make(7), GFP_KERNEL).unwrap();
    assert_eq!((&raw const *boxed).addr() % align_of::<Counted>(), 0);
    assert_eq!((live(), drops.get()), (1, 0));
    drop(boxed);
    assert_eq!((live(), drops.get()), (0, 1));
}

#[test]
fn failure_drops_the_value() {
    let (drops, make) = Counted::source();
    assert!(with_grants(0, || TBox::new(make(7), GFP_KERNEL)).is_err());
    assert!(with_grants(0, || TBox::pin(make(7), GFP_KERNEL)).is_err());
    assert_eq!((live(), drops.get()), (0, 2));
}

#[test]
fn parts_of_a_box() {
    let (drops, make) = Counted::source();
    let inner = TBox::into_inner(TBox::new(make(7), GFP_KERNEL).unwrap());
    assert_eq!((inner.0, live(), drops.get()), (7, 0, 0));

    let memory = TBox::drop_contents(TBox::new(inner, GFP_KERNEL).unwrap());
    assert_eq!((live(), drops.get()), (1, 1));
    let refilled = Box::<MaybeUninit<_>, _>::write(memory, make(8));
    assert_eq!(((*refilled).0, live(), drops.get()), (8, 1, 1));
    drop(refilled);
    assert_eq!((live(), drops.get()), (0, 2));
}

#[test]
fn unsized_values_are_freed_with_their_size() {
    let (drops, make) = Counted::source();
    let value = make(1);
    let call = move || {
        let whole = &value;
        whole.0
    };
    let call: TBox<dyn Fn() -> u32> = TBox::new(call, GFP_KERNEL).unwrap();
    assert_eq!(call(), 1);
    drop(call);
    let slice: TBox<[u16]> = TBox::new([1, 2, 3], GFP_KERNEL).unwrap();
    assert_eq!(*slice, [1, 2, 3]);
    drop(slice);
    let pinned: Pin<TBox<dyn Fn() -> u32>> = TBox::pin(|| 4, GFP_KERNEL).unwrap();
    assert_eq!(pinned(), 4);
    drop(pinned);
    assert_eq!((live(), drops.get()), (0, 1));
}

#[test]
fn size_zero_needs_no_memory() {
    thread_local!(static DROPS: Cell<u32> = const { Cell::new(0) });
    #[repr(align(64))]
    struct Empty;
    impl Drop for Empty {
        fn drop(&mut self) {
            DROPS.set(DROPS.get() + 1);
        }
    }
    let boxed = with_grants(0, || TBox::new(Empty, GFP_KERNEL)).unwrap();
    assert_eq!(TBox::into_raw(boxed).addr(), 64);
    assert_eq!(DROPS.get(), 0);
    drop(TBox::new(Empty, GFP_KERNEL).unwrap());
    drop(TBox::into_inner(TBox::new(Empty, GFP_KERNEL).unwrap()));
    assert_eq!(DROPS.get(), 2);
}

#[test]
fn zeroed_is_zero() {
    assert_eq!(*TBox::<[u32; 4]>::zeroed(GFP_KERNEL).unwrap(), [0; 4]);
}

#[test]
fn raw_and_leaked_boxes_come_back() {
    let raw = TBox::into_raw(TBox::new(5_u8, GFP_KERNEL).unwrap());
    // SAFETY: `from_raw` requires a pointer from `into_raw`; it was made just above.
    let boxed = unsafe { TBox::from_raw(raw) };
    let leaked: &mut u8 = TBox::leak(boxed);
    *leaked += 1;
    // SAFETY: `from_raw` requires a value that nobody else uses; the leaked reference is not used
    // any more.
    let boxed = unsafe { TBox::from_raw(leaked) };
    assert_eq!((*boxed, live()), (6, 1));
}

#[test]
fn slices_stop_at_the_first_error() {
    let (drops, make) = Counted::source();
    let build = |len: usize, bad: usize| {
        TBox::pin_slice(
            |i| {
                if i == bad {
                    Err(AllocError)
                } else {
                    Ok(make(i as u32))
                }
            },
            len,
            GFP_KERNEL,
        )
    };
    assert!(build(5, 3).is_err());
    assert_eq!((live(), drops.get()), (0, 3));
    assert!(with_grants(0, || build(5, 9)).is_err());
    assert_eq!(drops.get(), 3);
    let slice: Pin<TBox<[Counted]>> = build(5, 9).unwrap();
    assert_eq!(
        slice
            .iter()
            .map(|value| value.0)
            .collect::<std::vec::Vec<_>>(),
        [0, 1, 2, 3, 4]
    );
    drop(slice);
    drop(build(0, 9).unwrap());
    assert_eq!((live(), drops.get()), (0, 8));
}
