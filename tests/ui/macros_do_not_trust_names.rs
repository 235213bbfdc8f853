// SPDX-License-Identifier: GPL-2.0

//! A driver can give its own crate the names of others, at the root of which macros look for their
//! items. No check of a macro depends on such a name, and no `unsafe` of a macro stands next to it.

#![forbid(unsafe_code)]
#![allow(dangerous_implicit_autorefs)]

#[allow(unused_extern_crates)]
extern crate self as core;

#[cfg(reject_4)]
extern crate self as kernel;

extern crate kernel as lifebound;

#[cfg(any(reject_2, reject_3))]
extern crate self as pin_init;

#[allow(unused_extern_crates)]
extern crate pin_init as genuine;

/// These are the items that the macros would find.
pub mod marker {
    pub trait Anything {
        type Out;
    }

    impl<T: ?Sized> Anything for T {
        type Out = ();
    }

    /// The same type, whatever its argument is.
    pub type PhantomData<T> = <T as Anything>::Out;

    pub trait Unpin {}
}

#[cfg(any(reject_2, reject_3))]
pub mod __internal {
    pub use genuine::__internal::*;

    pub fn is_zeroable<T: ?Sized>() {}
    pub trait UsePinnedDropInsteadOfDrop {}
    pub trait PinnedDropNeedsArgumentOfPinData {}
}

#[cfg(reject_3)]
#[macro_export]
macro_rules! __expand_as_ours {
    ($($request:tt)*) => {
        genuine::__internal::expand! { [$crate unsafe] $($request)* } //~3 implementation of an `unsafe` trait
    };
}

use lifebound::{
    io::{SysMem, io_project},
    prelude::*,
    types::{CovariantForLt, ForLt},
};

/// Says yes to everything.
#[macro_export]
macro_rules! assert {
    ($($anything:tt)*) => {};
}

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

#[cfg(not(reject_3))]
#[derive(Zeroable)] //~2 E0433 could not find `__expand_as_ours`
pub struct Plain(pub u8);

#[cfg(reject_3)]
#[derive(genuine::Zeroable)]
pub struct Plain(pub *mut u8);

#[cfg(not(any(reject_2, reject_3)))]
#[pin_data]
pub struct Pinned {
    #[pin]
    done: lifebound::sync::Completion,
    number: u8,
}

#[cfg(not(any(reject_2, reject_3)))]
pub fn pinned() -> impl PinInit<Pinned> {
    pin_init!(Pinned {
        done <- lifebound::sync::Completion::new(),
        number: 1,
    })
}

pub struct Wrapper(pub Target);
pub struct Target(pub u32, pub u32);

impl lifebound::__core::ops::Deref for Wrapper {
    type Target = Target;

    fn deref(&self) -> &Target {
        &self.0
    }
}

impl lifebound::__core::ops::DerefMut for Wrapper {
    fn deref_mut(&mut self) -> &mut Target {
        &mut self.0
    }
}

pub struct Outer(pub Wrapper, pub Target);

pub fn part<'a>(outer: SysMem<'a, Outer>) -> SysMem<'a, u32> {
    #[cfg(not(reject_5))]
    let part = io_project!(outer, .1 .0);
    #[cfg(reject_5)]
    let part = io_project!(outer, .0.1); //~5 E0080 one field at a time
    part
}

#[cfg(reject_4)]
module! { type: Ui, name: "ui", license: "GPL" } //~4 E0433 could not find `__expand_as_ours`
