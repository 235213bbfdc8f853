// SPDX-License-Identifier: GPL-2.0

//! Safe code cannot implement the traits that the macros rely on.

#[cfg(not(reject))]
#[pin_init::pin_data]
#[derive(pin_init::Zeroable)]
pub struct One(pub u8);

#[cfg(reject)]
pub struct One(pub u8);

#[cfg(reject)]
impl pin_init::Zeroable for One {} //~ E0200

#[cfg(reject)]
impl pin_init::ZeroableOption for One {} //~ E0200

#[cfg(reject)]
impl pin_init::__internal::FieldSlot for One {} //~ E0200

#[cfg(reject)]
impl pin_init::PinInit<u8, ()> for One {} //~ E0200
