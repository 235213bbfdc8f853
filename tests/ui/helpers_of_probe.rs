// SPDX-License-Identifier: GPL-2.0

//! A helper of `probe` that returns an initialiser, and a generic one, are both for a device that
//! is bound. The data cannot keep the `Device<Core<'_>>` that is lent to a callback.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core, Device},
    pci,
    prelude::*,
};

#[pin_data]
pub struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    irq: u32,
}

impl Data<'_> {
    pub fn irq(&self) -> u32 {
        dev_dbg!(self.pdev, "asked\n");
        self.irq
    }
}

pub fn build<'bound>(
    pdev: &'bound pci::Device<Core<'_>>,
) -> Result<impl PinInit<Data<'bound>, Error> + 'bound> {
    #[cfg(not(reject))]
    let pdev: &'bound pci::Device<Bound> = pdev;
    let irq = u32::from(pdev.vendor_id().as_raw());
    Ok(try_pin_init!(Data { pdev, irq })) //~ E0700 captures lifetime
}

pub fn report<T: AsRef<Device<Bound>>>(dev: &T) {
    dev_info!(dev.as_ref(), "found\n");
}

pub fn found(pdev: &pci::Device<Core<'_>>) {
    #[cfg(not(reject_2))]
    report::<pci::Device<Bound>>(pdev);
    #[cfg(reject_2)]
    report(pdev); //~2 E0277 the trait bound
}
