// SPDX-License-Identifier: GPL-2.0

//! An entry of a scope may borrow the driver's data, but nothing that ends before the scope does.

#![forbid(unsafe_code)]

use core::pin::Pin;
use kernel::{
    device::{Bound, Core},
    pci,
    prelude::*,
    scope::Scope,
    sync::Mutex,
};

pub struct Ui;

#[pin_data]
pub struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    number: u8,
    #[pin]
    slot: Mutex<Option<&'bound u8>>,
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ())]
);

fn consume<T>(_: T) {}

impl pci::Driver for Ui {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        try_pin_init!(Data { pdev: &**pdev, number: 1, slot <- kernel::new_mutex!(None) })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let local = 7;
        // The closure may use the data, the device, and the scope itself.
        let data = data.get_ref(); //~4 lifetime may not live long enough
        let device: &'bound pci::Device<Bound> = pdev;
        scope.at_end(move || {
            consume((data.number, device, scope.device(), data.pdev));
        })?;
        // The closure may not borrow a local of `attach`.
        #[cfg(not(reject))]
        scope.at_end(move || consume(local))?;
        #[cfg(reject)]
        scope.at_end(|| consume(&local))?; //~ E0373
        #[cfg(reject_2)]
        let borrowed = &local; //~2 E0597
        #[cfg(reject_2)]
        scope.at_end(move || consume(borrowed))?;
        // The closure may not use the device in the callback's context.
        #[cfg(reject_3)]
        scope.at_end(move || consume(pdev))?; //~3 E0277
        // Data cannot be given a reference to themselves.
        #[cfg(not(reject_4))]
        let number = &7;
        #[cfg(reject_4)]
        let number = &data.number;
        *data.slot.lock() = Some(number);
        Ok(())
    }
}

/// A scope's lifetime cannot be changed. It is not shortened, so that a local would do, and not
/// lengthened.
#[cfg(not(reject_5))]
pub fn enter<'x>(scope: &Scope<'x>, number: &'x u8) -> Result {
    scope.at_end(move || consume(number))
}
#[cfg(reject_5)]
pub fn enter<'x: 'short, 'short>(scope: &'short Scope<'x>, number: &'short u8) -> Result {
    let scope: &Scope<'short> = scope; //~5 lifetime may not live long enough
    scope.at_end(move || consume(number))
}

#[cfg(not(reject_6))]
pub fn same<'a, 'x>(scope: &'a Scope<'x>) -> &'a Scope<'x> {
    scope
}
#[cfg(reject_6)]
pub fn same<'a, 'x>(scope: &'a Scope<'x>) -> &'a Scope<'static> {
    scope //~6 lifetime may not live long enough
}

/// The device of a scope is known to be bound as long as the scope is borrowed.
#[cfg(not(reject_7))]
pub fn device<'a>(scope: &'a Scope<'static>) -> &'a kernel::device::Device<Bound> {
    scope.device()
}
#[cfg(reject_7)]
pub fn device(scope: &Scope<'static>) -> &'static kernel::device::Device<Bound> {
    scope.device() //~7 lifetime may not live long enough
}
