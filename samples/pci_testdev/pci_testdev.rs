// SPDX-License-Identifier: GPL-2.0

//! A driver for QEMU's `pci-testdev`: a lifetime-bound BAR, typed registers, configuration space.
//!
//! The device counts the writes that hit a test's data register. The registers are those of QEMU's
//! `docs/specs/pci-testdev.rst`.
//!
//! To run it: `make run` (or `make run SAMPLE=pci_testdev`).

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    io::{Io, register},
    pci,
    prelude::*,
};

register! {
    /// The test to run; writing it resets the count.
    TEST(u8) @ 0x0 {
        7:0 number;
    }

    /// Offset of the data register of the chosen test.
    OFFSET(u32) @ 0x4 {
        31:0 bytes;
    }

    /// The value to write to the data register.
    DATA(u8) @ 0x8 {
        7:0 value;
    }

    /// The number of writes that have hit the data register.
    COUNT(u32) @ 0xc {
        31:0 writes;
    }
}

const REGISTERS: usize = 0x10;

/// The tests that QEMU offers, in the order of their numbers.
struct Info {
    test: u8,
}

struct TestDev;

/// The driver's data, which live from `probe` until the device is unbound.
struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, REGISTERS>,
}

kernel::pci_device_table!(
    TABLE,
    Info,
    [(
        pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005),
        Info { test: 0 }
    )]
);

/// Runs a test; returns how many of `writes` the device counted.
fn run(bar: &pci::Bar<'_, REGISTERS>, test: u8, writes: u32) -> Result<u32> {
    bar.write(TEST, TEST::zeroed().with_number(test));
    let offset = usize::try_from(bar.read(OFFSET).bytes().get())?;
    let value = bar.read(DATA).value().get();
    for _ in 0..writes {
        bar.try_write8(value, offset)?;
    }
    Ok(bar.read(COUNT).writes().get())
}

impl pci::Driver for TestDev {
    type IdInfo = Info;
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<Info> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        info: Option<&'bound Info>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"pci_testdev")?;

            let config = pdev.config_space();
            dev_info!(
                pdev,
                "{}:{:04x} revision {:#x}, command {:#06x}\n",
                pdev.vendor_id(),
                pdev.device_id(),
                config.read8(0x8),
                config.read16(0x4)
            );
            let count = run(&bar, info.map_or(0, |info| info.test), 3)?;
            dev_info!(pdev, "data-match count: {count}\n");
            Ok(try_init!(Data { pdev, bar }))
        })
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        data.bar.write(TEST, TEST::zeroed());
        dev_info!(pdev, "unbind\n");
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        dev_info!(self.pdev, "data dropped\n");
    }
}

kernel::module_pci_driver! {
    type: TestDev,
    name: "pci_testdev",
    authors: ["The Lifebound developers"],
    description: "Driver for QEMU's pci-testdev",
    license: "GPL",
}
