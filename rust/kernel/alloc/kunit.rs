// SPDX-License-Identifier: GPL-2.0

//! Tests of the kernel's memory and of initialisers in it, with and without memory left.

use core::cell::RefCell;

use pin_init::{PinInit, pin_init_from_closure};

use super::flags::__GFP_NOWARN;
use crate::{
    kunit::{each_allocation_fails, for_each_failure},
    prelude::*,
    str::CString,
    sync::{Arc, SpinLock, UniqueArc, new_spinlock},
};

/// The events, in order.
type Log = RefCell<[u8; 16]>;

fn log() -> Log {
    RefCell::new([b'.'; 16])
}

fn note(log: &Log, letter: u8) {
    if let Some(free) = log.borrow_mut().iter_mut().find(|free| **free == b'.') {
        *free = letter;
    }
}

/// Returns the letters noted so far, and empties the log.
fn noted(log: &Log) -> [u8; 4] {
    let all = log.replace([b'.'; 16]);
    [all[0], all[1], all[2], all[3]]
}

/// Notes its letter when it is dropped.
struct Loud<'a>(u8, &'a Log);

impl Drop for Loud<'_> {
    fn drop(&mut self) {
        note(self.1, self.0);
    }
}

/// A value that knows where it was built.
struct Here(*const Here);

impl Here {
    fn new() -> impl PinInit<Self> {
        let init = |slot: *mut Self| {
            // SAFETY: `write` requires memory for a `Here`; `__pinned_init` grants it.
            unsafe { slot.write(Here(slot)) };
            Ok(())
        };
        // SAFETY: `pin_init_from_closure` requires that the slot is initialised on `Ok`; the
        // closure initialises it and cannot fail.
        unsafe { pin_init_from_closure(init) }
    }

    fn is_here(&self) -> bool {
        core::ptr::eq(self.0, self)
    }
}

#[pin_data]
struct Parts<'a> {
    first: Loud<'a>,
    #[pin]
    here: Here,
    second: Loud<'a>,
    buffer: KBox<[u8; 4096]>,
}

/// Builds all parts, or fails after `second`.
fn parts(log: &Log, fail: bool) -> impl PinInit<Parts<'_>, Error> {
    try_pin_init!(Parts {
        first: Loud(b'1', log),
        here <- Here::new(),
        second: Loud(b'2', log),
        buffer: if fail { return Err(EIO) } else { KBox::new([7; 4096], GFP_KERNEL)? },
    })
}

#[kunit_tests(lifebound_pin_init)]
mod in_place {
    use super::*;

    #[test]
    fn value_is_built_where_it_stays() -> Result {
        let log = log();
        let kmalloc = KBox::pin_init(parts(&log, false), GFP_KERNEL)?;
        let vmalloc = VBox::pin_init(parts(&log, false), GFP_KERNEL)?;
        let either = KVBox::pin_init(parts(&log, false), GFP_KERNEL)?;
        let shared = Arc::pin_init(parts(&log, false), GFP_KERNEL)?;
        let unique = UniqueArc::pin_init(parts(&log, false), GFP_KERNEL)?;
        for built in [&*kmalloc, &*vmalloc, &*either, &*shared, &*unique] {
            assert!(built.here.is_here());
            assert_eq!(built.buffer[4095], 7);
        }
        Ok(())
    }

    #[test]
    fn fields_are_dropped_in_order_of_declaration() -> Result {
        let log = log();
        drop(KBox::pin_init(parts(&log, false), GFP_KERNEL)?);
        assert_eq!(&noted(&log), b"12..");
        let shared = Arc::pin_init(parts(&log, false), GFP_KERNEL)?;
        drop(shared.clone());
        assert_eq!(&noted(&log), b"....", "a share is left");
        drop(shared);
        assert_eq!(&noted(&log), b"12..");
        Ok(())
    }

    #[test]
    fn failure_drops_what_was_built_in_reverse_order() {
        let log = log();
        let failed = KBox::pin_init(parts(&log, true), GFP_KERNEL);
        assert_eq!(failed.err(), Some(EIO));
        assert_eq!(&noted(&log), b"21..");
        let failed = Arc::pin_init(parts(&log, true), GFP_KERNEL);
        assert_eq!(failed.err(), Some(EIO));
        assert_eq!(&noted(&log), b"21..");
    }

