// SPDX-License-Identifier: GPL-2.0

//! A value that the binding drops, on any thread, is fit for that. Only a covariant one is lent for
//! a chosen lifetime.

#![forbid(unsafe_code)]

use core::cell::Cell;

use kernel::{
    device::{Bound, Device},
    devres::{self, Devres, DevresLt},
    prelude::*,
    sync::Mutex,
    types::{CovariantForLt, ForLt},
};

#[cfg(not(reject))]
type Local = Cell<u8>;
#[cfg(reject)]
type Local = *mut u8;

pub fn send(dev: &Device<Bound>, value: Local) -> Result {
    devres::register(dev, value, GFP_KERNEL) //~ E0277
}

#[cfg(not(reject_2))]
pub struct Handle(pub Devres<u8>);
#[cfg(reject_2)]
pub struct Handle(pub Devres<*mut u8>); //~2 E0277

fn share<T: Sync>() {}

pub fn shared() {
    #[cfg(not(reject_3))]
    share::<Devres<u8>>();
    #[cfg(reject_3)]
    share::<Devres<Cell<u8>>>(); //~3 E0277
}

type Locked = ForLt!(Mutex<Option<&u8>>);
type Reference = CovariantForLt!(&u8);

#[cfg(not(reject_4))]
pub fn lent<'a>(devres: &'a DevresLt<Reference>, dev: &'a Device<Bound>) -> Result<&'a &'a u8> {
    devres.access(dev)
}

#[cfg(reject_4)]
pub fn lent<'a>(
    devres: &'a DevresLt<Locked>,
    dev: &'a Device<Bound>,
) -> Result<&'a Mutex<Option<&'a u8>>> {
    devres.access(dev) //~4 E0599
}

pub fn lent_to_closure(devres: &DevresLt<Locked>, dev: &Device<Bound>) -> Result<bool> {
    devres.access_with(dev, |lock| lock.lock().is_some())
}

#[cfg(not(reject_5))]
pub fn guarded(devres: &DevresLt<Reference>) -> bool {
    devres.try_access().is_some()
}

#[cfg(reject_5)]
pub fn guarded(devres: &DevresLt<Locked>) -> bool {
    devres.try_access().is_some() //~5 E0599
}

type Pointer = ForLt!((&u8, *mut u8));

#[cfg(not(reject_6))]
pub fn not_sent(devres: &DevresLt<Locked>) -> Option<()> {
    devres.try_access_with(|_| ())
}

#[cfg(reject_6)]
pub fn not_sent(devres: &DevresLt<Pointer>) -> Option<()> {
    devres.try_access_with(|_| ()) //~6 E0599
}

#[cfg(not(reject_7))]
pub fn made(dev: &Device<Bound>) -> Result<Devres<u8>> {
    Devres::new(dev, 1)
}

#[cfg(reject_7)]
pub fn made(dev: &Device<Bound>) -> Result<DevresLt<Reference>> {
    DevresLt::<Reference>::new(dev, &1) //~7 E0133
}
