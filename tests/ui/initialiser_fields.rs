// SPDX-License-Identifier: GPL-2.0

//! An initialiser of a driver's data names each field once.

#![forbid(unsafe_code)]

use kernel::{device::Bound, pci, prelude::*};

#[pin_data]
pub struct Data<'bound> {
    bar: pci::Bar<'bound>,
    count: u32,
}

pub fn data<'a>(pdev: &'a pci::Device<Bound>) -> impl PinInit<Data<'a>, Error> + 'a {
    try_pin_init!(Data { //~ E0063 `count`
        bar: pdev.iomap_region(0, c"ui")?,
        #[cfg(not(reject))]
        count: 1,
        #[cfg(reject_2)]
        count: 2, //~2 E0062
        #[cfg(reject_3)]
        size: 2, //~3 E0560
        //~3^ E0599
        #[cfg(reject_4)]
        _: {
            pdev.enable_device_mem()?; //~4 E0599
        },
    })
}
