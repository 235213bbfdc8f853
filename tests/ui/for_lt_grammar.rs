// SPDX-License-Identifier: GPL-2.0

//! The type that is checked is the type that is used. The macro refuses syntax that could mean two
//! types, or hide a lifetime.

#![forbid(unsafe_code)]

use kernel::types::{CovariantForLt, ForLt};

pub struct Window<'a>(pub &'a u8);
pub struct Array<'a, const N: usize>(pub [&'a u8; N]);
pub struct Generic<'a, T>(pub &'a u8, pub T);

#[allow(unused_macros)]
macro_rules! twice {
    () => { &'static u8 };
}

const TWO: usize = 2;

type Plain = ForLt!(Window<'_>);
type Counted = ForLt!([&u8; TWO]);
type Literal = CovariantForLt!(Array<'_, 2>);
type Named = ForLt!(for<'a> Generic<'a, &'a u8>);

#[cfg(reject)]
type Macro = ForLt!(twice!()); //~ a macro could mean one type where it is checked and another where it is used

#[cfg(reject_2)]
type Opaque = ForLt!(impl Copy); //~2 `impl Trait` is not one type

#[cfg(reject_3)]
type Inferred = ForLt!(Generic<'_, _>); //~3 `_` is not allowed here

#[cfg(reject_4)]
pub fn named<'a>(_: &'a u8, _: Option<<ForLt!(Generic<'_, &'a u8>) as ForLt>::Of<'a>>) {}
//~4^ only `'static` and the hole
//~4^^ E0277
//~4^^^ E0277

#[cfg(reject_5)]
pub fn generic<T: 'static>(_: Option<<ForLt!(Generic<'_, T>) as ForLt>::Of<'_>>) {} //~5 generic parameters may not be used in const operations

#[cfg(reject_6)]
type Left = ForLt!(Window); //~6 E0106

#[cfg(reject_7)]
type Expression = ForLt!(Array<'_, { TWO }>); //~7 only a literal or a constant's name may stand here

#[cfg(reject_8)]
type Length = ForLt!([&u8; { TWO }]); //~8 only a literal or a constant's name may stand here

#[cfg(reject_9)]
type Nothing = ForLt!(); //~9 expected a type

#[cfg(reject_10)]
type Two = ForLt!(for<'a, 'b> Generic<'a, &'b u8>); //~10 the hole is one lifetime

#[cfg(reject_11)]
type Guessed = ForLt!(for<'a> Generic<'a, &u8>); //~11 name the lifetime of this reference

#[cfg(reject_12)]
type Inside = ForLt!(&KBox<twice!()>); //~12 a macro could mean one type

#[cfg(reject_13)]
type More = ForLt!(Window<'_>, Window<'_>); //~13 unexpected token

#[cfg(reject_14)]
type InFunction = ForLt!(fn(twice!()) -> u8); //~14 a macro could mean one type

#[cfg(reject_15)]
pub trait Own: Sized + 'static {
    fn own(_: <ForLt!(Generic<'_, Self>) as ForLt>::Of<'_>); //~15 generic parameters may not be used in const operations
}

#[cfg(reject_16)]
pub fn left_in_argument() -> Option<<ForLt!(Window) as ForLt>::Of<'static>> {
    //~16^ E0106
    //~16^^ E0106
    None
}

#[cfg(reject_17)]
type LengthInFunction = ForLt!(fn([u8; { TWO }])); //~17 only a literal or a constant's name

#[cfg(reject_18)]
type LengthOfPath = ForLt!([&u8; Of::<{ TWO }>::LENGTH]); //~18 only a literal or a constant's name

#[cfg(reject_19)]
type ArgumentInFn = ForLt!(&dyn Fn(Array<'static, { TWO }>)); //~19 only a literal or a constant's name

pub fn use_all(
    _: (<Plain as ForLt>::Of<'_>, <Counted as ForLt>::Of<'_>),
    _: (<Literal as ForLt>::Of<'_>, <Named as ForLt>::Of<'_>),
) {
}
