// SPDX-License-Identifier: GPL-2.0

//! A driver keeps the device of a callback.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
};

pub struct Data<'bound> {
    #[cfg(not(reject))]
    pub pdev: &'bound pci::Device<Bound>,
    #[cfg(reject)]
    pub pdev: &'bound pci::Device<Core<'bound>>,
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
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            Ok(Data { pdev })
        })
    }
}
