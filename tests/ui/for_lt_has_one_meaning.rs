// SPDX-License-Identifier: GPL-2.0

//! A type cannot differ between its check and its use, through the names that an expression in it
//! can see.

#![forbid(unsafe_code)]

use core::mem::size_of_val;

use kernel::types::{CovariantForLt, ForLt};

/// Names that the check could have for itself.
#[allow(non_upper_case_globals)]
mod names {
    pub const shortens: u8 = 0;
    pub const outlives_the_hole: u8 = 0;
    #[cfg(not(reject_5))]
    pub struct Of<'a>(pub &'a u8);
    #[cfg(reject_5)]
    pub struct Of<'a>(pub fn(&'a u8));
}
use names::*;

const ZERO: usize = Length::<0>::N;
const LENGTH: usize = size_of_val(&shortens);

pub struct Length<const N: usize>;

impl<const N: usize> Length<N> {
    pub const N: usize = N;
}

pub trait Pick {
    type Out<'a>;
}

impl Pick for [u8; 0] {
    type Out<'a> = &'a u8;
}

impl Pick for [u8; 1] {
    type Out<'a> = fn(&'a u8);
}

type Plain = CovariantForLt!(<[u8; ZERO] as Pick>::Out<'_>);
type Own = ForLt!(Of<'_>);

// The names that the macro uses for its checks do not stand in for the caller's: in both places,
// this is the function pointer.
#[cfg(reject)]
type Evil = CovariantForLt!(<[u8; LENGTH] as Pick>::Out<'_>); //~ lifetime may not live long enough

// Expressions are not compared, so none are allowed.
#[cfg(reject_2)]
type Path = CovariantForLt!(<[u8; Length::<{ size_of_val(&shortens) }>::N] as Pick>::Out<'_>);
//~2^ only a literal or a constant's name

#[cfg(reject_3)]
type InFunction = ForLt!(for<'a> (fn(<[u8; size_of_val(&shortens)] as Pick>::Out<'a>),));
//~3^ only a literal or a constant's name

#[cfg(reject_4)]
type InBound = ForLt!(&dyn Sized<{ size_of_val(&outlives_the_hole) }>); //~4 only a literal

#[cfg(reject_5)]
type Shadowed = CovariantForLt!(Of<'_>); //~5 lifetime may not live long enough

pub fn use_all(_: <Plain as ForLt>::Of<'_>, _: <Own as ForLt>::Of<'_>) {
    let _ = (
        size_of_val(&shortens),
        size_of_val(&outlives_the_hole),
        Length::<LENGTH>::N,
    );
}
