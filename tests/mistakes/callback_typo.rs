// SPDX-License-Identifier: GPL-2.0

//! A callback whose name has a typo; and data without its lifetime.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
};

pub struct Data<'bound> {
    #[cfg(not(reject_2))]
    pub pdev: &'bound pci::Device<Bound>,
    #[cfg(reject_2)]
    pub pdev: &pci::Device<Bound>,
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
        Ok(Data { pdev })
    }

    #[cfg(reject)]
    fn unbnd<'bound>(_pdev: &'bound pci::Device<Core<'_>>, _data: Pin<&Data<'bound>>) {}
}
