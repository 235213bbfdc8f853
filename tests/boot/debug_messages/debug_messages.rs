// SPDX-License-Identifier: GPL-2.0

//! Messages that are switched on at run time, and messages that come once or not too often.

#![forbid(unsafe_code)]

use kernel::{device::Core, pci, prelude::*};

struct Messages;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 5), ())]
);

impl pci::Driver for Messages {
    type IdInfo = ();
    type Data<'bound> = ();
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pr_debug!("debugging, vendor {}\n", pdev.vendor_id());
            dev_dbg!(pdev, "about the device, {}\n", {
                pr_info!("evaluated\n");
                7
            });
            for time in 0..25 {
                kernel::pr_info_once!("once, at {time}\n");
                kernel::dev_info_once!(pdev, "once, at {time}\n");
                kernel::dev_warn_ratelimited!(pdev, "rarely, at {time}\n");
                kernel::pr_warn_ratelimited!("seldom, at {time}\n");
            }
            pr_info!("end of probe\n");
            Ok(())
        })
    }
}

kernel::module_pci_driver! {
    type: Messages,
    name: "debug_messages",
    description: "Has messages of all kinds",
    license: "GPL",
}
