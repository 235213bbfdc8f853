// SPDX-License-Identifier: GPL-2.0

//! Operations that need the device lock need a callback, and an interface does not leave it in a
//! stronger context than its own.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    prelude::*,
    str::CString,
    sync::aref::ARef,
    usb,
};

#[cfg(not(reject))]
pub fn switch(interface: &usb::Interface<Core<'_>>) -> Result {
    interface.set_altsetting(1)
}

#[cfg(reject)]
pub fn switch(interface: &usb::Interface<Bound>) -> Result {
    interface.set_altsetting(1) //~ E0599
}

#[cfg(not(reject_2))]
pub fn product(interface: &usb::Interface<Core<'_>>) -> Result<CString> {
    interface.string(interface.device().product_index())
}

#[cfg(reject_2)]
pub fn product(interface: &usb::Interface<Bound>) -> Result<CString> {
    interface.string(interface.device().product_index()) //~2 E0599
}

#[cfg(not(reject_3))]
pub fn configuration(interface: &usb::Interface<Bound>) -> u8 {
    interface.configuration().value()
}

#[cfg(reject_3)]
pub fn configuration(interface: &usb::Interface) -> u8 {
    interface.configuration().value() //~3 E0599
}

// A counted reference says nothing about a driver.
#[cfg(not(reject_4))]
pub fn keep(interface: &usb::Interface<Bound>) -> ARef<usb::Interface> {
    interface.into()
}

#[cfg(reject_4)]
pub fn keep(interface: &usb::Interface<Bound>) -> ARef<usb::Interface<Bound>> {
    //~4^ E0277
    interface.into() //~4 E0277
}

// A bound interface says nothing about the device's own driver.
#[cfg(not(reject_5))]
pub fn device(interface: &usb::Interface<Bound>) -> &usb::Device {
    interface.device()
}

#[cfg(reject_5)]
pub fn device(interface: &usb::Interface<Bound>) -> &usb::Device<Bound> {
    interface.device() //~5 E0308
}
