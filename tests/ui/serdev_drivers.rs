// SPDX-License-Identifier: GPL-2.0

//! A driver of devices on serial ports has data that threads may share, since it receives without
//! the device lock; it keeps its device in its data and nowhere else, and what it receives not at
//! all. `#[vtable]` may stand above it.

#![forbid(unsafe_code)]

#[cfg(reject)]
use core::cell::Cell;

use kernel::{
    acpi,
    device::{Bound, Core},
    of,
    prelude::*,
    serdev::{self, Parity},
};

pub struct Ui;

#[cfg(not(reject))]
pub type Count = u32;
#[cfg(reject)]
pub type Count = Cell<u32>;

pub struct Data<'bound>(pub &'bound serdev::Device<Bound>, pub Count);

impl Drop for Data<'_> {
    fn drop(&mut self) {
        let _ = self.0.write_all(b"off", 0);
    }
}

kernel::of_device_table!(OF, u8, [(of::DeviceId::new(c"acme,name"), 2)]);
kernel::acpi_device_table!(ACPI, u8, [(acpi::DeviceId::new(c"LIFE0001"), 3)]);

#[vtable]
impl serdev::Driver for Ui {
    type IdInfo = u8;
    type Data<'bound> = Data<'bound>; //~ E0277
    const OF_ID_TABLE: Option<of::IdTable<u8>> = Some(&OF);
    const ACPI_ID_TABLE: Option<acpi::IdTable<u8>> = Some(&ACPI);

    fn probe<'bound>(
        sdev: &'bound serdev::Device<Core<'_>>,
        _info: Option<&'bound u8>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(|| {
            sdev.set_baudrate(9600).map_err(|_| EINVAL)?;
            sdev.set_parity(Parity::Even)?;
            Ok(Data(sdev, Default::default()))
        })
    }

    fn receive<'bound>(
        sdev: &'bound serdev::Device<Bound>,
        this: Pin<&Data<'bound>>,
        data: &[u8],
    ) -> usize {
        #[cfg(reject_2)]
        keep(sdev); //~2 E0521
        #[cfg(reject_3)]
        keep_bytes(data); //~3 E0521
        let _ = (sdev, this);
        data.len()
    }

    fn unbind<'bound>(sdev: &'bound serdev::Device<Core<'_>>, _data: Pin<&Data<'bound>>) {
        let _ = sdev.write(b"bye");
    }
}

pub fn keep(_: &'static serdev::Device<Bound>) {}

pub fn keep_bytes(_: &'static [u8]) {}

// What is only known to exist may have a port that is closed.
pub fn send(sdev: &serdev::Device<Bound>) -> Result<u32> {
    #[cfg(reject_4)]
    let sdev: &serdev::Device = sdev;
    sdev.write(&[1]) //~4 E0599
}

// Without the attribute, the same.
pub struct Plain;

impl serdev::Driver for Plain {
    type IdInfo = u8;
    type Data<'bound> = Nothing;

    fn probe<'bound>(
        _sdev: &'bound serdev::Device<Core<'_>>,
        _info: Option<&'bound u8>,
    ) -> impl PinInit<Nothing, Error> + 'bound {
        Ok(Nothing)
    }
}

pub struct Nothing;
