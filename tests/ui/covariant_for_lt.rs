// SPDX-License-Identifier: GPL-2.0

//! `CovariantForLt!` takes no type that may not be shortened, whatever the reason; `ForLt!` takes
//! it.

#![forbid(unsafe_code)]

use core::cell::Cell;

use kernel::{
    sync::Mutex,
    types::{CovariantForLt, ForLt},
};

pub struct Sink<'a>(pub fn(&'a u8));
pub struct Static<'a>(pub Cell<&'a u8>)
where
    'a: 'static;

pub trait Object<'a> {}

pub trait Family<'a> {
    type Member;
}

impl<'a> Family<'a> for () {
    type Member = &'a mut &'a u8;
}

type Alias<'a> = Mutex<Option<&'a u8>>;

fn check<F: ForLt>() {}
fn check_covariant<F: CovariantForLt>() {}

pub fn accepted() {
    check::<ForLt!(Cell<&u8>)>();
    check::<ForLt!(Sink<'_>)>();
    check::<ForLt!(for<'a> &'a mut &'a u8)>();
    check::<ForLt!(&dyn Object<'_>)>();
    check::<ForLt!(<() as Family<'_>>::Member)>();
    check::<ForLt!(Alias<'_>)>();
    check_covariant::<CovariantForLt!(&&u8)>();
    check_covariant::<CovariantForLt!(fn() -> &'static u8)>();
    // Here the binder belongs to the function's type.
    check_covariant::<CovariantForLt!(for<'a> fn(&'a u8))>();
}

#[cfg(reject)]
type Invariant = CovariantForLt!(Cell<&u8>); //~ lifetime may not live long enough

#[cfg(reject_2)]
type Contravariant = CovariantForLt!(Sink<'_>); //~2 lifetime may not live long enough

#[cfg(reject_3)]
type Exclusive = CovariantForLt!(for<'a> &'a mut &'a u8); //~3 lifetime may not live long enough

#[cfg(reject_4)]
type OfObject = CovariantForLt!(&dyn Object<'_>); //~4 lifetime may not live long enough

#[cfg(reject_5)]
type Projected = CovariantForLt!(<() as Family<'_>>::Member); //~5 lifetime may not live long enough

#[cfg(reject_6)]
type Hidden = CovariantForLt!(Alias<'_>); //~6 lifetime may not live long enough

#[cfg(reject_7)]
type Implied = CovariantForLt!(Static<'_>); //~7 lifetime may not live long enough

#[cfg(reject_8)]
type InFunction = CovariantForLt!(for<'a> (fn(&'a u8),)); //~8 lifetime may not live long enough

pub fn asked() {
    #[cfg(reject_9)]
    check_covariant::<ForLt!(&u8)>(); //~9 E0277
}
