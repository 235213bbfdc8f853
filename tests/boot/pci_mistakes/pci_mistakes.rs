// SPDX-License-Identifier: GPL-2.0

//! Mistakes that only a running driver can show, and what their author reads in the log.

#![forbid(unsafe_code)]

use kernel::{device::Core, pci, prelude::*};

struct Mistakes;

struct Data<'bound> {
    _vectors: pci::IrqVectorRegistration<'bound>,
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Mistakes {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            if module_parameters::enable.read() {
                pdev.enable_device_mem()?;
            }
            if let Err(error) = pdev.iomap_region(module_parameters::bar.read(), c"mistakes") {
                dev_info!(pdev, "no BAR: {error:?}\n");
            }
            if module_parameters::master.read() {
                pdev.set_master();
            }
            let types = if module_parameters::intx.read() {
                pci::IrqTypes::default().with(pci::IrqType::Intx)
            } else {
                pci::IrqTypes::default().with(pci::IrqType::Msi)
            };
            let _vectors = pdev.alloc_irq_vectors(1, 1, types)?;
            dev_info!(pdev, "bound\n");
            Ok(Data { _vectors })
        })
    }
}

kernel::module_pci_driver! {
    type: Mistakes,
    name: "pci_mistakes",
    description: "Makes mistakes",
    license: "GPL",
    params: {
        enable: bool { default: true, description: "Enable the device" },
        bar: u32 { default: 0, description: "The BAR to map" },
        master: bool { default: false, description: "Become bus master" },
        intx: bool { default: false, description: "Interrupts by a line" },
    },
}
