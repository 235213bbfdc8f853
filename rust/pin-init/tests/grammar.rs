// SPDX-License-Identifier: GPL-2.0

//! What `init!` and its siblings accept, and what it means.

mod common;

use std::convert::Infallible;
use std::marker::PhantomPinned;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::ptr::NonNull;

use common::{Fail, boxed, pinned};
use pin_init::{Init, PinInit, Zeroable, init, pin_data, pin_init, try_init, try_pin_init};

#[pin_data]
struct Generic<'a, T: ?Sized, U = u8, const N: usize = 2>
where
    U: Copy,
    T: ToOwned,
{
    reference: &'a T,
    #[pin]
    items: [U; N],
    next: Option<NonNull<Self>>,
}

impl<'a, T: ?Sized + ToOwned, U: Copy, const N: usize> Generic<'a, T, U, N> {
    fn new(reference: &'a T, item: U) -> impl PinInit<Self> {
        pin_init!(Self {
            reference,
            items: [item; N],
            next: None,
        })
    }
}

#[test]
fn generics_are_inferred_or_written() {
    let made = pinned(Generic::<str, u16, 3>::new("text", 7)).unwrap();
    assert_eq!((made.reference, made.items), ("text", [7; 3]));
    assert!(made.next.is_none());

    let Ok(made) = pinned(pin_init!(Generic {
        reference: "text",
        items: [1_i8],
        next: None
    }));
    assert_eq!(made.items, [1]);

    let Ok(made) = pinned(pin_init!(Generic::<'_, [u8], u8> {
        reference: &[1, 2],
        items: [3, 4],
        next: None,
    }));
    assert_eq!((made.reference.len(), made.items[1]), (2, 4));

    // As a type is written, without `::`.
    let Ok(made) = pinned(pin_init!(Generic<'_, str, u32, 1> {
        reference: "text",
        items: [9],
        next: None,
    }));
    assert_eq!(made.items, [9]);
}

#[test]
fn aliases_and_paths_name_the_struct() {
    type Alias<'a> = Generic<'a, str>;
    let Ok(made) = pinned(pin_init!(Alias {
        reference: "text",
        items: [3, 4],
        next: None
    }));
    assert_eq!(made.items, [3, 4]);

    mod inner {
        pub(super) mod deep {
            #[pin_init::pin_data]
            pub(in super::super) struct Deep {
                pub(crate) open: u8,
                pub(in super::super) closed: u8,
            }
        }
    }
    let Ok(made) = pinned(pin_init!(inner::deep::Deep { open: 1, closed: 2 }));
    assert_eq!(made.open + made.closed, 3);
}

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
            /// Only sometimes.
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

#[test]
fn tuple_and_empty_structs_work() {
    #[pin_data]
    struct Tuple<T>(#[pin] T, pub u8, #[cfg(any())] String);
    #[pin_data]
    struct Unit;
    #[pin_data]
    struct Braces {}

    let Ok(mut tuple) = pinned(pin_init!(Tuple { 0: 'x', 1 <- Ok::<_, Infallible>(6) }));
    assert_eq!((tuple.0, tuple.1), ('x', 6));
    let projection = tuple.as_mut().project();
    let _: Pin<&mut char> = projection._0;
    *projection._1 = 7;
    assert_eq!(tuple.1, 7);

    let (Ok(unit), Ok(braces)) = (pinned(pin_init!(Unit {})), boxed(init!(Braces {})));
    let (_, _): (&Unit, &Braces) = (&unit, &braces);
}

#[test]
fn raw_identifiers_are_field_names() {
    #[pin_data]
    struct Raw {
        #[pin]
        r#type: u8,
        r#fn: u8,
    }

    let Ok(mut raw) = pinned(pin_init!(Raw {
        r#type: 1,
        r#fn: *r#type + 1
    }));
    *raw.as_mut().project().r#fn += 1;
    assert_eq!((raw.r#type, raw.r#fn), (1, 3));
}

#[test]
fn names_of_the_expansion_do_not_collide() {
    #[pin_data]
    struct Names {
        data: u8,
        slot: u8,
        init: u8,
        guard_data: u8,
        clone: u8,
        project: u8,
    }

    let (data, init) = (1, 3);
    let Ok(names) = pinned(pin_init!(&whole in Names {
        data,
        slot: 2,
        init,
        guard_data: *data + *slot + *init,
        clone: 5,
        project: u8::from(!whole.is_aligned()),
    }));
    let Names {
        data,
        slot,
        init,
        guard_data,
        clone,
        project,
    } = *names;
    assert_eq!(
        [data, slot, init, guard_data, clone, project],
        [1, 2, 3, 6, 5, 0]
    );
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

#[test]
fn unsized_structs_can_be_pin_data() {
    #[pin_data]
    struct Tail<T: ?Sized> {
        length: usize,
        #[pin]
        tail: T,
    }

    let Ok(tail) = pinned(pin_init!(Tail {
        length: 2,
        tail: [1_u8, 2]
    }));
    let mut tail: Pin<Box<Tail<[u8]>>> = tail;
    let projection = tail.as_mut().project();
    assert_eq!((*projection.length, projection.tail.len()), (2, 2));
}

#[test]
fn unsized_values_have_initialisers() {
    fn fill(byte: u8) -> impl Init<[u8], Fail> {
        let f = move |slot: *mut [u8]| {
            // SAFETY: `write_bytes` demands memory for that many bytes, which the caller has to grant.
            unsafe { slot.cast::<u8>().write_bytes(byte, slot.len()) };
            Ok(())
        };
        // SAFETY: `init_from_closure` demands that `f` initialise `*slot`: it writes every byte.
        unsafe { pin_init::init_from_closure(f) }
    }

    let mut memory = [MaybeUninit::<u8>::uninit(); 3];
    let slot: *mut [u8] = std::ptr::slice_from_raw_parts_mut(memory.as_mut_ptr().cast(), 3);
    let init = fill(7).chain(|bytes: &mut [u8]| {
        bytes[0] = 1;
        Ok(())
    });
    // SAFETY: `__init` demands memory of our own: the array.
    unsafe { Init::<[u8], Fail>::__init(init, slot) }.unwrap();
    // SAFETY: the dereference demands initialised bytes: `Ok` above.
    assert_eq!(unsafe { &*slot }, [1, 7, 7]);
}
