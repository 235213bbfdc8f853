// SPDX-License-Identifier: GPL-2.0

//! The structs that `#[pin_data]`, `init!` and its siblings accept.

mod common;

use std::convert::Infallible;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::ptr::NonNull;

use common::{Fail, boxed, pinned};
use pin_init::{Init, PinInit, init, pin_data, pin_init};

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

    // The path is written as a type is, without `::`.
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
fn names_of_c_are_field_names() {
    #[pin_data]
    #[allow(non_snake_case)]
    struct Descriptor {
        #[pin]
        bLength: u8,
        wValue: u16,
    }

    let Ok(mut made) = pinned(pin_init!(Descriptor {
        bLength: 9,
        wValue: u16::from(*bLength) + 1,
    }));
    *made.as_mut().project().wValue += 1;
    assert_eq!((made.bLength, made.wValue), (9, 11));
}

#[test]
fn macros_can_make_structs_and_initialisers() {
    macro_rules! make {
        ($vis:vis struct $name:ident { $field:ident: $ty:ty } = $value:expr) => {
            #[pin_data]
            $vis struct $name<T> {
                #[pin]
                $field: $ty,
                twice: ($ty, $ty),
                rest: T,
            }

            impl<T: Default> $name<T> {
                fn make() -> impl PinInit<Self, Fail> {
                    pin_init!($name {
                        $field: $value,
                        twice: (*$field, *$field),
                        _: { let _: &mut ($ty, $ty) = twice; },
                        rest: T::default(),
                    }? Fail)
                }
            }
        };
    }
    macro_rules! init_path {
        ($path:path, $ty:ty) => {
            (init!($path { a: 1 }), init!($ty { a: 2 }))
        };
    }

    // The outer variable is not the field of that name.
    let value = 7_u8;
    make!(pub(crate) struct Made { value: u8 } = 3);
    let made = pinned(Made::<u16>::make()).unwrap();
    assert_eq!(
        (value, made.value, made.twice, made.rest),
        (7, 3, (3, 3), 0)
    );

    struct Plain<T> {
        a: T,
    }
    let (first, second) = init_path!(Plain::<u8>, Plain<u8>);
    let (Ok(first), Ok(second)) = (boxed(first), boxed(second));
    assert_eq!((first.a, second.a), (1, 2));
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
            // SAFETY: `write_bytes` requires memory for that many bytes; the caller has to grant
            // it.
            unsafe { slot.cast::<u8>().write_bytes(byte, slot.len()) };
            Ok(())
        };
        // SAFETY: `init_from_closure` requires that `f` initialises `*slot`; it writes every byte.
        unsafe { pin_init::init_from_closure(f) }
    }

    let mut memory = [MaybeUninit::<u8>::uninit(); 3];
    let slot: *mut [u8] = std::ptr::slice_from_raw_parts_mut(memory.as_mut_ptr().cast(), 3);
    let init = fill(7).chain(|bytes: &mut [u8]| {
        bytes[0] = 1;
        Ok(())
    });
    // SAFETY: `__init` requires memory that nobody else uses; the array is local.
    unsafe { Init::<[u8], Fail>::__init(init, slot) }.unwrap();
    // SAFETY: the dereference requires initialised bytes; `__init` returned `Ok`.
    assert_eq!(unsafe { &*slot }, [1, 7, 7]);
}
