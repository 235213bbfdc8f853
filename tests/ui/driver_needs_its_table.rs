// SPDX-License-Identifier: GPL-2.0

//! A driver has a table, whose values have the type that the driver says.

#![forbid(unsafe_code)]

use kernel::{device::Core, pci, prelude::*};

pub struct Ui;

#[cfg(not(any(reject_2, reject_3)))]
kernel::pci_device_table!(
    TABLE,
    u8,
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), 1)]
);
#[cfg(reject_2)]
kernel::pci_device_table!(
    TABLE,
    u16,
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), 1)]
);
#[cfg(reject_3)]
kernel::pci_device_table!(
    TABLE,
    u8,
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), "one")]
); //~3^^^^ E0308
#[cfg(reject_4)]
kernel::pci_device_table!(EMPTY, u8, []); //~4 no rules expected
#[cfg(reject_5)]
kernel::pci_device_table!(OTHER, u8, [(5, 1)]); //~5 E0308

impl pci::Driver for Ui {
    //~^ E0046 `ID_TABLE`
    type IdInfo = u8;
    type Data<'bound> = ();
    #[cfg(not(reject))]
    const ID_TABLE: pci::IdTable<u8> = &TABLE; //~2 E0277

    fn probe<'bound>(
        _pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound u8>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}
