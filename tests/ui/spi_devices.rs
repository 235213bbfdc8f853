// SPDX-License-Identifier: GPL-2.0

//! An SPI device is used while it is bound, and a buffer while it is borrowed.

#![forbid(unsafe_code)]

use kernel::{
    device::Bound,
    prelude::*,
    spi::{self, Limits, Mode, Settings, Transfer},
    sync::aref::ARef,
    time::Delta,
};

pub fn send(dev: &spi::Device<Bound>) -> Result {
    #[cfg(reject)]
    let dev: &spi::Device = dev;
    dev.write(&[1]) //~ E0599
}

// What is only known to exist may have a controller that is gone.
pub fn limits(dev: &spi::Device<Bound>) -> Limits {
    #[cfg(reject_2)]
    let dev: &spi::Device = dev;
    dev.limits() //~2 E0599
}

pub fn setup(dev: &spi::Device<Bound>) -> Result {
    #[cfg(reject_3)]
    let dev: &spi::Device = dev;
    let mut settings = dev.settings();
    settings.mode = Mode::MODE_3;
    dev.setup(settings) //~3 E0599
}

#[cfg(not(reject_4))]
pub fn kept(dev: &spi::Device<Bound>) -> ARef<spi::Device> {
    dev.into()
}

#[cfg(reject_4)]
pub fn kept(dev: &spi::Device<Bound>) -> &'static spi::Device<Bound> {
    dev //~4 lifetime may not live long enough
}

pub fn read(dev: &spi::Device<Bound>) -> Result<u8> {
    let mut byte = [0];
    let mut transfers = [Transfer::read(&mut byte)];
    #[cfg(reject_5)]
    byte.fill(1); //~5 E0499
    dev.sync_transfer(&mut transfers)?;
    Ok(byte[0])
}

#[cfg(not(reject_6))]
pub fn sent(bytes: &[u8; 2]) -> Transfer<'_> {
    Transfer::write(bytes)
}

#[cfg(reject_6)]
pub fn sent(bytes: [u8; 2]) -> Transfer<'static> {
    Transfer::write(&bytes) //~6 E0515
}

// What is sent is not written to: C may write to one of both buffers alone.
pub fn both<'a>(bytes: &'a [u8], buffer: &'a mut [u8]) -> Result<Transfer<'a>> {
    #[cfg(reject_7)]
    let bytes = &*buffer;
    Transfer::write_and_read(bytes, buffer) //~7 E0502
}

// A time has a unit, and a mode is no number.
pub fn wait(transfer: Transfer<'_>) -> Result<Transfer<'_>> {
    #[cfg(reject_8)]
    return transfer.with_delay(20); //~8 E0308
    #[cfg(not(reject_8))]
    transfer.with_delay(Delta::from_micros(20))
}

pub fn mode(settings: Settings) -> Settings {
    #[cfg(not(reject_9))]
    let mode = Mode::CS_HIGH | Mode::MODE_1;
    #[cfg(reject_9)]
    let mode = 5;
    Settings { mode, ..settings } //~9 E0308
}
