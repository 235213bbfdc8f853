// SPDX-License-Identifier: GPL-2.0

//! A driver's `attach` has to work for every lifetime, and a closure at a scope's end may run on
//! any thread.

#![forbid(unsafe_code)]

use core::pin::Pin;
use kernel::{device::Core, pci, prelude::*, scope::Scope, sync, sync::Mutex};

pub struct Ui;

#[pin_data]
pub struct Data<'bound> {
    #[pin]
    slot: Mutex<Option<&'bound u8>>,
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
        _pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        try_pin_init!(Data { slot <- kernel::new_mutex!(None) })
    }

    #[cfg(not(any(reject, reject_2)))]
    fn attach<'bound, 'x>(
        _pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        #[cfg(not(reject_3))]
        let number = sync::Arc::new(data.slot.lock().is_some(), GFP_KERNEL)?;
        #[cfg(reject_3)]
        let number = sync::Arc::new(
            core::cell::Cell::new(data.slot.lock().is_some()),
            GFP_KERNEL,
        )?;
        scope.at_end(move || drop(number)) //~3 E0277 cannot be shared
    }

    // Data that are borrowed for all of the binding could be stored in themselves.
    #[cfg(reject)]
    #[rustfmt::skip]
    fn attach<'bound>( //~ signature doesn't match
        _pdev: &'bound pci::Device<Core<'_>>,
        _data: Pin<&'bound Data<'bound>>,
        _scope: &'bound Scope<'bound>,
    ) -> Result {
        Ok(())
    }

    #[cfg(reject_2)]
    #[rustfmt::skip]
    fn attach<'bound, 'x>( //~2 signature doesn't match
        _pdev: &'bound pci::Device<Core<'_>>,
        _data: Pin<&'bound Data<'bound>>,
        _scope: &'x Scope<'x>,
    ) -> Result {
        Ok(())
    }
}
