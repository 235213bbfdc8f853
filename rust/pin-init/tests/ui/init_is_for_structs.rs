// SPDX-License-Identifier: GPL-2.0

//! Only a struct is initialised field by field. The type to which an enum's `DerefMut` leads makes
//! no difference, nor do the fields and the name of the variant, nor the allowed lints.

#![allow(dangerous_implicit_autorefs, ambiguous_associated_items)]

use std::ops::{Deref, DerefMut};

use pin_init::{Init, init, pin_data, pin_init, stack_pin_init, stack_try_pin_init, try_init};

#[derive(Debug)]
pub struct Inner {
    pub a: u8,
}

pub enum Enum {
    Variant { a: u8 },
    Other(&'static u8, &'static u8),
}

pub enum Single {
    Variant { a: u8 },
}

pub enum Empty {
    Braces {},
    Unit,
    Tuple(u8),
    Other(&'static u8),
}

pub union Union {
    pub a: u8,
}

pub union Dereferenced {
    pub a: u8,
    pub b: &'static u8,
}

/// A struct is initialised by fields even if it dereferences to a type with a field of the same
/// name.
pub struct Struct {
    pub a: u8,
}

macro_rules! lead_to_inner {
    ($($ty:ty),*) => {$(
        impl Deref for $ty {
            type Target = Inner;
            fn deref(&self) -> &Inner {
                loop {}
            }
        }
        impl DerefMut for $ty {
            fn deref_mut(&mut self) -> &mut Inner {
                Box::leak(Box::new(Inner { a: 0 }))
            }
        }
    )*};
}

lead_to_inner!(Enum, Single, Union, Dereferenced, Struct);

pub trait Named {
    type Variant;
}

impl Named for Single {
    type Variant = Single;
}

pub type Alias = Enum;
pub type Generic<T> = Option<T>;
pub use Single::Variant as Imported;

#[pin_data]
pub struct Pinned {
    #[pin]
    a: u8,
}

pub fn accepted() -> impl Init<Struct> {
    stack_pin_init!(let pinned = pin_init!(Pinned { a: 1 }));
    assert_eq!(pinned.a, 1);
    stack_try_pin_init!(let tried = try_init!(Struct { a: 1 }? ()));
    assert!(tried.is_ok());
    init!(Struct { a: 1 })
}

#[cfg(reject)]
pub fn variant() -> impl Init<Enum> {
    init!(Enum::Variant { a: 1 }) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn single() -> impl Init<Single> {
    init!(Single::Variant { a: 1 }) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn alias() -> impl Init<Enum> {
    init!(Alias::Variant { a: 1 }) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn imported() -> impl Init<Single> {
    init!(Imported { a: 1 }) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn of_core() -> impl Init<Option<u8>> {
    let init = init!(Generic::<u8>::Some { 0: 1 }); //~ E0436 requires a struct

    //~^^ E0609 no field `0`
    init
}

#[cfg(reject)]
impl Single {
    pub fn by_self() -> impl Init<Self> {
        init!(Self::Variant { a: 1 }) //~ E0436 requires a struct
    }
}

#[cfg(reject)]
pub fn braces() -> impl Init<Empty> {
    init!(Empty::Braces {}) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn unit() -> impl Init<Empty> {
    init!(Empty::Unit {}) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn zeroed_rest() -> impl Init<Enum> {
    let init = init! { Enum::Variant { a: 1, ..pin_init::zeroed() } }; //~ E0436 requires a struct

    //~^^ E0277 value of `Enum`
    init
}

#[cfg(reject)]
pub fn fallible() -> impl Init<Single, u8> {
    try_init!(Single::Variant { a: return Err(1) }? u8) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn union() -> impl Init<Union> {
    init!(Union { a: 1 }) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn dereferenced() -> impl Init<Dereferenced> {
    init!(Dereferenced { a: 1 }) //~ E0436 requires a struct
}

#[cfg(reject)]
pub fn on_the_stack() {
    stack_pin_init!(let single = init!(Single::Variant { a: 1 })); //~ E0436 requires a struct
    let _ = single;
    stack_try_pin_init!(let single = try_init!(Single::Variant { a: 1 }? u8)); //~ E0436 requires a struct
    let _ = single;
}

#[cfg(reject)]
pub fn pinned() -> impl pin_init::PinInit<Single> {
    let init = pin_init!(Single::Variant { a: 1 }); //~ E0277 `Single` is not `#[pin_data]`

    //~^^ E0436 requires a struct
    init
}
