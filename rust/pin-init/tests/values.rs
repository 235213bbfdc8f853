// SPDX-License-Identifier: GPL-2.0

//! Arrays, scopes, closures, places and zero bytes.

mod common;

use std::cell::{Cell, UnsafeCell};
use std::convert::Infallible;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use common::{Fail, Log, Part, boxed, pinned};
use pin_init::{
    InPlaceWrite, Init, MaybeZeroable, PinInit, Wrapper, Zeroable, cast_init, cast_pin_init, init,
    init_array_from_fn, init_from_closure, init_scope, init_zeroed, pin_data, pin_init,
    pin_init_array_from_fn, pin_init_from_closure, pin_init_scope, raw_init, raw_try_init,
    stack_pin_init, try_init, uninit, zeroed,
};

const NAMES: [&str; 4] = ["0", "1", "2", "3"];

fn element(log: &Log, index: usize, fail_at: usize) -> impl Init<Part<'_>, Fail> {
    element_or_error(log, index, fail_at)
}

fn element_or_error(log: &Log, index: usize, fail_at: usize) -> Result<Part<'_>, Fail> {
    match index == fail_at {
        true => Err(Fail(u32::try_from(index).unwrap())),
        false => Ok(log.part(NAMES[index])),
    }
}

#[test]
fn arrays_unwind_in_reverse() {
    let log = &Log::default();
    for (fail_at, expected) in [(0, ""), (1, "+0 -0"), (3, "+0 +1 +2 -2 -1 -0")] {
        let movable = boxed(init_array_from_fn::<_, 4, _, _>(|i| {
            element(log, i, fail_at)
        }));
        assert_eq!(movable.err(), Some(Fail(fail_at as u32)));
        assert_eq!(log.take(), expected);
        let array = pinned(pin_init_array_from_fn::<_, 4, _, _>(|i| {
            element(log, i, fail_at)
        }));
        assert_eq!(array.err(), Some(Fail(fail_at as u32)));
        assert_eq!(log.take(), expected);
    }
    let array = boxed(init_array_from_fn::<_, 4, _, _>(|i| element(log, i, 9))).unwrap();
    assert_eq!(
        array.iter().map(|part| part.name).collect::<Vec<_>>(),
        NAMES
    );
    drop(array);
    assert_eq!(log.take(), "+0 +1 +2 +3 -0 -1 -2 -3");
    let array = pinned(pin_init_array_from_fn::<_, 2, _, _>(|i| element(log, i, 9))).unwrap();
    drop(array);
    assert_eq!(log.take(), "+0 +1 -0 -1");
}

#[test]
fn arrays_unwind_on_panic() {
    let log = &Log::default();
    let result = catch_unwind(AssertUnwindSafe(|| {
        boxed(init_array_from_fn::<_, 3, _, _>(|i| match i {
            2 => panic!("on purpose"),
            i => log.part(NAMES[i]),
        }))
        .map(drop)
    }));
    assert!(result.is_err());
    assert_eq!(log.take(), "+0 +1 -1 -0");
}

#[test]
fn arrays_unwind_past_a_destructor_that_panics() {
    struct Fragile<'a>(Part<'a>);

    impl Drop for Fragile<'_> {
        fn drop(&mut self) {
            assert_ne!(self.0.name, "1", "on purpose");
        }
    }

    let log = &Log::default();
    let result = catch_unwind(AssertUnwindSafe(|| {
        pinned(pin_init_array_from_fn::<_, 4, Fragile<'_>, _>(|i| {
            element_or_error(log, i, 3).map(Fragile)
        }))
        .map(drop)
    }));
    assert!(result.is_err());
    assert_eq!(log.take(), "+0 +1 +2 -2 -1 -0");
}

