// SPDX-License-Identifier: GPL-2.0

//! The battery on the platform bus, with a device that ACPI describes and powers (`order.asl`), and
//! one that board code adds. Their registers are configuration registers of QEMU's `q35`, which
//! keep the values that are written. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    acpi,
    device::Core,
    io::{Io, mem::ExclusiveIoMem},
    platform,
    prelude::*,
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

/// The place where ACPI notes that it has switched the device on.
const POWER: usize = 0x10;

/// The place where the driver leaves a mark.
const MARK: usize = 0x20;
const MARKED: u32 = 0x6d61_726b;

struct Info {
    powered: bool,
}

struct Hardware<'bound> {
    registers: ExclusiveIoMem<'bound, 0x40>,
    info: &'bound Info,
}

impl battery::Hardware for Hardware<'_> {
    fn works(&self) -> bool {
        self.registers.read32(MARK) == MARKED
            && (!self.info.powered || self.registers.read32(POWER) == 1)
    }
}

struct Order;

kernel::acpi_device_table!(
    ACPI_TABLE,
    Info,
    [(acpi::DeviceId::new(c"LIFE0002"), Info { powered: true })]
);
kernel::platform_device_table!(
    NAME_TABLE,
    Info,
    [(
        platform::DeviceId::new(c"lifebound-order"),
        Info { powered: false }
    )]
);

impl platform::Driver for Order {
    type IdInfo = Info;
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const ACPI_ID_TABLE: Option<acpi::IdTable<Info>> = Some(&ACPI_TABLE);
    const ID_TABLE: Option<platform::IdTable<Info>> = Some(&NAME_TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        info: Option<&'bound Info>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        battery::data(pdev.as_ref(), move || {
            let request = pdev.io_request_by_index(0).ok_or(ENXIO)?;
            let registers: ExclusiveIoMem<'_, 0x40> = request.iomap_exclusive_sized()?;
            registers.write32(MARKED, MARK);
            Ok(Hardware {
                registers,
                info: info.ok_or(ENODEV)?,
            })
        })
    }

    fn unbind<'bound>(_pdev: &'bound platform::Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_platform_driver, Order, "platform_order");
