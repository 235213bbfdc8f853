// SPDX-License-Identifier: GPL-2.0

//! A dependant borrows from its owner, for a lifetime that neither its maker nor its users can
//! choose.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::Mutex,
    types::{CovariantForLt, ForLt, Nest},
};

type Number = CovariantForLt!(&'_ u8);
type Late = ForLt!(Mutex<Option<&'_ u8>>);

pub fn nest(number: &u8) -> impl PinInit<Nest<u8, Number>, Error> {
    #[cfg(reject)]
    let mut kept = None;
    #[cfg(not(reject_2))]
    let _ = number;
    Nest::new(7, move |owner: Pin<&u8>, slot| {
        #[cfg(reject)]
        {
            kept = Some(owner); //~ E0521
        }
        #[cfg(not(reject_2))]
        let number = owner.get_ref();
        #[cfg(reject_2)]
        let _ = owner;
        slot.fill(number) //~2 lifetime may not live long enough
    })
}

/// The dependant goes with the nest.
#[cfg(not(reject_3))]
pub fn number(nest: &Nest<u8, Number>) -> &u8 {
    *nest.dependant().get_ref()
}
#[cfg(reject_3)]
pub fn number(nest: &Nest<u8, Number>) -> &'static u8 {
    *nest.dependant().get_ref() //~3 lifetime may not live long enough
}

/// A dependant that is not covariant takes a value that lives as long as it does.
pub fn late(nest: &Nest<u8, Late>, number: &u8) {
    #[cfg(not(reject_4))]
    let _ = number;
    #[cfg(not(reject_4))]
    let number = &1;
    nest.with(|late| *late.lock() = Some(number)); //~4 E0521
}

#[cfg(reject_5)]
pub fn shortened(nest: &Nest<u8, Late>) {
    let _ = nest.dependant(); //~5 E0599
}
