// SPDX-License-Identifier: GPL-2.0

//! The fate of the fields when an initialiser fails, panics or succeeds.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use common::{Fail, Log, Part, boxed, pinned};
use pin_init::{Init, PinInit, init, pin_data, pin_init, try_init, try_pin_init};

#[pin_data]
struct Three<'a> {
    #[pin]
    a: Part<'a>,
    b: Part<'a>,
    #[pin]
    c: Part<'a>,
}

/// How far `three` gets before it fails.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    BeforeA,
    InB,
    AfterB,
    InC,
    InLastBlock,
    Never,
}

fn three(log: &Log, stop: Stop) -> impl PinInit<Three<'_>, Fail> {
    let at = move |here: Stop, code: u32| match stop == here {
        true => Err(Fail(code)),
        false => Ok(()),
    };
    try_pin_init!(Three {
        _: { at(Stop::BeforeA, 1)?; },
        a: log.part("a"),
        b: {
            at(Stop::InB, 2)?;
            log.part("b")
        },
        _: {
            if stop == Stop::AfterB {
                return Err(Fail(3));
            }
        },
        c <- part_init(log, stop == Stop::InC),
        _: { at(Stop::InLastBlock, 5)? },
    }? Fail)
}

fn part_init(log: &Log, fail: bool) -> impl PinInit<Part<'_>, Fail> {
    pin_init::pin_init_scope(move || match fail {
        true => Err(Fail(4)),
        false => Ok(log.part("c")),
    })
}

#[test]
fn failure_drops_in_reverse() {
    let log = &Log::default();
    for (stop, code, expected) in [
        (Stop::BeforeA, 1, ""),
        (Stop::InB, 2, "+a -a"),
        (Stop::AfterB, 3, "+a +b -b -a"),
        (Stop::InC, 4, "+a +b -b -a"),
        (Stop::InLastBlock, 5, "+a +b +c -c -b -a"),
    ] {
        assert_eq!(pinned(three(log, stop)).err(), Some(Fail(code)));
        assert_eq!(log.take(), expected);
    }
}

#[test]
fn success_drops_once_in_declaration_order() {
    let log = &Log::default();
    let three = pinned(three(log, Stop::Never)).unwrap();
    assert_eq!(log.take(), "+a +b +c");
    assert_eq!((three.a.name, three.b.name, three.c.name), ("a", "b", "c"));
    drop(three);
    assert_eq!(log.take(), "-a -b -c");
}

#[test]
fn entries_run_in_their_order_not_the_declaration_order() {
    let log = &Log::default();
    let result = pinned(try_pin_init!(Three {
        c: log.part("c"),
        a: log.part("a"),
        b: Err(Fail(9))?,
    }? Fail));
    assert_eq!(result.err(), Some(Fail(9)));
    assert_eq!(log.take(), "+c +a -a -c");
}

fn fail_to_make_a_part<'a>() -> Part<'a> {
    panic!("on purpose")
}

#[test]
fn panic_drops_in_reverse() {
    let log = &Log::default();
    let init = pin_init!(Three {
        a: log.part("a"),
        b: log.part("b"),
        c: fail_to_make_a_part(),
    });
    let result = catch_unwind(AssertUnwindSafe(|| pinned(init).map(drop)));
    assert!(result.is_err());
    assert_eq!(log.take(), "+a +b -b -a");
}

#[test]
fn an_initialiser_that_is_not_run_does_nothing() {
    let log = &Log::default();
    let captured = log.part("captured");
    let init = pin_init!(Three {
        a: captured,
        b: log.part("b"),
        c: log.part("c"),
    });
    assert_eq!(log.take(), "+captured");
    drop(init);
    assert_eq!(log.take(), "-captured");
}

