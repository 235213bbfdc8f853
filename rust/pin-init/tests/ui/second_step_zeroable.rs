// SPDX-License-Identifier: GPL-2.0

//! The second step of `derive(Zeroable)` can be called by hand, with any definition. The impl is
//! for the type that has the name, or there is none.

use pin_init::{__expand_as_ours, MaybeZeroable, Zeroable};

pub struct Reference(pub &'static u8);
pub struct Named {
    pub reference: &'static u8,
    pub number: u8,
}
pub enum Enum {
    Variant { number: u8 },
}
pub union Union {
    pub number: u8,
    pub reference: &'static u8,
}
pub struct Generic<T>(pub T);
pub type Alias = Generic<&'static u8>;
pub type Foreign = &'static u8;

pub mod other {
    /// A value of this type cannot be made elsewhere.
    pub struct Proof(());

    pub struct Part {
        pub number: u8,
        secret: &'static u8,
    }

    pub fn proof(part: &Part) -> (Proof, &'static u8) {
        (Proof(()), part.secret)
    }
}

pub struct Target {
    pub number: u8,
}
pub struct Pointer {
    pub target: &'static mut Target,
}
impl std::ops::Deref for Pointer {
    type Target = Target;
    fn deref(&self) -> &Target {
        self.target
    }
}

// By hand, only the claims of the derives can be made of a type.
#[cfg(not(reject))]
pub struct Plain<T>(pub T, pub u32);
#[cfg(not(reject))]
__expand_as_ours! { zeroable {} { struct Plain<T>(u16, u8); } }

#[cfg(reject)]
__expand_as_ours! { zeroable {} { struct Reference { a: u8 } } } //~ E0769
//~^ E0609 no field `a`

#[cfg(reject_2)]
__expand_as_ours! { zeroable {} { struct Reference(u8); } } //~2 E0277 value of `&'static u8`

#[cfg(reject_3)]
__expand_as_ours! { zeroable {} { struct Named { number: u8 } } } //~3 pattern requires `..`

#[cfg(reject_4)]
__expand_as_ours! {
    zeroable {} { struct Named { number: u8, #[cfg(any())] reference: u8 } } //~4 E0277 value of `&'static u8`
}

#[cfg(reject_5)]
__expand_as_ours! { zeroable {} { struct Enum { number: u8 } } } //~5 E0071 found `Enum`
//~5^ E0609 no field `number`

#[cfg(reject_6)]
__expand_as_ours! { zeroable {} { struct Union { number: u8, reference: u8 } } } //~6 should have exactly one field
//~6^ E0277 value of `&'static u8`

#[cfg(reject_7)]
__expand_as_ours! { zeroable {} { union Named { number: u8 } } } //~7 E0063 missing field `reference`

#[cfg(reject_8)]
__expand_as_ours! { zeroable {} { union Reference {} } } //~8 a union has a field

#[cfg(reject_9)]
__expand_as_ours! { zeroable {} { struct Alias(u8); } } //~9 E0277 value of `&'static u8`

#[cfg(reject_10)]
__expand_as_ours! { zeroable {} { struct Foreign; } } //~10 E0071 expected struct, variant or union type
//~10^ E0117 only traits defined in the current crate

#[cfg(reject_11)]
__expand_as_ours! { zeroable {} { struct Other; } } //~11 E0769

#[cfg(reject_11)]
use other::Proof as Other;

#[cfg(reject_12)]
__expand_as_ours! { zeroable {} { struct Other(()); } } //~12 E0616 field `0` of struct `Proof` is private

#[cfg(reject_12)]
use other::Proof as Other;

#[cfg(reject_13)]
__expand_as_ours! { zeroable {} { struct Other { number: u8 } } } //~13 pattern requires `..` due to inaccessible fields

#[cfg(reject_13)]
use other::Part as Other;

#[cfg(reject_14)]
__expand_as_ours! { zeroable {} { struct Pointer { number: u8 } } } //~14 E0026 does not have a field named `number`
//~14^ pattern requires `..`

#[cfg(reject_15)]
__expand_as_ours! { maybe_zeroable {} { struct Reference(u8); } } //~15 E0277 value of `&'static u8`

#[cfg(reject_16)]
__expand_as_ours! {
    zeroable {} {
        struct Named //~16 E0275 `Named: Zeroable`
        where
            for<'a> Named: Zeroable
        {
            reference: u8,
            number: u8,
        }
    }
}

#[cfg(reject_17)]
__expand_as_ours! { zeroable {} { struct Union; } } //~17 exactly one field

// The uses that the derives are meant for still work.

#[derive(Zeroable)]
#[repr(C, packed)]
pub struct Packed<T> {
    pub number: u8,
    pub other: T,
}

#[derive(Zeroable)]
pub struct Unsized {
    pub number: u8,
    pub rest: [u8],
}

#[derive(Zeroable)]
pub struct Dropped {
    pub r#in: u8,
    pub option: Option<&'static u8>,
}

impl Drop for Dropped {
    fn drop(&mut self) {}
}

#[derive(Zeroable)]
pub struct Unit;

#[derive(Zeroable, Clone, Copy)]
pub union Either<T: Copy> {
    pub left: u8,
    pub right: T,
}

#[derive(MaybeZeroable)]
pub struct Borrowed<'a, T: ?Sized> {
    pub first: Option<&'a u8>,
    pub second: Option<&'a u8>,
    pub this: *mut Self,
    pub rest: T,
}

#[derive(MaybeZeroable)]
pub struct Never<'a>(pub &'a u8);
