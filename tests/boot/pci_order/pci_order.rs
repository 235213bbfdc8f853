// SPDX-License-Identifier: GPL-2.0

//! The battery on PCI, with QEMU's `edu` and `pci-testdev`. See `boot` in this directory.

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

/// A number that shows that a device answers: its place and its value.
struct Identity {
    offset: usize,
    value: u32,
}

/// `edu` has its number in its first register.
const EDU: Identity = Identity {
    offset: 0,
    value: 0x0100_00ed,
};

/// `pci-testdev` has the name of test number 0 there, "mmio-no-eventfd", once the test is chosen by
/// writing its number.
const TESTDEV: Identity = Identity {
    offset: 16,
    value: u32::from_le_bytes(*b"mmio"),
};

/// The command register, and the bit in it that makes the device decode accesses to its memory.
const COMMAND: usize = 4;
const COMMAND_MEMORY: u16 = 2;

struct Hardware<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    identity: &'static Identity,
}

impl battery::Hardware for Hardware<'_> {
    fn works(&self) -> bool {
        self.bar.try_read32(self.identity.offset) == Ok(self.identity.value)
            && self.pdev.config_space().read16(COMMAND) & COMMAND_MEMORY != 0
    }
}

struct Order;

kernel::pci_device_table!(
    TABLE,
    &'static Identity,
    [
        (
            pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
            &EDU
        ),
        (
            pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005),
            &TESTDEV
        )
    ]
);

impl pci::Driver for Order {
    type IdInfo = &'static Identity;
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const ID_TABLE: pci::IdTable<&'static Identity> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        identity: Option<&'bound &'static Identity>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        battery::data(pdev.as_ref(), move || {
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"pci_order")?;
            let identity = *identity.ok_or(ENODEV)?;
            if core::ptr::eq(identity, &TESTDEV) {
                bar.write8(0, 0);
            }
            Ok(Hardware {
                pdev,
                bar,
                identity,
            })
        })
    }

    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_pci_driver, Order, "pci_order");
