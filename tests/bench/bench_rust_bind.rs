// SPDX-License-Identifier: GPL-2.0

//! The twin of `bench_c_bind.c`: what a driver with a BAR does when it is bound, and no more. It is
//! bound to QEMU's `pci-testdev`, whose interrupt takes no look into ACPI's tables.

#![forbid(unsafe_code)]

use kernel::{device::Core, io::Io, pci, prelude::*};

struct Bench;

struct Data<'bound> {
    _registers: pci::Bar<'bound, 0x10>,
    _identity: u32,
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

impl pci::Driver for Bench {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let registers = pdev.iomap_region_sized(0, c"bench_rust_bind")?;
            let identity = registers.read32(0xc);
            Ok(Data {
                _registers: registers,
                _identity: identity,
            })
        })
    }
}

kernel::module_pci_driver! {
    type: Bench,
    name: "bench_rust_bind",
    authors: ["The Lifebound developers"],
    description: "What make bench binds, in Rust",
    license: "GPL",
}
