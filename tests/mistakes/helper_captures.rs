// SPDX-License-Identifier: GPL-2.0

//! A helper of `probe` returns an initialiser that has captured the device.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
};

pub struct Data<'bound> {
    pub pdev: &'bound pci::Device<Bound>,
}

pub struct Mistake;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ())]
);

#[cfg(not(reject))]
pub fn make<'bound, 'c>(
    pdev: &'bound pci::Device<Core<'c>>,
) -> impl PinInit<Data<'bound>, Error> + use<'bound, 'c> {
    pin_init::pin_init_scope(move || {
        pdev.enable_device_mem()?;
        Ok(Data { pdev })
    })
}

#[cfg(reject)]
pub fn make<'bound>(pdev: &'bound pci::Device<Core<'_>>) -> impl PinInit<Data<'bound>, Error> {
    pin_init::pin_init_scope(move || {
        pdev.enable_device_mem()?;
        Ok(Data { pdev })
    })
}

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