    #[test]
    fn every_allocation_may_fail() {
        let log = log();
        // One allocation is for the value, one for the buffer in it.
        let count = each_allocation_fails(|| {
            let built = KBox::pin_init(parts(&log, false), GFP_KERNEL);
            assert_eq!(&noted(&log)[2..], b"..", "nothing is dropped twice");
            built.map(drop)
        });
        assert_eq!(count, 2);
        let count =
            each_allocation_fails(|| Arc::pin_init(parts(&log, false), GFP_KERNEL).map(drop));
        assert_eq!(count, 2);
        let count =
            each_allocation_fails(|| VBox::pin_init(parts(&log, false), GFP_KERNEL).map(drop));
        assert!(count > 2, "vmalloc() makes several");
    }
}

#[kunit_tests(lifebound_alloc)]
mod memory {
    use super::*;

    #[test]
    fn a_failed_push_keeps_the_elements() -> Result {
        let mut vec = KVec::with_capacity(4, GFP_KERNEL)?;
        vec.extend_from_slice(&[1_u64, 2, 3, 4], GFP_KERNEL)?;
        // An absurd size fails whatever memory there is.
        let quiet = GFP_KERNEL | __GFP_NOWARN;
        assert!(vec.reserve(1 << 40, quiet).is_err());
        assert_eq!((&*vec, vec.capacity()), (&[1, 2, 3, 4][..], 4));
        vec.push(5, GFP_KERNEL)?;
        assert_eq!(&*vec, &[1, 2, 3, 4, 5]);
        Ok(())
    }

    #[test]
    fn each_kind_of_vector_grows_with_less_than_it_wants() {
        macro_rules! grow {
            ($kind:ident) => {
                for_each_failure(|failure| {
                    let mut vec = $kind::new();
                    let pushed = (0..300_u32).take_while(|i| vec.push(*i, GFP_KERNEL).is_ok());
                    let pushed = pushed.count();
                    assert_eq!(pushed, vec.len());
                    // A vector asks for twice its capacity, and if that fails, for the room it
                    // needs.
                    assert!(pushed == 300 || failure.happened(), "{pushed}");
                    assert!((0..).zip(vec.iter()).all(|(i, element)| i == *element));
                })
            };
        }
        let count = [grow!(KVec), grow!(VVec), grow!(KVVec)];
        assert!(count.iter().all(|count| *count > 5), "{count:?}");
    }

    #[test]
    fn strings_may_fail() {
        let count = each_allocation_fails(|| {
            let string = CString::try_from_fmt(fmt!("{}-{:04}", c"name", 42))?;
            assert_eq!(&*string, c"name-0042");
            Ok(())
        });
        assert_eq!(count, 1);
    }

    #[test]
    fn absurd_sizes_fail() {
        let quiet = GFP_KERNEL | __GFP_NOWARN;
        for elements in [1 << 40, usize::MAX / 8, usize::MAX / 8 + 1, usize::MAX] {
            assert!(KVec::<u64>::with_capacity(elements, quiet).is_err());
            assert!(KVVec::<u64>::with_capacity(elements, quiet).is_err());
            assert!(VVec::<u64>::with_capacity(elements, quiet).is_err());
        }
    }

    #[test]
    fn what_cannot_sleep_allocates_under_a_lock() -> Result {
        let lock = KBox::pin_init(new_spinlock!(KVec::<u32>::new()), GFP_KERNEL)?;
        let lock: &SpinLock<_> = &lock;
        let mut guard = lock.lock();
        for i in 0..100 {
            guard.push(i, GFP_ATOMIC)?;
        }
        drop(KBox::new([0_u8; 512], GFP_NOWAIT)?);
        assert_eq!(guard.len(), 100);
        Ok(())
    }

    #[test]
    fn large_alignments_are_kept_while_growing() -> Result {
        #[repr(align(512))]
        #[derive(Clone, Copy)]
        struct Wide(u8);

        let mut vec = KVec::new();
        for i in 0..50 {
            vec.push(Wide(i), GFP_KERNEL)?;
            assert_eq!(vec.as_ptr().addr() % 512, 0);
        }
        assert!(vec.iter().map(|wide| wide.0).eq(0..50));
        let boxed = VBox::new(Wide(1), GFP_KERNEL)?;
        assert_eq!((&raw const *boxed).addr() % 512, 0);
        Ok(())
    }

    #[test]
    fn zeroed_memory_is_zero_where_other_data_were() -> Result {
        for _ in 0..10 {
            drop(KBox::new([0xff_u8; 1000], GFP_KERNEL)?);
            assert!(
                KVec::<u8>::zeroed(1000, GFP_KERNEL)?
                    .iter()
                    .all(|x| *x == 0)
            );
        }
        assert!(
            VVec::<u64>::zeroed(5000, GFP_KERNEL)?
                .iter()
                .all(|x| *x == 0)
        );
        Ok(())
    }
}
