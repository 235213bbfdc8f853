// SPDX-License-Identifier: GPL-2.0

//! The rows of `common.rs` with Linux's own crate, inside of its tree (`scripts/bench`). It is
//! bound to QEMU's `pci-testdev`, since Linux's crate has no name for the vendor of `edu`.

#![deny(unsafe_code)]

use kernel::{device::Core, pci, prelude::*};

mod common;
mod measure;

use common::{Bar, coherent, locks, managed, memory, poll, print, registers};

struct Bench;

struct Data<'bound> {
    _bar: Bar<'bound>,
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
            let bar = pdev.iomap_region_sized(0, c"bench_linux")?;
            registers(&bar)?;
            poll();
            memory()?;
            locks()?;
            print(pdev);
            coherent(pdev)?;
            managed(pdev)?;
            Ok(try_init!(Data { _bar: bar }))
        })
    }
}

kernel::module_pci_driver! {
    type: Bench,
    name: "bench_linux",
    authors: ["The Lifebound developers"],
    description: "Rows of make bench with Linux's own crate",
    license: "GPL",
}
