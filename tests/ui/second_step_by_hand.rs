// SPDX-License-Identifier: GPL-2.0

//! The expansions of the macros of `pin_init` can be called by hand, with a definition that is not
//! the type's. They give a driver nothing that the type does not have.

#![forbid(unsafe_code)]

use core::pin::Pin;

use kernel::{pin_init::__expand_as_ours, prelude::*, sync::Mutex};

pub struct Foo(pub &'static u8);

#[cfg(not(reject))]
#[derive(Zeroable)]
pub struct Bar(pub Option<&'static u8>);

#[cfg(reject)]
__expand_as_ours! { zeroable {} { struct Foo { a: u8 } } } //~ E0769
//~^ E0609 no field `a`

#[cfg(reject)]
pub fn null() -> u8 {
    let foo: Foo = Zeroable::zeroed();
    *foo.0
}

#[derive(Clone, Copy)]
pub union Union {
    number: usize,
    reference: &'static u64,
}

#[cfg(reject_2)]
__expand_as_ours! { //~2 E0133 access to union field
    pin_data {} { #[cfg(any())] pub struct Union { #[pin] reference: &'static u64 } }
}

#[cfg(reject_2)]
pub fn peek(address: usize) -> u64 {
    let mut union = Union { number: address };
    let reference: &'static u64 = *Pin::new(&mut union).project().reference;
    *reference
}

// A type of this crate cannot stand in for another crate's, and the private parts of another type
// stay private.

#[cfg(reject_3)]
use kernel::time::Delta as Foreign;
#[cfg(reject_3)]
__expand_as_ours! { zeroable {} { struct Foreign; } } //~3 E0117
//~3^ pattern requires `..`

pub mod inner {
    /// Only this module says that a value was checked.
    pub struct Checked(());

    pub fn check(number: u8) -> Option<Checked> {
        (number > 1).then_some(Checked(()))
    }
}

#[cfg(reject_4)]
use inner::Checked;
#[cfg(reject_4)]
__expand_as_ours! { zeroable {} { struct Checked(); } } //~4 E0769

// A lock that is pinned stays so, whatever is claimed of the struct around it.
pub struct Guarded {
    pub lock: Mutex<u8>,
}

#[cfg(reject_5)]
__expand_as_ours! { //~5 pattern requires `..`
    pin_data {} { #[cfg(any())] pub struct Guarded; }
}

#[cfg(reject_6)]
impl Unpin for Guarded {}
#[cfg(reject_6)]
__expand_as_ours! { pin_data {} { #[cfg(any())] pub struct Guarded { lock: Mutex<u8> } } } //~6 E0119

#[cfg(not(any(reject, reject_2, reject_3, reject_4, reject_5, reject_6)))]
__expand_as_ours! { pin_data {} { #[cfg(any())] pub struct Guarded { #[pin] lock: Mutex<u8> } } }

#[cfg(not(any(reject, reject_2, reject_3, reject_4, reject_5, reject_6)))]
pub fn guarded() -> impl PinInit<Guarded> {
    pin_init!(Guarded { lock <- kernel::new_mutex!(1) })
}

pub fn used(union: Pin<&mut Union>) -> Pin<&mut Union> {
    union
}
