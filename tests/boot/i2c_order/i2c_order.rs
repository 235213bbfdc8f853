// SPDX-License-Identifier: GPL-2.0

//! The battery on I2C, with a chip of the kernel's `i2c-stub`. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    i2c,
    prelude::*,
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

/// A register of the chip, and the value that the driver keeps there. (The chip is memory.)
const REGISTER: u8 = 0x10;
const IDENTITY: u16 = 0x4c42;

struct Hardware<'bound>(&'bound i2c::I2cClient<Bound>);

impl battery::Hardware for Hardware<'_> {
    fn works(&self) -> bool {
        self.0.smbus_read_word_data(REGISTER) == Ok(IDENTITY)
    }
}

struct Order;

kernel::i2c_device_table!(
    TABLE,
    u16,
    [
        (i2c::DeviceId::new(c"lb-never"), 1),
        (i2c::DeviceId::new(c"lb-order"), IDENTITY)
    ]
);

impl i2c::Driver for Order {
    type IdInfo = u16;
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const I2C_ID_TABLE: Option<i2c::IdTable<u16>> = Some(&TABLE);

    fn probe<'bound>(
        client: &'bound i2c::I2cClient<Core<'_>>,
        info: Option<&'bound u16>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        battery::data(client.as_ref(), move || {
            client.smbus_write_word_data(REGISTER, *info.ok_or(EINVAL)?)?;
            Ok(Hardware(client))
        })
    }

    fn unbind<'bound>(_client: &'bound i2c::I2cClient<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_i2c_driver, Order, "i2c_order");
