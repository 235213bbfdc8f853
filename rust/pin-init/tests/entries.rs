// SPDX-License-Identifier: GPL-2.0

//! The entries that `init!` and its siblings accept, and their meaning.

mod common;

use std::convert::Infallible;
use std::marker::PhantomPinned;
use std::pin::Pin;

use common::{Fail, boxed, pinned};
use pin_init::{Init, PinInit, Zeroable, init, pin_data, pin_init, try_init, try_pin_init};

struct Plain {
    text: String,
    length: usize,
    slice: &'static [u8],
    add: fn(u8) -> u8,
}

#[test]
fn values_coerce_as_in_a_struct_literal() {
    let text = String::from("four");
    let plain = boxed(init!(Plain {
        text,
        length: text.len(),
        slice: &[1, 2, 3],
        add: |x| x + 1,
    }));
    let Ok(plain) = plain;
    assert_eq!((plain.text.as_str(), plain.length), ("four", 4));
    assert_eq!((plain.slice.len(), (plain.add)(4)), (3, 5));
}

#[test]
fn earlier_fields_are_visible_and_mutable() {
    #[pin_data]
    struct Seen {
        a: u32,
        #[pin]
        b: u32,
        sum: u32,
    }

    let Ok(seen) = pinned(pin_init!(Seen {
        a: 1,
        _: {
            let a: &mut u32 = a;
            *a += 10;
        },
        b: *a + 1,
        _: {
            let mut b: Pin<&mut u32> = b.as_mut();
            b.set(*b * 2);
            *a += 1;
        },
        sum: *a + *b,
    }));
    assert_eq!((seen.a, seen.b, seen.sum), (12, 24, 36));

    // Without pinning, all fields are plain references.
    let Ok(seen) = boxed(init!(Seen {
        b: 3,
        a: std::mem::replace(b, 4),
        sum: *a + *b,
    }));
    assert_eq!((seen.a, seen.b, seen.sum), (3, 4, 7));
}

#[test]
fn this_is_the_final_address() {
    #[pin_data]
    struct Itself {
        address: *const Itself,
        inner: *const u64,
        value: u64,
        #[pin]
        pinned: PhantomPinned,
    }

    let Ok(made) = pinned(pin_init!(&this in Itself {
        address: this.as_ptr(),
        inner: this.as_ptr().cast::<u8>().wrapping_add(std::mem::offset_of!(Itself, value)).cast(),
        value: 1,
        pinned: PhantomPinned,
    }));
    assert_eq!(made.address, &raw const *made);
    assert_eq!(made.inner, &raw const made.value);
}

