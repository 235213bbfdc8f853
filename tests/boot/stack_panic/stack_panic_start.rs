// SPDX-License-Identifier: GPL-2.0

//! Registers a driver in memory of the stack on which the module starts, and panics. See `boot` in
//! this directory.

#![forbid(unsafe_code)]

use kernel::{device::Core, driver, pci, pin_init::stack_try_pin_init, prelude::*};

/// A driver for edu devices.
struct Left;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Left {
    type IdInfo = ();
    type Data<'bound> = ();
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<(), Error> + 'bound {
        dev_info!(pdev, "bound by what was left\n");
        Ok(())
    }
}

struct Start;

impl kernel::Module for Start {
    fn init(module: &'static ThisModule) -> Result<Self> {
        stack_try_pin_init!(let registration =? driver::Registration::<pci::Adapter<Left>>::new(c"stack_panic_start", module));
        let _ = registration;
        let text = KVec::<u8>::new();
        pr_info!("{}\n", text[module.as_ptr().addr()]);
        Ok(Self)
    }
}

module! {
    type: Start,
    name: "stack_panic_start",
    authors: ["The Lifebound developers"],
    description: "Panics with a driver on the stack on which it starts",
    license: "GPL",
}
