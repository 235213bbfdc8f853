// SPDX-License-Identifier: GPL-2.0

//! Host tests of [`Arc`] and its relatives.

use core::alloc::Layout;
use core::fmt::Display;
use core::sync::atomic::{AtomicUsize, Ordering};

use pin_init::InPlaceWrite;

use super::*;
use crate::alloc::flags::GFP_KERNEL;
use crate::alloc::{Allocator, NumaNode};
use crate::types::ForeignOwnable;

/// The host's allocator.
pub(super) struct HostMalloc;

// SAFETY: the trait requires memory of the layout until `free`. `std` gives it for a size above 0,
// and the size is at least that of a counter.
unsafe impl Allocator for HostMalloc {
    const MIN_ALIGN: usize = 1;

    fn alloc(layout: Layout, _: Flags, _: NumaNode) -> Result<NonNull<[u8]>, AllocError> {
        assert!(layout.size() >= size_of::<Refcount>());
        // SAFETY: `alloc` requires a size above 0; the line above asserts it.
        let memory = NonNull::new(unsafe { std::alloc::alloc(layout) }).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(memory, layout.size()))
    }

    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        // SAFETY: `dealloc` requires memory from `alloc` with this layout; it is that by this
        // function's contract.
        unsafe { std::alloc::dealloc(ptr.as_ptr(), layout) };
    }
}

/// Counts its drops.
struct Loud<'a>(&'a AtomicUsize);

impl Drop for Loud<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn drops(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::Relaxed)
}

#[test]
fn value_is_dropped_with_its_last_share() {
    let count = AtomicUsize::new(0);
    let first = Arc::new(Loud(&count), GFP_KERNEL).unwrap();
    let second = first.clone();
    let third = Arc::from(second.as_arc_borrow());
    drop(first);
    drop(third);
    assert_eq!(drops(&count), 0);
    drop(second);
    assert_eq!(drops(&count), 1);
}

#[test]
fn leaked_clones_saturate_and_leak_the_value() {
    let count = AtomicUsize::new(0);
    let arc = Arc::new(Loud(&count), GFP_KERNEL).unwrap();
    arc.inner().refcount.set(i32::MAX);
    core::mem::forget(arc.clone());
    for _ in 0..1000 {
        drop(arc.clone());
    }
    let raw = Arc::as_ptr(&arc);
    drop(arc);
    assert_eq!(drops(&count), 0);
    // SAFETY: dereferencing requires a live value; it was leaked.
    assert!(core::ptr::eq(unsafe { (*raw).0 }, &count));
}

#[test]
fn raw_pointers_find_the_allocation_whatever_the_alignment() {
    #[repr(align(64))]
    struct Wide(u8);

    let wide = Arc::new(Wide(5), GFP_KERNEL).unwrap();
    assert_eq!(Arc::<Wide>::DATA_OFFSET, 64);
    let raw = Arc::into_raw(wide.clone());
    assert_eq!(raw.addr() % 64, 0);
    // SAFETY: `from_raw` requires a pointer from `into_raw`, turned back once; it is.
    let again = unsafe { Arc::from_raw(raw) };
    assert!(Arc::ptr_eq(&wide, &again));
    // SAFETY: `from_raw` requires a pointer of an `Arc` that lives longer; `wide` does.
    let borrow = unsafe { ArcBorrow::from_raw(Arc::as_ptr(&wide)) };
    assert_eq!(borrow.0, 5);
}

#[test]
fn unsized_shares() {
    let list: Arc<[u8]> = Arc::new([1, 2, 3], GFP_KERNEL).unwrap();
    let raw = Arc::into_raw(list.clone());
    // SAFETY: `from_raw` requires a pointer from `into_raw`, turned back once; it is.
    let again = unsafe { Arc::from_raw(raw) };
    assert_eq!((&*list, &*again), (&[1, 2, 3][..], &[1, 2, 3][..]));

    let shown: Arc<dyn Display> = Arc::new(7_u64, GFP_KERNEL).unwrap();
    let raw = Arc::into_raw(shown);
    // SAFETY: `from_raw` requires the same; this pointer is turned back once, too.
    assert_eq!(unsafe { Arc::from_raw(raw) }.to_string(), "7");

    let borrow: ArcBorrow<'_, [u8]> = list.as_arc_borrow();
    assert_eq!(Arc::from(borrow).len(), 3);
}

