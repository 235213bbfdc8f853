// SPDX-License-Identifier: GPL-2.0

//! A driver with all that `modinfo` shows, in two files. It serves QEMU's `pci-testdev`.

#![forbid(unsafe_code)]

use kernel::{device::Core, pci, prelude::*};

mod registers;

struct Shipped;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1b36), 0x0005),
        ()
    )]
);

impl pci::Driver for Shipped {
    type IdInfo = ();
    type Data<'bound> = registers::Registers<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<registers::Registers<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let registers = registers::Registers(pdev.iomap_region_sized(0, c"shipped")?);
            let level = module_parameters::level.read();
            dev_info!(pdev, "level {level}, offset {:#x}\n", registers.offset());
            Ok(registers)
        })
    }
}

kernel::module_pci_driver! {
    type: Shipped,
    name: "shipped",
    authors: ["A. Author <author@example.org>", "B. Author"],
    description: "All that modinfo shows",
    license: "GPL",
    version: "1.2.3",
    alias: ["shipped-by-name"],
    firmware: ["shipped.bin"],
    params: {
        level: u8 { default: 7, description: "How much" },
    },
}