#[test]
fn nested_initialisers_unwind_from_the_inside() {
    #[pin_data]
    struct Outer<'a> {
        first: Part<'a>,
        #[pin]
        inner: Three<'a>,
        last: Part<'a>,
    }

    fn outer(log: &Log, stop: Stop) -> impl PinInit<Outer<'_>, Fail> {
        try_pin_init!(Outer {
            first: log.part("first"),
            inner <- three(log, stop),
            last: match stop {
                Stop::Never => return Err(Fail(6)),
                _ => log.part("last"),
            },
        }? Fail)
    }

    let log = &Log::default();
    assert_eq!(pinned(outer(log, Stop::AfterB)).err(), Some(Fail(3)));
    assert_eq!(log.take(), "+first +a +b -b -a -first");
    assert_eq!(pinned(outer(log, Stop::Never)).err(), Some(Fail(6)));
    assert_eq!(log.take(), "+first +a +b +c -a -b -c -first");
}

struct Two<'a> {
    a: Part<'a>,
    b: Part<'a>,
}

fn two(log: &Log, fail: bool) -> impl Init<Two<'_>, Fail> {
    try_init!(Two {
        a: log.part("a"),
        b <- match fail {
            true => Err(Fail(1)),
            false => Ok(log.part("b")),
        },
    }? Fail)
}

#[test]
fn init_unwinds_too() {
    let log = &Log::default();
    assert_eq!(boxed(two(log, true)).err(), Some(Fail(1)));
    assert_eq!(log.take(), "+a -a");
    let two = boxed(two(log, false)).unwrap();
    assert_eq!((two.a.name, two.b.name), ("a", "b"));
    let moved = *two;
    assert_eq!(log.take(), "+a +b");
    drop(moved);
    assert_eq!(log.take(), "-a -b");
}

#[test]
fn a_value_written_by_a_later_entry_is_dropped_once() {
    let log = &Log::default();
    let two = boxed(init!(Two {
        a: log.part("a"),
        _: { *a = log.part("other"); },
        b: std::mem::replace(a, log.part("third")),
    }));
    assert_eq!(log.take(), "+a +other -a +third");
    let Ok(two) = two;
    assert_eq!((two.a.name, two.b.name), ("third", "other"));
    drop(two);
    assert_eq!(log.take(), "-third -other");
}

#[test]
fn chains_drop_the_value_when_the_function_fails() {
    let log = &Log::default();
    let init = two(log, false).chain(|two: &mut Two<'_>| {
        two.a.name = "renamed";
        Err(Fail(7))
    });
    assert_eq!(boxed::<Two<'_>, _>(init).err(), Some(Fail(7)));
    assert_eq!(log.take(), "+a +b -renamed -b");

    let init = three(log, Stop::Never).pin_chain(|three: Pin<&mut Three<'_>>| {
        three.project().b.name = "renamed";
        Err(Fail(8))
    });
    assert_eq!(pinned::<Three<'_>, _>(init).err(), Some(Fail(8)));
    assert_eq!(log.take(), "+a +b +c -a -renamed -c");

    let init = two(log, true).chain(|_: &mut Two<'_>| unreachable!());
    assert_eq!(boxed::<Two<'_>, _>(init).err(), Some(Fail(1)));
    assert_eq!(log.take(), "+a -a");
}

#[test]
fn chains_drop_the_value_when_the_function_panics() {
    let log = &Log::default();
    let init = two(log, false).chain(|_: &mut Two<'_>| panic!("on purpose"));
    let result = catch_unwind(AssertUnwindSafe(|| boxed::<Two<'_>, Fail>(init).map(drop)));
    assert!(result.is_err());
    assert_eq!(log.take(), "+a +b -a -b");
}

#[test]
fn chains_keep_the_value_when_the_function_succeeds() {
    let log = &Log::default();
    let init = two(log, false).chain(|two: &mut Two<'_>| {
        two.b.name = "renamed";
        Ok(())
    });
    // An `Init` chain is a `PinInit` as well.
    drop(pinned::<Two<'_>, Fail>(init).unwrap());
    assert_eq!(log.take(), "+a +b -a -renamed");
}