#[test]
fn big_values_do_not_pass_through_the_stack() {
    #[derive(Zeroable)]
    struct Big {
        zeroes: [u8; 1 << 20],
        squares: [u64; 1 << 17],
        length: usize,
    }

    fn big() -> impl Init<Big> {
        init!(Big {
            squares <- init_array_from_fn::<_, { 1 << 17 }, u64, Infallible>(|i| (i * i) as u64),
            length: squares.len(),
            ..Zeroable::init_zeroed()
        })
    }

    let thread = std::thread::Builder::new().stack_size(256 << 10);
    let sum = thread.spawn(|| {
        let Ok(big) = boxed(big());
        big.squares[300] + u64::from(big.zeroes[1 << 19]) + big.length as u64
    });
    assert_eq!(sum.unwrap().join().unwrap(), 90_000 + (1 << 17));
}

#[test]
fn arrays_of_nothing_work() {
    let none = boxed(init_array_from_fn::<Result<u8, Fail>, 0, u8, _>(
        |_| unreachable!(),
    ));
    assert_eq!(none.map(|none| none.len()), Ok(0));
    let units = boxed(init_array_from_fn::<_, 5, (), _>(|_| ()));
    assert_eq!(units.map(|units| units.len()), Ok(5));
}

#[test]
fn scopes_compute_first() {
    let log = &Log::default();
    let make = |fail: u32| {
        init_scope(move || {
            let part = log.part("scope");
            match fail {
                1 => Err(Fail(1)),
                _ => Ok(element_or_error(log, fail as usize, 2).inspect(|_| drop(part))),
            }
        })
    };
    assert_eq!(boxed(make(1)).err(), Some(Fail(1)));
    assert_eq!(log.take(), "+scope -scope");
    assert_eq!(boxed(make(2)).err(), Some(Fail(2)));
    assert_eq!(log.take(), "+scope -scope");
    drop(boxed::<Part<'_>, _>(make(3)).unwrap());
    assert_eq!(log.take(), "+scope +3 -scope -3");

    let pin = pin_init_scope(|| Ok::<_, Fail>(element(log, 0, 9)));
    assert_eq!(pinned(pin).unwrap().name, "0");
    let pin = pin_init_scope(|| Err::<Part<'_>, _>(Fail(4)));
    assert_eq!(pinned::<Part<'_>, _>(pin).err(), Some(Fail(4)));
}

#[test]
fn closures_are_initialisers() {
    fn seven() -> impl Init<u8, Fail> {
        let f = |slot: *mut u8| {
            // SAFETY: `write` requires memory for a `u8`; the caller has to grant it.
            unsafe { slot.write(7) };
            Ok(())
        };
        // SAFETY: `init_from_closure` requires that `f` initialises `*slot`; it writes there.
        unsafe { init_from_closure(f) }
    }
    assert_eq!(boxed(seven()).map(|seven| *seven), Ok(7));
    assert_eq!(pinned(seven()).map(|seven| *seven), Ok(7));

    // SAFETY: `cast_init` requires that a `u8` is an `i8`; any byte is.
    let cast = unsafe { cast_init::<u8, i8, _>(seven()) };
    assert_eq!(boxed(cast).map(|seven| *seven), Ok(7_i8));

    // SAFETY: `pin_init_from_closure` requires that nothing is initialised on `Err`; nothing is.
    let fails = unsafe { pin_init_from_closure(|_: *mut u8| Err(Fail(1))) };
    // SAFETY: `cast_pin_init` requires that a `u8` is an `i8`; any byte is.
    let cast = unsafe { cast_pin_init::<u8, i8, _>(fails) };
    assert_eq!(pinned(cast).err(), Some(Fail(1)));
}

#[test]
fn raw_memory_is_initialised() {
    let mut memory = MaybeUninit::<u16>::uninit();
    // SAFETY: `raw_init` requires memory that nobody else uses; `memory` is local.
    unsafe { raw_init(memory.as_mut_ptr(), 500) };
    // SAFETY: `assume_init` requires an initialised value; the line above initialised it.
    assert_eq!(unsafe { memory.assume_init() }, 500);
    // SAFETY: `raw_try_init` requires memory that nobody else uses; `memory` is local.
    let failed = unsafe { raw_try_init(memory.as_mut_ptr(), Err::<u16, _>(Fail(1))) };
    assert_eq!(failed, Err(Fail(1)));
}

#[test]
fn static_memory_is_written_in_place() {
    let memory: &'static mut MaybeUninit<u8> = Box::leak(Box::new_uninit());
    let Ok(value) = memory.write_init(Ok::<_, Infallible>(5));
    *value += 1;
    assert_eq!(*value, 6);
    let memory: &'static mut MaybeUninit<u8> = Box::leak(Box::new_uninit());
    assert_eq!(memory.write_init(Err(Fail(1))), Err(Fail(1)));
    let memory: &'static mut MaybeUninit<u8> = Box::leak(Box::new_uninit());
    let Ok(value) = memory.write_pin_init(Ok::<_, Infallible>(7));
    assert_eq!(*value, 7);
    let memory: &'static mut MaybeUninit<u8> = Box::leak(Box::new_uninit());
    assert_eq!(memory.write_pin_init(Err(Fail(2))), Err(Fail(2)));
}

#[test]
fn wrappers_are_initialised_through_their_content() {
    let log = &Log::default();
    let cell = pinned(UnsafeCell::pin_init(element(log, 1, 9))).unwrap();
    drop(cell);
    assert_eq!(log.take(), "+1 -1");
    let raw = pinned(MaybeUninit::pin_init(element(log, 2, 9))).unwrap();
    drop(raw);
    assert_eq!(log.take(), "+2");
    let failed = pinned(<UnsafeCell<_> as Wrapper<_>>::pin_init(element(log, 3, 3)));
    assert_eq!(failed.err(), Some(Fail(3)));
}

#[test]
fn uninit_leaves_the_memory() {
    struct Buffer {
        used: usize,
        bytes: MaybeUninit<[u8; 64]>,
    }

    let buffer = boxed(try_init!(Buffer {
        bytes <- uninit::<_, Fail>(),
        used: size_of_val(bytes),
    }? Fail));
    assert_eq!(buffer.map(|buffer| buffer.used), Ok(64));
}

#[derive(Zeroable)]
#[allow(dead_code)]
struct AllKinds<'a, T, const N: usize> {
    integers: (u8, u16, u32, u64, u128, usize, i8, i16, i32, i64),
    more: (i128, isize, f32, f64, bool, char, ()),
    pointers: (
        *const T,
        *mut T,
        Option<NonNull<T>>,
        Option<&'a u8>,
        Option<&'a mut u8>,
    ),
    function: Option<fn()>,
    callback: Option<unsafe extern "C" fn(T) -> T>,
    pair: Option<extern "C" fn(u8, u8)>,
    nonzero: (Option<NonZero<u8>>, Option<NonZero<i128>>),
    cells: (
        Cell<u8>,
        UnsafeCell<T>,
        MaybeUninit<&'a u8>,
        ManuallyDrop<T>,
    ),
    phantom: (PhantomData<&'a T>, PhantomPinned),
    array: [T; N],
}

#[test]
fn zero_bytes_are_values() {
    let Ok(all) = boxed::<AllKinds<'_, u32, 3>, _>(init_zeroed());
    assert!(all.pair.is_none());
    assert_eq!(all.array, [0; 3]);
    assert_eq!((all.integers.9, all.more.4, all.more.5), (0, false, '\0'));
    assert!(all.pointers.0.is_null() && all.pointers.2.is_none() && all.pointers.4.is_none());
    assert!(all.function.is_none() && all.callback.is_none() && all.nonzero.0.is_none());
    assert_eq!(all.cells.0.get(), 0);

    const ZERO: [u64; 2] = zeroed();
    assert_eq!(ZERO, <[u64; 2]>::zeroed());
    let Ok(zero) = boxed(<[u64; 2]>::init_zeroed());
    assert_eq!(*zero, ZERO);
}

#[derive(Zeroable, Clone, Copy)]
#[repr(C)]
union Bits {
    integer: u32,
    float: f32,
}

#[derive(Zeroable, Debug, PartialEq)]
struct Tuple(u8, Option<NonZero<u16>>);

#[derive(Zeroable, Debug, PartialEq)]
struct Unit;

#[test]
fn unions_and_tuple_structs_derive() {
    // SAFETY: reading a field requires that its bytes are initialised; all are zero.
    assert_eq!(unsafe { Bits::zeroed().integer }, 0);
    assert_eq!(Tuple::zeroed(), Tuple(0, None));
    assert_eq!(Unit::zeroed(), Unit);
}

/// Tells at compile time whether a type is `Zeroable`.
struct Probe<T>(PhantomData<T>);

trait Otherwise {
    const ZEROABLE: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: Zeroable> Probe<T> {
    const ZEROABLE: bool = true;
}

#[derive(MaybeZeroable)]
#[allow(dead_code)]
struct Perhaps<T> {
    content: T,
    number: u8,
}

#[derive(MaybeZeroable)]
#[allow(dead_code)]
struct Never {
    number: u8,
    reference: &'static u8,
}

#[derive(MaybeZeroable, Clone, Copy)]
#[allow(dead_code)]
union NeverUnion {
    number: u8,
    reference: &'static u8,
}

#[test]
fn maybe_zeroable_follows_the_fields() {
    const { assert!(Probe::<Perhaps<u8>>::ZEROABLE) };
    const { assert!(!Probe::<Perhaps<&'static u8>>::ZEROABLE) };
    const { assert!(!Probe::<Never>::ZEROABLE) };
    const { assert!(!Probe::<NeverUnion>::ZEROABLE) };
    const { assert!(!Probe::<Option<u8>>::ZEROABLE) };
    assert_eq!(Perhaps::<u8>::zeroed().number, 0);
}

#[test]
fn only_zeroed_fields_are_not_dropped_on_failure() {
    #[derive(Zeroable)]
    struct Partly<'a> {
        number: u8,
        cell: Option<&'a Cell<u8>>,
    }

    let partly = boxed(try_init!(Partly {
        number: Err(Fail(1))?,
        ..Zeroable::init_zeroed()
    }? Fail));
    assert_eq!(partly.err(), Some(Fail(1)));
    let Ok(partly) = boxed(init!(Partly {
        number: 1,
        ..Zeroable::init_zeroed()
    }));
    assert!(partly.cell.is_none() && partly.number == 1);
}

#[test]
fn results_are_initialisers() {
    fn run<E>(init: impl PinInit<u8, E>) -> Result<u8, E> {
        pinned(init).map(|value| *value)
    }
    assert_eq!(run(Ok::<_, Fail>(3)), Ok(3));
    assert_eq!(run(Err(Fail(3))), Err(Fail(3)));
    // A value cannot fail, so nobody has to say with which error.
    assert_eq!(run(3), Ok(3));
    // A `Result` is also a value of its own type.
    let nested = boxed::<Result<u8, u8>, Infallible>(Err(1));
    assert_eq!(nested.map(|inner| *inner), Ok(Err(1)));
}

/// An expression that a macro passes on is one operand, whatever it consists of.
#[test]
fn passed_expressions_stay_together() {
    #[pin_data]
    struct Numbers {
        product: u32,
        sum: u32,
    }
    macro_rules! numbers {
        ($macro:ident, $e:expr) => {
            $macro!(Numbers {
                product: $e * 2,
                sum: $e,
                _: { *sum += $e * 1 },
            })
        };
    }
    stack_pin_init!(let numbers = numbers!(pin_init, 1 + 2));
    assert_eq!((numbers.product, numbers.sum), (6, 6));
    stack_pin_init!(let numbers = numbers!(init, 1 | 2));
    assert_eq!((numbers.product, numbers.sum), (6, 6));
}