#[test]
fn methods_take_shares_of_self() {
    trait Share {
        fn twice(self: Arc<Self>) -> (Arc<dyn Share>, Arc<dyn Share>);
    }
    impl Share for u8 {
        fn twice(self: Arc<Self>) -> (Arc<dyn Share>, Arc<dyn Share>) {
            (self.clone(), self)
        }
    }
    let share: Arc<dyn Share> = Arc::new(0_u8, GFP_KERNEL).unwrap();
    let (one, two) = share.twice();
    assert!(Arc::ptr_eq(&one, &two));
}

#[test]
fn last_of_several_gets_the_value() {
    let count = AtomicUsize::new(0);
    let first = Arc::new(Loud(&count), GFP_KERNEL).unwrap();
    let second = first.clone();
    assert!(Arc::into_unique_or_drop(first).is_none());
    let unique = Arc::into_unique_or_drop(second);
    assert!(unique.is_some());
    assert_eq!(drops(&count), 0);
    drop(unique);
    assert_eq!(drops(&count), 1);
}

#[test]
fn exactly_one_thread_gets_the_value() {
    for _ in 0..200 {
        let arc = Arc::new(1_u32, GFP_KERNEL).unwrap();
        let winners = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for share in [arc.clone(), arc.clone(), arc.clone()] {
                let winners = &winners;
                scope.spawn(move || {
                    if Arc::into_unique_or_drop(share).is_some() {
                        winners.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            if Arc::into_unique_or_drop(arc).is_some() {
                winners.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert_eq!(drops(&winners), 1);
    }
}

#[test]
fn unique_is_initialised_in_place() {
    let count = AtomicUsize::new(0);
    let empty = UniqueArc::new_uninit(GFP_KERNEL).unwrap();
    drop(empty.write(Loud(&count)));
    assert_eq!(drops(&count), 1);

    let empty = UniqueArc::<u32>::new_uninit(GFP_KERNEL).unwrap();
    let address = UniqueArc::as_ptr(&empty).cast();
    let full = empty.write_init(8).unwrap();
    assert_eq!((*full, UniqueArc::as_ptr(&full)), (8, address));

    let failed = UniqueArc::<u32>::new_uninit(GFP_KERNEL)
        .unwrap()
        .pin_init_with(Err::<u32, i32>(-5));
    assert!(matches!(failed, Err(-5)));
}

#[test]
fn in_place_init_of_a_share() {
    struct Failure;
    impl From<AllocError> for Failure {
        fn from(_: AllocError) -> Self {
            Failure
        }
    }
    let arc = Arc::try_pin_init(Ok::<_, Failure>(3_u8), GFP_KERNEL).ok();
    assert_eq!(arc.as_deref(), Some(&3));
    let arc = Arc::<u8>::try_init(Err::<u8, _>(Failure), GFP_KERNEL);
    assert!(arc.is_err());
}

#[test]
fn foreign_owner_keeps_its_share() {
    let count = AtomicUsize::new(0);
    let ptr = Arc::new(Loud(&count), GFP_KERNEL).unwrap().into_foreign();
    assert_eq!(ptr.addr() % Arc::<Loud<'_>>::FOREIGN_ALIGN, 0);
    // SAFETY: `borrow` requires a pointer from `into_foreign` that is taken back only after the
    // borrow; it is taken back below.
    let share = Arc::from(unsafe { <Arc<Loud<'_>> as ForeignOwnable>::borrow(ptr) });
    // SAFETY: `from_foreign` requires a pointer from `into_foreign`, taken back once; it is.
    drop(unsafe { Arc::<Loud<'_>>::from_foreign(ptr) });
    assert_eq!(drops(&count), 0);
    drop(share);
    assert_eq!(drops(&count), 1);
}
