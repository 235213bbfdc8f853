// SPDX-License-Identifier: GPL-2.0

//! An SPI driver keeps its device in its data and nowhere else; its tables have ids of their kind,
//! whose names fit, and values of the driver's type.

#![forbid(unsafe_code)]

use kernel::{
    acpi,
    device::{Bound, Core},
    of,
    prelude::*,
    spi,
};

pub struct Ui;

pub struct Data<'bound>(pub &'bound spi::Device<Bound>);

impl Drop for Data<'_> {
    fn drop(&mut self) {
        let _ = self.0.write(&[0]);
    }
}

#[cfg(not(any(reject, reject_2, reject_3, reject_4)))]
kernel::spi_device_table!(
    NAMES,
    u8,
    [(spi::DeviceId::new(c"a-name-of-thirty-one-bytes-here"), 1)]
);
#[cfg(reject)]
kernel::spi_device_table!(
    NAMES,
    u8,
    [(spi::DeviceId::new(c"a-name-of-thirty-two-bytes-here-"), 1)]
); //~^ E0080
#[cfg(reject_2)]
kernel::spi_device_table!(NAMES, u8, [(spi::DeviceId::new(c""), 1)]); //~2 E0080
#[cfg(reject_3)]
kernel::spi_device_table!(NAMES, u16, [(spi::DeviceId::new(c"name"), 1)]);
#[cfg(reject_4)]
kernel::spi_device_table!(NAMES, u8, [(of::DeviceId::new(c"acme,name"), 1)]); //~4 E0308

kernel::of_device_table!(OF, u8, [(of::DeviceId::new(c"acme,name"), 2)]);
kernel::acpi_device_table!(ACPI, u8, [(acpi::DeviceId::new(c"LIFE0001"), 3)]);

impl spi::Driver for Ui {
    type IdInfo = u8;
    type Data<'bound> = Data<'bound>;
    const SPI_ID_TABLE: Option<spi::IdTable<u8>> = Some(&NAMES); //~3 E0277
    const OF_ID_TABLE: Option<of::IdTable<u8>> = Some(&OF);
    const ACPI_ID_TABLE: Option<acpi::IdTable<u8>> = Some(&ACPI);

    fn probe<'bound>(
        dev: &'bound spi::Device<Core<'_>>,
        _info: Option<&'bound u8>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(Data(dev)))
    }

    fn unbind<'bound>(_dev: &'bound spi::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        #[cfg(reject_5)]
        keep(data.0); //~5 lifetime may not live long enough
        let _ = data;
    }
}

pub fn keep(_: &'static spi::Device<Bound>) {}

#[cfg(reject_6)]
pub struct Kept(pub &'static spi::Device<Core<'static>>);

// A device of a callback stays on the callback's thread.
#[cfg(reject_6)]
pub fn send(dev: Kept) {
    fn fit_for_threads<T: Send>(_: T) {}
    fit_for_threads(dev) //~6 E0277
}