macro_rules! with_cfg {
    ($(#[$attr:meta])* $name:ident, $value:expr) => {
        #[pin_data]
        struct $name {
            always: u8,
            /// A field that exists only under a condition.
            $(#[$attr])*
            #[pin]
            sometimes: u8,
            $(#[$attr])*
            too: u8,
        }

        impl $name {
            fn new() -> impl PinInit<Self, Fail> {
                try_pin_init!($name {
                    /// Documentation is ignored.
                    always: 1,
                    $(#[$attr])*
                    sometimes: 2,
                    $(#[$attr])*
                    too <- 3_u8.min(*sometimes).to_le_init(),
                    $(#[$attr])*
                    _: { *always += 1; },
                }? Fail)
            }
        }
    };
}

trait ToLeInit {
    fn to_le_init(self) -> Result<u8, Fail>;
}

impl ToLeInit for u8 {
    fn to_le_init(self) -> Result<u8, Fail> {
        Ok(self)
    }
}

with_cfg!(
    #[cfg(all())]
    Present,
    2
);
with_cfg!(
    #[cfg(any())]
    Absent,
    2
);

#[test]
fn cfg_removes_fields_and_entries() {
    let mut present = pinned(Present::new()).unwrap();
    assert_eq!(size_of::<Present>(), 3);
    assert_eq!((present.always, present.sometimes, present.too), (2, 2, 2));
    let projection = present.as_mut().project();
    assert_eq!(*projection.sometimes, 2);

    let absent = pinned(Absent::new()).unwrap();
    assert_eq!(size_of::<Absent>(), 1);
    assert_eq!(absent.always, 1);
}

#[test]
fn cfg_chooses_between_two_entries_of_one_field() {
    struct One {
        field: u8,
    }

    let Ok(one) = boxed(init!(One {
        #[cfg(all())]
        field: 1,
        #[cfg(not(all()))]
        field: "not even the right type",
    }));
    assert_eq!(one.field, 1);
}

#[test]
fn lint_attributes_are_accepted() {
    struct One {
        field: u8,
    }

    let Ok(one) = boxed(init!(One {
        #[expect(clippy::identity_op, reason = "to see the attribute arrive")]
        #[allow(clippy::precedence)]
        field: 1 + 0,
        #[expect(unused_variables)]
        _: { let unused = 1; },
    }));
    assert_eq!(one.field, 1);
}

#[test]
fn the_rest_is_zeroed() {
    #[derive(Zeroable)]
    #[pin_data]
    struct Big {
        a: u32,
        #[pin]
        b: [u64; 4],
        c: Option<&'static u8>,
    }

    fn check(big: &Big, a: u32, b: [u64; 4]) {
        assert_eq!((big.a, big.b), (a, b));
        assert!(big.c.is_none());
    }

    let Ok(big) = pinned(pin_init!(Big {
        b: [5; 4],
        ..Zeroable::init_zeroed()
    }));
    check(&big, 0, [5; 4]);
    let Ok(big) = pinned(pin_init!(Big {
        ..pin_init::Zeroable::init_zeroed()
    }));
    check(&big, 0, [0; 4]);
    let Ok(big) = boxed(init!(Big {
        a: 6,
        ..pin_init::zeroed()
    }));
    check(&big, 6, [0; 4]);
    let Ok(big) = boxed(init!(Big {
        a: 6,
        ..::pin_init::init_zeroed()
    }));
    check(&big, 6, [0; 4]);
    let big = boxed(try_init!(Big { c: None, a: 7, ..Zeroable::zeroed() }? Fail)).unwrap();
    check(&big, 7, [0; 4]);
}

macro_rules! with_default_error {
    ($($input:tt)*) => {
        ::pin_init::pin_init!(#[default_error($crate::common::Fail)] $($input)*)
    };
}

#[test]
fn a_wrapper_sets_the_default_error() {
    #[pin_data]
    struct One {
        a: u8,
        b: u8,
    }

    fn one(fail: bool) -> impl PinInit<One, Fail> {
        with_default_error!(&_this in One {
            a: if fail { return Err(Fail(1)) } else { 2 },
            b: *a,
        })
    }
    assert_eq!(pinned(one(true)).err(), Some(Fail(1)));
    assert_eq!(pinned(one(false)).unwrap().b, 2);

    let other = pinned(with_default_error!(One { a: 1, b: Err("other")? }? &'static str));
    assert_eq!(other.err(), Some("other"));
}

#[test]
fn errors_convert() {
    struct One {
        a: u8,
        b: u8,
    }

    fn infallible() -> impl Init<u8> {
        5
    }

    let one = boxed(try_init!(One {
        // `Infallible` becomes `Fail`.
        a <- infallible(),
        b: { Ok::<(), Infallible>(())?; 1 },
    }? Fail));
    assert_eq!(one.map(|one| one.a + one.b), Ok(6));
}

#[test]
fn initialisers_nest_in_expressions() {
    struct Inner {
        value: u8,
    }
    struct Outer {
        first: Inner,
        second: Inner,
    }

    fn outer(value: u8) -> impl Init<Outer, Fail> {
        try_init!(Outer {
            first <- init!(Inner { value }),
            second <- try_init!(Inner {
                value: match first.value {
                    0 => return Err(Fail(1)),
                    value => value - 1,
                },
            }? Fail),
        }? Fail)
    }
    assert_eq!(boxed(outer(0)).err(), Some(Fail(1)));
    let outer = boxed(outer(3)).unwrap();
    assert_eq!((outer.first.value, outer.second.value), (3, 2));
}
