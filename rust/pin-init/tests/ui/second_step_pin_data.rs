// SPDX-License-Identifier: GPL-2.0

//! The second step of `#[pin_data]` can be called by hand, with any definition, even with one that
//! a condition removes. It adds items for the type that has the name, or it does not compile.

use std::marker::{PhantomData, PhantomPinned};

use pin_init::{__expand_as_ours, PinInit, pin_data, pin_init};

#[derive(Clone, Copy)]
pub union Union {
    pub number: usize,
    pub reference: &'static u64,
}

#[derive(Clone, Copy)]
pub union Alone {
    pub reference: &'static u64,
}

pub enum Enum {
    Variant { number: u8 },
}

pub struct Number {
    pub number: usize,
}

pub struct Array {
    pub array: [u8; 4],
}

pub struct Boxed {
    pub boxed: Box<u8>,
}

#[repr(C, packed)]
pub struct Packed {
    pub small: u8,
    pub big: u64,
}

pub struct Two {
    pub first: u8,
    pub second: PhantomPinned,
}

pub struct Contra<'a>(pub PhantomData<fn(&'a ())>, pub PhantomPinned);

impl Unpin for Contra<'static> {}

pub struct Branded<'a> {
    pub contra: Contra<'a>,
}

pub mod other {
    pub struct Proof(());

    pub fn proof() -> Proof {
        Proof(())
    }
}

impl std::ops::Deref for Enum {
    type Target = Number;
    fn deref(&self) -> &Number {
        loop {}
    }
}

impl std::ops::DerefMut for Enum {
    fn deref_mut(&mut self) -> &mut Number {
        loop {}
    }
}

pub type Alias = Enum;

#[cfg(reject)]
__expand_as_ours! { //~ E0133 access to union field
    pin_data {} { #[cfg(any())] pub struct Union { #[pin] reference: &'static u64 } }
}

#[cfg(reject_2)]
__expand_as_ours! { //~2 E0133 access to union field
    pin_data {} { #[r#cfg(any())] pub struct Alone { reference: &'static u64 } }
}

#[cfg(reject_3)]
__expand_as_ours! { //~3 E0071 found `Enum`
    pin_data {} { #[cfg_attr(all(), cfg(any()))] pub struct Enum { pub number: usize } }
}

#[cfg(reject_4)]
__expand_as_ours! { //~4 E0308 expected `Slot<&u64>`, found `Slot<usize>`
    //~4^ E0308 expected `FieldType<&mut usize>`, found `FieldType<&mut &u64>`
    //~4^^ E0308 expected `&mut &u64`, found `&mut usize`
    pin_data {} { #[cfg(any())] pub struct Number { pub number: &'static u64 } }
}

#[cfg(reject_5)]
__expand_as_ours! { //~5 E0308 expected `Slot<[u8]>`, found `Slot<[u8; 4]>`
    //~5^ E0308 expected `FieldType<&mut [u8; 4]>`, found `FieldType<&mut [u8]>`
    pin_data {} { #[cfg(any())] pub struct Array { pub array: [u8] } }
}

#[cfg(reject_6)]
__expand_as_ours! { //~6 E0308 expected `PinSlot<u8>`, found `PinSlot<Box<u8>>`
    //~6^ E0308 expected `FieldType<Pin<&mut Box<u8>>>`, found `FieldType<Pin<&mut u8>>`
    //~6^^ E0308 expected `FieldType<PhantomData<Box<u8>>>`, found `FieldType<PhantomData<u8>>`
    pin_data {} { #[cfg(any())] pub struct Boxed { #[pin] pub boxed: u8 } }
}

#[cfg(reject_7)]
__expand_as_ours! { //~7 E0793 reference to field of packed struct
    pin_data {} { #[cfg(any())] pub struct Packed { pub small: u8, pub big: u64 } }
}

#[cfg(reject_8)]
__expand_as_ours! { //~8 pattern requires `..`
    pin_data {} { #[cfg(any())] pub struct Two { pub first: u8 } }
}

#[cfg(reject_9)]
__expand_as_ours! { //~9 pattern requires `..`
    pin_data {} { #[cfg(any())] pub struct Two { first: u8, #[cfg(any())] second: u8 } }
}

#[cfg(reject_10)]
__expand_as_ours! { //~10 lifetime may not live long enough
    //~10^ E0521 `'a` must outlive `'static`
    //~10^^ E0521 `'a` must outlive `'static`
    pin_data {} { #[cfg(any())] pub struct Branded<'a> { #[pin] pub contra: Contra<'static> } }
}

#[cfg(reject_11)]
use other::Proof as Other;
#[cfg(reject_11)]
__expand_as_ours! { pin_data {} { #[cfg(any())] pub struct Other(()); } } //~11 E0616

#[cfg(reject_12)]
__expand_as_ours! { //~12 E0071 found `Enum`
    pin_data {} { #[cfg(any())] pub struct Alias { pub number: usize } }
}

#[cfg(reject_14)]
__expand_as_ours! { pin_data {} { #[cfg(any())] pub struct Union; } } //~14 exactly one field

// Through a macro, `Self` would be another type in each item that goes with the struct.
#[cfg(reject_13)]
macro_rules! itself {
    () => {
        Self
    };
}
#[cfg(reject_13)]
#[pin_data] //~13 E0308 found `PinSlot<Option<Box<Itself>>>`
//~13^ E0308
//~13^^ E0308
//~13^^^ E0308
pub struct Itself {
    #[pin]
    boxed: Option<Box<itself!()>>,
}

// A caller that calls the second step by hand gets the same as from the attribute.
__expand_as_ours! { pin_data {} { pub struct ByHand { #[pin] pub field: PhantomPinned } } }

// The names in the definition do not refer to the items that the macro makes next to it.
pub struct NamedPinnedFields<'a>(pub &'a u8);
pub struct NamedPinData;
pub struct NamedProjection<'a>(pub &'a mut u8);

#[pin_data]
pub struct Named {
    #[pin]
    fields: NamedPinnedFields<'static>,
    data: NamedPinData,
    projection: NamedProjection<'static>,
}

// The uses that the attribute is meant for still work.

#[pin_data]
pub struct Data<'a, T: ?Sized + 'a>
where
    T: Send,
{
    #[pin]
    r#in: Contra<'a>,
    r#type: Option<Box<T>>,
    #[cfg(any())]
    gone: u8,
    higher: for<'x> fn(&'x u8, &'a T) -> &'x u8,
    object: Box<dyn Fn(&u8) + 'a>,
    this: *const Self,
}

#[pin_data]
pub struct Unsized<T: ?Sized> {
    number: u8,
    #[pin]
    rest: T,
}

#[pin_data]
pub struct Slice {
    number: u8,
    rest: [u8],
}

#[pin_data]
pub struct Item<I: Iterator> {
    #[pin]
    item: I::Item,
}

#[allow(non_camel_case_types)]
#[pin_data]
pub struct r#struct(#[pin] u8, u16);

pub fn used() -> impl PinInit<r#struct> {
    pin_init!(r#struct { 0: 1, 1: 2 })
}
