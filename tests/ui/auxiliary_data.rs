// SPDX-License-Identifier: GPL-2.0

//! The data with which a child device is registered may borrow for the scope's lifetime. The
//! child's driver can keep none of them.

#![forbid(unsafe_code)]

use core::pin::Pin;
use kernel::{
    auxiliary::{Device, Registration},
    device::{self, Bound},
    prelude::*,
    scope::Scope,
    sync::Mutex,
    types::{CovariantForLt, ForLt},
};

pub struct Loud<'x>(pub &'x u8);

impl Drop for Loud<'_> {
    fn drop(&mut self) {
        core::hint::black_box(self.0);
    }
}

#[pin_data]
pub struct Slot<'x> {
    number: KBox<u8>,
    #[pin]
    slot: Mutex<Option<Loud<'x>>>,
}

type SlotOf = ForLt!(Slot<'_>);
type NumberOf = CovariantForLt!(&'_ u8);

pub fn slot<'x>() -> impl PinInit<Slot<'x>, Error> {
    try_pin_init!(Slot { number: KBox::new(1, GFP_KERNEL)?, slot <- kernel::new_mutex!(None) })
}

/// In a scope, data borrow for its lifetime. A device alone can be borrowed for less time than a
/// scope lasts.
#[cfg(not(any(reject, reject_2)))]
pub fn register<'x>(scope: &Scope<'x>, number: &'x u8) -> Result {
    Registration::<NumberOf>::new_in(scope, c"a", 0, c"ui", Ok::<_, Error>(number))?.detach();
    Ok(())
}
#[cfg(reject)]
pub fn register(scope: &Scope<'_>) -> Result {
    let number = 7;
    let number = &number; //~ E0597
    Registration::<NumberOf>::new_in(scope, c"a", 0, c"ui", Ok::<_, Error>(number))?.detach();
    Ok(())
}
#[cfg(reject_2)]
pub fn register<'x>(parent: &'x device::Device<Bound>, number: &'x u8) -> Result {
    let number = Ok::<_, Error>(number);
    Registration::<NumberOf>::new(parent, c"a", 0, c"ui", number)?.detach(); //~2 E0521
    Ok(())
}

/// Data that are not covariant are lent to a closure, and cannot be stored in themselves.
pub fn lent(child: &Device<Bound>) -> Result {
    #[cfg(not(reject_3))]
    let number: &'static u8 = &7;
    #[cfg(reject_3)]
    let local = 7;
    #[cfg(reject_3)]
    let number = &local; //~3 E0597
    #[cfg(not(reject_4))]
    child.registration_data_with::<SlotOf, _>(|data| {
        *data.slot.lock() = Some(Loud(number));
    })?;
    #[cfg(reject_4)]
    child.registration_data_with::<SlotOf, _>(|data| {
        let data = data.get_ref(); //~4 lifetime may not live long enough
        *data.slot.lock() = Some(Loud(&data.number));
    })?;
    Ok(())
}

/// The data do not leave the closure either.
#[cfg(not(reject_5))]
pub fn number(child: &Device<Bound>) -> Result<u8> {
    child.registration_data_with::<SlotOf, _>(|data| *data.get_ref().number)
}
#[cfg(reject_5)]
pub fn number(child: &Device<Bound>) -> Result<u8> {
    let mut kept = &0;
    child.registration_data_with::<SlotOf, _>(|data| {
        kept = &*data.get_ref().number; //~5 E0521
    })?;
    Ok(*kept)
}

/// Covariant data are borrowed with the device.
#[cfg(not(any(reject_6, reject_7)))]
pub fn kept(child: &Device<Bound>) -> Result<Pin<&&u8>> {
    child.registration_data::<NumberOf>()
}
#[cfg(reject_6)]
pub fn kept(child: &Device<Bound>) -> Result<&'static u8> {
    Ok(*child.registration_data::<NumberOf>()?.get_ref()) //~6 lifetime may not live long enough
}
#[cfg(reject_7)]
pub fn kept(child: &Device<Bound>) -> Result<Pin<&Slot<'_>>> {
    child.registration_data::<SlotOf>() //~7 E0277
}

/// Only the driver of a child has the data. The parent of a device that may be gone is not known to
/// be bound.
#[cfg(not(any(reject_8, reject_9)))]
pub fn parent(child: &Device) -> Option<&device::Device> {
    child.parent()
}
#[cfg(reject_8)]
pub fn parent(child: &Device) -> &device::Device<Bound> {
    child.parent() //~8 E0308
}
#[cfg(reject_9)]
pub fn parent(child: &Device) -> Result<u8> {
    child.registration_data_with::<SlotOf, _>(|data| *data.get_ref().number) //~9 E0599
}

/// Several threads may use the data.
#[rustfmt::skip]
pub fn shared(scope: &Scope<'_>) -> Result {
    #[cfg(not(reject_10))]
    let number = Ok::<u8, Error>(1);
    #[cfg(not(reject_10))]
    let child = Registration::<CovariantForLt!(u8)>::new_in(scope, c"a", 0, c"ui", number)?;
    #[cfg(reject_10)]
    let number = Ok::<core::cell::Cell<u8>, Error>(core::cell::Cell::new(1));
    #[cfg(reject_10)]
    let child =
        Registration::<CovariantForLt!(core::cell::Cell<u8>)>::new_in( //~10 E0599
            scope, c"a", 0, c"ui", number,
        )?;
    drop(child);
    Ok(())
}

/// With borrows and without a scope, the caller has to promise facts that the compiler cannot see.
#[cfg(reject_11)]
#[rustfmt::skip]
pub fn promise<'x>(parent: &'x device::Device<Bound>, number: &'x u8) -> Result {
    let number = Ok::<_, Error>(number);
    Registration::<NumberOf>::new_with_lt(parent, c"a", 0, c"ui", number)?.detach(); //~11 E0133
    Ok(())
}
