// SPDX-License-Identifier: GPL-2.0

//! The battery on SPI, with a flash of `samples/spi_flash`. See `boot` beside it.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    prelude::*,
    spi,
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

type Id = [u8; 3];

/// What the flash says it is, and the command that asks.
const IDENTITY: Id = [0xef, 0x30, 0x10];
const JEDEC_ID: u8 = 0x9f;

struct Hardware<'bound> {
    dev: &'bound spi::Device<Bound>,
    id: Id,
}

impl Hardware<'_> {
    fn ask(&self) -> Result<Id> {
        let mut id = [0; 3];
        self.dev.write_then_read(&[JEDEC_ID], &mut id)?;
        Ok(id)
    }
}

impl battery::Hardware for Hardware<'_> {
    /// Asking takes memory. The battery makes one allocation fail, and then the flash is asked once
    /// more; or it makes all of them fail, and then nobody can ask.
    fn works(&self) -> bool {
        let mut id = self.ask();
        if id == Err(ENOMEM) {
            id = self.ask();
        }
        id == Ok(self.id) || id == Err(ENOMEM)
    }
}

struct Order;

kernel::spi_device_table!(
    TABLE,
    Id,
    [
        (spi::DeviceId::new(c"lb-never"), [0; 3]),
        (spi::DeviceId::new(c"lb-order"), IDENTITY)
    ]
);

impl spi::Driver for Order {
    type IdInfo = Id;
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const SPI_ID_TABLE: Option<spi::IdTable<Id>> = Some(&TABLE);

    fn probe<'bound>(
        dev: &'bound spi::Device<Core<'_>>,
        info: Option<&'bound Id>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        battery::data(dev.as_ref(), move || {
            let Some(&id) = info else {
                dev_info!(dev, "no value\n");
                return Err(EINVAL);
            };
            dev.setup(dev.settings())?;
            Ok(Hardware { dev, id })
        })
    }

    fn unbind<'bound>(_dev: &'bound spi::Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_spi_driver, Order, "spi_order");
