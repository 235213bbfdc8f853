// SPDX-License-Identifier: GPL-2.0

//! The twin of `bench_c_usb.c`: a control message to QEMU's `usb-storage`.

#![deny(unsafe_code)]

use kernel::{device::Core, prelude::*, time::Delta, usb};

mod measure;

use measure::measure;

const GET_STATUS: usb::Request =
    usb::Request::new(usb::RequestType::Standard, usb::Recipient::Device, 0);

struct Bench;

kernel::usb_device_table!(
    TABLE,
    (),
    [(usb::DeviceId::from_interface_info(0x08, 0x06, 0x50), ())]
);

impl usb::Driver for Bench {
    type IdInfo = ();
    type Data<'bound> = ();
    const ID_TABLE: usb::IdTable<()> = &TABLE;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let mut count = Ok(0);
            measure("usb_control", 10, |_| {
                count = interface.control_in(GET_STATUS, &mut [0; 2], Delta::from_secs(1));
            });
            match count {
                Ok(2) => Ok(()),
                _ => Err(EIO),
            }
        })
    }

    fn disconnect<'bound>(_interface: &'bound usb::Interface<Core<'_>>, _data: Pin<&()>) {}
}

kernel::module_usb_driver! {
    type: Bench,
    name: "bench_rust_usb",
    authors: ["The Lifebound developers"],
    description: "What make bench does on USB, in Rust",
    license: "GPL",
}
