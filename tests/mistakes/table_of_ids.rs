// SPDX-License-Identifier: GPL-2.0

//! A table has ids without values.

#![forbid(unsafe_code)]

use kernel::pci;

#[cfg(not(reject))]
kernel::pci_device_table!(
    TABLE,
    (),
    [
        (pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ()),
        (pci::DeviceId::from_id(pci::Vendor::REDHAT, 6), ()),
    ]
);

#[cfg(reject)]
kernel::pci_device_table!(
    TABLE,
    (),
    [
        (pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ()),
        pci::DeviceId::from_id(pci::Vendor::REDHAT, 6),
    ]
);

pub fn table() -> pci::IdTable<()> {
    &TABLE
}
