// SPDX-License-Identifier: GPL-2.0

//! The battery on a serial port, with a thermometer of `samples/serdev_thermometer`. See `boot`
//! beside it.

#![forbid(unsafe_code)]

use kernel::{
    acpi,
    device::{Bound, Core},
    prelude::*,
    serdev,
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

struct Hardware<'bound>(&'bound serdev::Device<Bound>);

impl battery::Hardware for Hardware<'_> {
    /// The model reports each use of a port that is closed.
    fn works(&self) -> bool {
        self.0.set_baudrate(9600).is_ok() && self.0.write_all(b"T\n", 0) == Ok(2)
    }
}

struct Order;

kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"LIFE0011"), ())]);

impl serdev::Driver for Order {
    type IdInfo = ();
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);

    fn probe<'bound>(
        sdev: &'bound serdev::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        battery::data(sdev.as_ref(), move || Ok(Hardware(sdev)))
    }

    fn unbind<'bound>(_sdev: &'bound serdev::Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_serdev_device_driver, Order, "serdev_order");
