// SPDX-License-Identifier: GPL-2.0

//! A driver can give its own crate the names of others, at the root of which macros look for what they need. The check
//! of a macro is the same all the same.

#![forbid(unsafe_code)]

#[allow(unused_extern_crates)]
extern crate self as core;

pub mod marker {
    pub trait Anything {
        type Out;
    }

    impl<T: ?Sized> Anything for T {
        type Out = ();
    }

    /// The same type, whatever it is of.
    pub type PhantomData<T> = <T as Anything>::Out;
}

use kernel::types::{CovariantForLt, ForLt};

pub struct Shared<'a>(pub &'a u8);
pub struct Exclusive<'a>(pub &'a mut &'a u8);

fn covariant<F: CovariantForLt>() {}

#[cfg(not(reject))]
type Family = CovariantForLt!(Shared<'_>);
#[cfg(reject)]
type Family = CovariantForLt!(Exclusive<'_>); //~ lifetime may not live long enough

pub fn shortened() {
    covariant::<Family>();
    let _: fn(<ForLt!(Exclusive<'_>) as ForLt>::Of<'static>) = |_| ();
}
