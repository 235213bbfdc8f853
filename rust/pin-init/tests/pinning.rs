// SPDX-License-Identifier: GPL-2.0

//! Structural pinning, destructors and the stack.

mod common;

use std::cell::Cell;
use std::marker::PhantomPinned;
use std::pin::Pin;

use common::{Fail, Log, Part, pinned};
use pin_init::{
    PinInit, assert_pinned, pin_data, pin_init, pinned_drop, stack_pin_init, stack_try_pin_init,
    try_pin_init,
};

/// Tells at compile time whether a type is `Unpin`.
struct Probe<T>(std::marker::PhantomData<T>);

trait Otherwise {
    const UNPIN: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: Unpin> Probe<T> {
    const UNPIN: bool = true;
}

#[pin_data]
struct Mixed<T, U> {
    #[pin]
    pinned: T,
    loose: U,
}

#[test]
fn unpin_depends_on_the_pinned_fields_alone() {
    const { assert!(Probe::<Mixed<u8, u8>>::UNPIN) };
    const { assert!(Probe::<Mixed<u8, PhantomPinned>>::UNPIN) };
    const { assert!(!Probe::<Mixed<PhantomPinned, u8>>::UNPIN) };

    #[pin_data]
    #[allow(dead_code)]
    struct Never {
        #[pin]
        pinned: PhantomPinned,
        #[cfg(any())]
        gone: u8,
    }
    const { assert!(!Probe::<Never>::UNPIN) };

    #[pin_data]
    #[allow(dead_code)]
    struct Gone {
        #[cfg(any())]
        #[pin]
        pinned: PhantomPinned,
        loose: u8,
    }
    const { assert!(Probe::<Gone>::UNPIN) };

    #[pin_data]
    #[allow(dead_code)]
    struct Recursive {
        #[pin]
        children: Vec<Recursive>,
    }
    const { assert!(Probe::<Recursive>::UNPIN) };
}

assert_pinned!(Mixed<u8, u16>, pinned, u8);

#[test]
fn pinned_is_asserted_in_generic_code() {
    fn check<T, U>(_: &Mixed<T, U>) {
        assert_pinned!(Mixed<T, U>, pinned, T, inline);
    }
    check(&Mixed {
        pinned: 1,
        loose: 2,
    });
}

#[test]
fn projection_pins_what_is_pinned() {
    let Ok(mut mixed) = pinned(pin_init!(Mixed {
        pinned: PhantomPinned,
        loose: String::new()
    }));
    let projection = mixed.as_mut().project();
    let _: Pin<&mut PhantomPinned> = projection.pinned;
    let loose: &mut String = projection.loose;
    loose.push('x');
    // A field that is not pinned can be moved out.
    assert_eq!(std::mem::take(mixed.as_mut().project().loose), "x");
}

#[pin_data(PinnedDrop)]
struct Noisy<'a, T: Copy>
where
    T: Into<u32>,
{
    log: &'a Log,
    number: T,
    #[pin]
    part: Part<'a>,
}

#[pinned_drop]
impl<T: Copy> PinnedDrop for Noisy<'_, T>
where
    T: Into<u32>,
{
    fn drop(self: Pin<&mut Self>) {
        let this = self.project();
        this.log.note(&format!("drop{}", (*this.number).into()));
        let _: Pin<&mut Part<'_>> = this.part;
    }
}

fn noisy(log: &Log, number: u16) -> impl PinInit<Noisy<'_, u16>, Fail> {
    try_pin_init!(Noisy {
        number: match number {
            0 => return Err(Fail(1)),
            number => number,
        },
        log,
        part: log.part("part"),
    }? Fail)
}

#[test]
fn pinned_drop_runs_once_and_before_the_fields() {
    let log = &Log::default();
    drop(pinned(noisy(log, 5)).unwrap());
    assert_eq!(log.take(), "+part drop5 -part");
    assert_eq!(pinned(noisy(log, 0)).err(), Some(Fail(1)));
    assert_eq!(log.take(), "");
}

#[test]
fn pinned_drop_does_not_run_on_half_a_struct() {
    let log = &Log::default();
    let half = pinned(try_pin_init!(Noisy {
        number: 1_u8,
        part: log.part("part"),
        log: Err(Fail(2))?,
    }? Fail));
    assert_eq!(half.err(), Some(Fail(2)));
    assert_eq!(log.take(), "+part -part");
}

#[test]
fn the_stack_holds_pinned_values() {
    let log = &Log::default();
    {
        stack_try_pin_init!(let first = noisy(log, 1));
        let first = first.unwrap();
        stack_try_pin_init!(let second = noisy(log, 0));
        assert_eq!(second.err(), Some(Fail(1)));
        assert_eq!(first.number, 1);
        assert_eq!(log.take(), "+part");
    }
    assert_eq!(log.take(), "drop1 -part");

    fn early(log: &Log, number: u16) -> Result<u16, Fail> {
        stack_try_pin_init!(let noisy: Noisy<'_, u16> =? noisy(log, number));
        Ok(noisy.number)
    }
    assert_eq!(early(log, 0), Err(Fail(1)));
    assert_eq!(log.take(), "");
    assert_eq!(early(log, 3), Ok(3));
    assert_eq!(log.take(), "+part drop3 -part");
}

#[test]
fn the_stack_does_not_move_values() {
    #[pin_data]
    struct Here {
        address: Cell<*const Here>,
        #[pin]
        pinned: PhantomPinned,
    }

    stack_pin_init!(let here = pin_init!(&this in Here {
        address: Cell::new(this.as_ptr()),
        pinned: PhantomPinned,
    }));
    assert_eq!(here.address.get(), &raw const *here);
    here.as_mut().project().address.set(std::ptr::null());
    assert!(here.address.get().is_null());
}

#[test]
fn a_pinned_value_of_any_kind_is_its_own_initialiser() {
    let Ok(value) = pinned(pin_init!(Mixed { pinned <- identity(7_u8), loose <- identity('x') }));
    assert_eq!((value.pinned, value.loose), (7, 'x'));
}

fn identity<T>(value: T) -> impl pin_init::Init<T> {
    value
}

/// Pinned fields keep the pin promise even if a later field fails: they are dropped where they are.
#[test]
fn a_failed_initialiser_drops_pinned_fields_in_place() {
    #[pin_data(PinnedDrop)]
    struct Listed<'a> {
        at: Cell<usize>,
        same: &'a Cell<Option<bool>>,
        #[pin]
        pinned: PhantomPinned,
    }

    #[pinned_drop]
    impl PinnedDrop for Listed<'_> {
        fn drop(self: Pin<&mut Self>) {
            let here = (&raw const *self) as usize;
            self.same.set(Some(self.at.get() == here));
        }
    }

    fn listed(same: &Cell<Option<bool>>) -> impl PinInit<Listed<'_>> {
        pin_init!(&this in Listed {
            at: Cell::new(this.as_ptr() as usize),
            same,
            pinned: PhantomPinned,
        })
    }

    let same = &Cell::new(None);
    let result = pinned(try_pin_init!(Mixed {
        pinned <- listed(same),
        loose: Err::<u8, _>(Fail(1))?,
    }? Fail));
    assert_eq!(result.err(), Some(Fail(1)));
    assert_eq!(same.get(), Some(true));
}
