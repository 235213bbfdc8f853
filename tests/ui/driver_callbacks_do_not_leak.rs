// SPDX-License-Identifier: GPL-2.0

//! A value that is lent to `unbind` ends with it: it cannot be kept, not even in the data
//! themselves.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
    sync::Mutex,
};

pub struct Ui;

#[pin_data]
pub struct Data<'bound> {
    number: u8,
    #[pin]
    slot: Mutex<Option<&'bound u8>>,
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

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        #[cfg(reject)]
        let (number, seven);
        #[cfg(reject)]
        {
            number = 7;
            seven = &number;
        }
        try_pin_init!(Data { //~ E0515
            number: 1,
            #[cfg(not(reject))]
            slot <- kernel::new_mutex!(None),
            #[cfg(reject)]
            slot <- kernel::new_mutex!(Some(seven)),
            device <- kernel::new_mutex!(Some(&**pdev)),
        })
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        *data.device.lock() = Some(pdev);
        #[cfg(not(reject_2))]
        let number = &7;
        #[cfg(reject_2)]
        let number = &data.get_ref().number;
        *data.slot.lock() = Some(number); //~2 lifetime may not live long enough
    }
}
