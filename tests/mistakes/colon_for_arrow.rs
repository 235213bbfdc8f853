// SPDX-License-Identifier: GPL-2.0

//! An initialiser is assigned with a colon.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
};

use kernel::sync::{Mutex, new_mutex};

#[pin_data]
pub struct Data<'bound> {
    pub pdev: &'bound pci::Device<Bound>,
    #[pin]
    pub count: Mutex<u32>,
}

pub struct Mistake;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ())]
);

impl pci::Driver for Mistake {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        #[cfg(not(reject))]
        return try_pin_init!(Data { pdev, count <- new_mutex!(0) });
        #[cfg(reject)]
        try_pin_init!(Data {
            pdev,
            count: new_mutex!(0)
        })
    }
}
