// SPDX-License-Identifier: GPL-2.0

//! A coercion is no proof of covariance: a type that coerces may still be invariant.

#![forbid(unsafe_code)]

#[cfg(reject)]
use core::cell::Cell;

use kernel::types::CovariantForLt;

pub trait Show {
    fn show(&self) -> u32;
}

/// A reference to a trait object is covariant.
type Object = CovariantForLt!(&'_ (dyn Show + '_));

// `Cell<&dyn Show + 'long>` coerces to one with `'short`, as a value. Behind a reference, the
// latter is another type.
#[cfg(reject)]
type Celled = CovariantForLt!(Cell<&'_ (dyn Show + '_)>); //~ lifetime may not live long enough

#[cfg(reject)]
pub fn use_celled<'r, 's: 'r, 'l: 's>(
    long: &'r Cell<&'l (dyn Show + 'l)>,
) -> &'r Cell<&'s (dyn Show + 's)> {
    <Celled as CovariantForLt>::cast_ref(long)
}

pub fn shorten<'r, 's: 'r, 'l: 's>(long: &'r &'l (dyn Show + 'l)) -> &'r &'s (dyn Show + 's) {
    <Object as CovariantForLt>::cast_ref(long)
}
