// SPDX-License-Identifier: GPL-2.0

//! A platform driver's tables have ids of their kind, whose names fit, and values of the driver's
//! type.

#![forbid(unsafe_code)]

use kernel::{acpi, device::Core, of, platform, prelude::*};

pub struct Ui;

#[cfg(not(any(reject, reject_2)))]
kernel::acpi_device_table!(ACPI, u8, [(acpi::DeviceId::new(c"LIFE0001"), 1)]);
#[cfg(reject)]
kernel::acpi_device_table!(ACPI, u16, [(acpi::DeviceId::new(c"LIFE0001"), 1)]);
#[cfg(reject_2)]
kernel::acpi_device_table!(ACPI, u8, [(of::DeviceId::new(c"LIFE0001"), 1)]); //~2 E0308

#[cfg(not(reject_3))]
kernel::of_device_table!(OF, u8, [(of::DeviceId::new(c"acme,regs"), 2)]);
#[cfg(reject_3)]
kernel::of_device_table!(OF, u8, [(of::DeviceId::new(c""), 2)]); //~3 E0080

#[cfg(not(reject_4))]
kernel::platform_device_table!(
    NAMES,
    u8,
    [(platform::DeviceId::new(c"nineteen-bytes-here"), 3)]
);
#[cfg(reject_4)]
kernel::platform_device_table!(
    NAMES,
    u8,
    [(platform::DeviceId::new(c"twenty-bytes-here-no"), 3)]
); //~4^ E0080

impl platform::Driver for Ui {
    type IdInfo = u8;
    type Data<'bound> = ();
    const ACPI_ID_TABLE: Option<acpi::IdTable<u8>> = Some(&ACPI); //~ E0277
    const OF_ID_TABLE: Option<of::IdTable<u8>> = Some(&OF);
    const ID_TABLE: Option<platform::IdTable<u8>> = Some(&NAMES);

    fn probe<'bound>(
        _pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound u8>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}
