// SPDX-License-Identifier: GPL-2.0

//! A driver's data live from `probe` to the end of the binding. They may borrow from values that
//! live as long, and from none that end earlier.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
};

pub struct Ui;

pub struct Bars<'bound> {
    bar: pci::Bar<'bound>,
}

#[cfg(not(any(reject_2, reject_3, reject_4, reject_5, reject_6)))]
type Content<'bound> = &'bound pci::Device<Bound>;
#[cfg(reject_2)]
type Content<'bound> = &'bound pci::Device<Core<'bound>>;
#[cfg(reject_3)]
type Content<'bound> = &'bound pci::Device<Core<'static>>;
#[cfg(reject_4)]
type Content<'bound> = kernel::sync::Mutex<Option<&'bound pci::Device<Core<'bound>>>>;
#[cfg(reject_5)]
type Content<'bound> = (&'bound pci::Device<Bound>, *mut u8);
#[cfg(reject_6)]
type Content<'bound> = KBox<dyn Fn() + 'bound>;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ())]
);

#[cfg(any(reject_2, reject_3, reject_4, reject_5, reject_6))]
impl pci::Driver for Ui {
    type IdInfo = ();
    type Data<'bound> = Content<'bound>;
    //~2^ E0277
    //~3^^ E0277
    //~4^^^ E0277
    //~5^^^^ E0277
    //~6^^^^^ E0277
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        _pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Content<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(|| Err::<Content<'bound>, _>(EIO))
    }
}

#[cfg(not(any(reject_2, reject_3, reject_4, reject_5, reject_6)))]
impl pci::Driver for Ui {
    type IdInfo = ();
    #[cfg(not(reject))]
    type Data<'bound> = Bars<'bound>;
    #[cfg(reject)]
    type Data<'bound> = Bars<'static>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            Ok(Bars {
                bar: pdev.iomap_region(0, c"ui")?,
            })
        }) //~^^^^ lifetime may not live long enough

        //~^^^^^^ lifetime may not live long enough
    }
}
