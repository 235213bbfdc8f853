// SPDX-License-Identifier: GPL-2.0

//! The input that `#[pin_data]` and `#[pin]` do not accept.

use std::marker::PhantomPinned;

use pin_init::pin_data;

#[cfg(not(reject))]
#[pin_data]
pub struct Several {
    #[pin]
    pub a: u8,
    #[pin]
    pub marker: PhantomPinned,
}

#[cfg(reject)]
#[pin_data]
pub struct Several {
    #[pin(always)] //~ `#[pin]` takes no arguments
    pub a: u8,
    #[pin]
    #[pin] //~ this field is already `#[pin]`
    pub b: u8,
    pub marker: PhantomPinned, //~ `PhantomPinned` has no effect without `#[pin]`
}

#[cfg(reject)]
#[pin_data]
pub enum Enum {
    //~^ `#[pin_data]` needs a struct, not an enum
    A,
}

#[cfg(reject)]
#[pin_data]
pub union Union {
    //~^ `#[pin_data]` needs a struct, not a union
    pub a: u8,
}

#[cfg(reject)]
#[pin_data]
pub fn function() {} //~ `#[pin_data]` needs a struct, not this item

#[cfg(reject)]
#[pin_data(Drop)] //~ expected `#[pin_data]` or `#[pin_data(PinnedDrop)]`
pub struct Argument;
