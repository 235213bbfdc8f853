// SPDX-License-Identifier: GPL-2.0

//! A driver cannot claim more about the lifetimes of its callbacks than the trait gives.

#![forbid(unsafe_code)]

use kernel::{device::Bound, device::Core, pci, prelude::*, sync::Mutex};

pub struct Ui;

/// The type is invariant: with a covariant one, the third signature claims no more than the trait
/// gives.
#[pin_data]
pub struct Data<'bound> {
    #[pin]
    device: Mutex<Option<&'bound pci::Device<Bound>>>,
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ())]
);

impl pci::Driver for Ui {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    #[cfg(not(any(reject, reject_2)))]
    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        try_pin_init!(Data { device <- kernel::new_mutex!(Some(&**pdev)) })
    }

    #[cfg(reject)]
    fn probe<'bound>(
        pdev: &'static pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        //~^ E0308
        try_pin_init!(Data { device <- kernel::new_mutex!(Some(&**pdev)) })
    }

    #[cfg(reject_2)]
    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'bound>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        //~2^ doesn't match `trait` item signature
        try_pin_init!(Data { device <- kernel::new_mutex!(Some(&**pdev)) })
    }

    #[cfg(not(any(reject_3, reject_4)))]
    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, _data: Pin<&Data<'bound>>) {}

    #[cfg(reject_3)]
    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, _data: Pin<&'bound Data<'bound>>) {} //~3 doesn't match `trait` item signature

    #[cfg(reject_4)]
    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, _data: Pin<&Data<'static>>) {} //~4 E0308
}
