// SPDX-License-Identifier: GPL-2.0

//! The battery on PCI, with QEMU's `edu` device. See `boot` beside it.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    io::Io,
    pci,
    prelude::*,
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

/// What `edu` has in its first register.
const IDENTITY: u32 = 0x0100_00ed;

/// The command register, and the bit in it that has the device decode accesses to its memory.
const COMMAND: usize = 4;
const COMMAND_MEMORY: u16 = 2;

struct Hardware<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
}

impl battery::Hardware for Hardware<'_> {
    fn works(&self) -> bool {
        self.bar.read32(0) == IDENTITY
            && self.pdev.config_space().read16(COMMAND) & COMMAND_MEMORY != 0
    }
}

struct Order;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Order {
    type IdInfo = ();
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        battery::data(pdev.as_ref(), move || {
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"pci_order")?;
            Ok(Hardware { pdev, bar })
        })
    }

    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_pci_driver, Order, "pci_order");
