// SPDX-License-Identifier: GPL-2.0

//! A client is used while it is bound, a buffer while it is borrowed, and names fit where C keeps
//! them.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    i2c::{self, I2cAdapter, I2cBoardInfo, I2cClient, Message, Registration},
    prelude::*,
    sync::aref::ARef,
};

pub fn receive(client: &I2cClient<Bound>) -> Result<u8> {
    #[cfg(reject)]
    let client: &I2cClient = client;
    client.smbus_read_byte() //~ E0599
}

#[cfg(not(reject_2))]
pub fn adapter(client: &I2cClient<Bound>) -> ARef<I2cAdapter> {
    client.adapter().into()
}

#[cfg(reject_2)]
pub fn adapter(client: &I2cClient<Bound>) -> &'static I2cAdapter {
    client.adapter() //~2 lifetime may not live long enough
}

pub fn read(client: &I2cClient<Bound>) -> Result {
    let mut byte = [0];
    let mut messages = [Message::read(&mut byte)?];
    #[cfg(reject_3)]
    byte.fill(1); //~3 E0499
    client.transfer(&mut messages)
}

#[cfg(not(reject_4))]
pub fn sent(bytes: &[u8; 2]) -> Result<Message<'_>> {
    Message::write(bytes)
}

#[cfg(reject_4)]
pub fn sent(bytes: [u8; 2]) -> Result<Message<'static>> {
    Message::write(&bytes) //~4 E0515
}

#[cfg(not(reject_5))]
pub fn make<'a>(
    adapter: &I2cAdapter,
    info: &I2cBoardInfo,
    parent: &'a Device<Bound>,
) -> impl PinInit<Devres<Registration>, Error> + use<'a> {
    Registration::new(adapter, info, parent)
}

#[cfg(reject_5)]
pub fn make<'a>(
    adapter: &I2cAdapter,
    info: &I2cBoardInfo,
    parent: &'a Device,
) -> impl PinInit<Devres<Registration>, Error> + use<'a> {
    Registration::new(adapter, info, parent) //~5 E0308
}

#[cfg(not(reject_6))]
pub const ID: i2c::DeviceId = i2c::DeviceId::new(c"nineteen-bytes-long");
#[cfg(reject_6)]
pub const ID: i2c::DeviceId = i2c::DeviceId::new(c"twenty-bytes-long---"); //~6 E0080

#[cfg(not(reject_7))]
pub const INFO: I2cBoardInfo = I2cBoardInfo::new(c"24c02", 0x50);
#[cfg(reject_7)]
pub const INFO: I2cBoardInfo = I2cBoardInfo::new(c"", 0x50); //~7 E0080
