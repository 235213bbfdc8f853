// SPDX-License-Identifier: GPL-2.0

//! An enum is more than the fields of a variant, and the value that it dereferences to is not part
//! of it. Its variants are not initialised field by field, whatever lints a driver allows.

#![forbid(unsafe_code)]
#![allow(dangerous_implicit_autorefs)]

use core::ops::{Deref, DerefMut};

use kernel::prelude::*;

pub struct Inner {
    pub a: u8,
}

pub enum Enum {
    V { a: u8 },
    W(&'static u8, &'static u8),
    None {},
}

impl Deref for Enum {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        loop {}
    }
}

impl DerefMut for Enum {
    fn deref_mut(&mut self) -> &mut Inner {
        KBox::leak(KBox::new(Inner { a: 0 }, GFP_KERNEL).unwrap())
    }
}

#[cfg(not(reject))]
pub fn make() -> impl Init<Enum> {
    Enum::V { a: 1 }
}

#[cfg(reject)]
pub fn make() -> impl Init<Enum> {
    init!(Enum::V { a: 1 }) //~ E0436 requires a struct
}

#[cfg(not(reject_2))]
pub fn made(fail: bool) -> Result<KBox<Enum>> {
    let made = if fail { Err(EINVAL) } else { Ok(Enum::None {}) };
    KBox::init(made, GFP_KERNEL)
}

#[cfg(reject_2)]
pub fn made(_: bool) -> Result<KBox<Enum>> {
    KBox::init(try_init!(Enum::None {}), GFP_KERNEL) //~2 E0436 requires a struct
}

#[cfg(reject_3)]
pub fn pinned() -> impl PinInit<Enum, Error> {
    kernel::try_pin_init!(Enum::V { a: 1 }) //~3 E0436 requires a struct

    //~3^^ E0277 `Enum` is not `#[pin_data]`
}

pub fn inner() -> impl Init<Inner> {
    init!(Inner { a: 1 })
}
