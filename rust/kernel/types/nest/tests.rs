// SPDX-License-Identifier: GPL-2.0

use core::cell::{Cell, RefCell};
use std::{boxed::Box, vec::Vec};

use super::*;
use crate::error::{Error, code::*};
use pin_init::pin_data;

/// Runs an initialiser in a box.
fn pinned<T, E>(init: impl PinInit<T, E>) -> Result<Pin<Box<T>>, E> {
    let mut memory = Box::new_uninit();
    // SAFETY: `__pinned_init` requires memory that nobody else uses and that stays; the box is
    // pinned on `Ok`.
    unsafe { init.__pinned_init(memory.as_mut_ptr()) }?;
    // SAFETY: `assume_init` requires an initialised value; `__pinned_init` returned `Ok`.
    Ok(Box::into_pin(unsafe { memory.assume_init() }))
}

/// Writes a number when it is dropped.
struct Tell<'a>(&'a RefCell<Vec<u32>>, u32);

impl Drop for Tell<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

/// Reads its owner when it is dropped, and so shows that the owner still exists.
struct Reader<'x> {
    owner: &'x Tell<'x>,
    add: u32,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.owner.0.borrow_mut().push(self.owner.1 + self.add);
    }
}

type ReaderOf = crate::types::CovariantForLt!(Reader<'_>);

fn nest<'a>(
    log: &'a RefCell<Vec<u32>>,
    number: u32,
) -> impl PinInit<Nest<Tell<'a>, ReaderOf>, Error> + 'a {
    Nest::new(Tell(log, number), |owner, slot| {
        let owner = owner.get_ref();
        slot.fill(Reader { owner, add: 1 })
    })
}

#[test]
fn dependant_is_dropped_first() {
    let log = RefCell::new(Vec::new());
    let nest = pinned(nest(&log, 10)).ok();
    assert_eq!(nest.as_ref().map(|nest| nest.dependant().owner.1), Some(10));
    assert_eq!(nest.as_ref().map(|nest| nest.owner().1), Some(10));
    drop(nest);
    assert_eq!(*log.borrow(), [11, 10]);
}

#[test]
fn address_of_the_owner_is_its_last() {
    let log = RefCell::new(Vec::new());
    let nest = pinned(nest(&log, 1)).ok();
    let same = nest.map(|nest| ptr::eq(nest.dependant().owner, nest.owner().get_ref()));
    assert_eq!(same, Some(true));
}

#[test]
fn owner_that_fails_makes_nothing() {
    let nest = Nest::<Tell<'_>, ReaderOf>::new(Err::<Tell<'_>, _>(ENOMEM), |_, _| unreachable!());
    assert_eq!(pinned::<_, Error>(nest).err(), Some(ENOMEM));
}

#[test]
fn dependant_that_fails_drops_the_owner() {
    let log = RefCell::new(Vec::new());
    let nest = Nest::<_, ReaderOf>::new(Tell(&log, 10), |_, slot| {
        slot.fill(Err::<Reader<'_>, _>(EBUSY))
    });
    assert_eq!(pinned::<_, Error>(nest).err(), Some(EBUSY));
    assert_eq!(*log.borrow(), [10]);
}

#[test]
fn failure_after_the_dependant_drops_both() {
    let log = RefCell::new(Vec::new());
    let nest = Nest::<_, ReaderOf>::new(Tell(&log, 10), |owner, slot| {
        let owner = owner.get_ref();
        let _filled = slot.fill::<Error, _>(Reader { owner, add: 1 })?;
        Err(EINVAL)
    });
    assert_eq!(pinned(nest).err(), Some(EINVAL));
    assert_eq!(*log.borrow(), [11, 10]);
}

/// A dependant that the compiler cannot shorten, and which gets a reference to its owner later on.
struct Late<'x> {
    slot: Cell<Option<&'x u32>>,
    all: &'x [u32; 2],
}

#[test]
fn invariant_dependant_keeps_parts_of_the_owner() {
    let nest =
        Nest::<_, crate::types::ForLt!(Late<'_>)>::new([7, 8], |all: Pin<&[u32; 2]>, slot| {
            slot.fill::<Error, _>(Late {
                slot: Cell::new(None),
                all: all.get_ref(),
            })
        });
    let nest = pinned(nest).ok();
    let read = nest.map(|nest| {
        nest.with(|late| late.slot.set(late.all.get(1)));
        nest.with(|late| late.slot.get().copied())
    });
    assert_eq!(read, Some(Some(8)));
}

#[pin_data]
struct Outer<'a> {
    first: Tell<'a>,
    #[pin]
    nest: Nest<Inner<'a>, InnerReaderOf>,
}

type Inner<'a> = Nest<Tell<'a>, ReaderOf>;

struct InnerReader<'x>(Pin<&'x Reader<'x>>);

impl Drop for InnerReader<'_> {
    fn drop(&mut self) {
        self.0.owner.0.borrow_mut().push(self.0.owner.1 + 2);
    }
}

type InnerReaderOf = crate::types::CovariantForLt!(InnerReader<'_>);

#[test]
fn nests_nest() {
    let log = &RefCell::new(Vec::new());
    let outer = pin_init::try_pin_init!(Outer {
        first: Tell(log, 30),
        nest <- Nest::new::<Error, _>(nest(log, 20), |inner, slot| {
            slot.fill(InnerReader(inner.get_ref().dependant()))
        }),
    }? Error);
    drop(pinned(outer).ok());
    assert_eq!(*log.borrow(), [30, 22, 21, 20]);
}
