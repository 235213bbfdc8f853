// SPDX-License-Identifier: GPL-2.0

//! A driver for USB mass storage (QEMU's `usb-storage`) that asks the device what it is:
//! descriptors, strings, and a SCSI INQUIRY by the bulk-only transport. It reads and writes no
//! blocks.
//!
//! To run it: `make run SAMPLE=usb_inquiry`.

#![forbid(unsafe_code)]

use core::str::from_utf8;

use kernel::{
    device::{Bound, Core},
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
    time::Delta,
    usb,
};

/// SCSI commands, and the length of the first one's answer.
const INQUIRY: u8 = 0x12;
const TEST_UNIT_READY: u8 = 0;
const INQUIRY_LENGTH: u8 = 36;

/// A request of the bulk-only transport for the number of units, less one.
const GET_MAX_LUN: usb::Request =
    usb::Request::new(usb::RequestType::Class, usb::Recipient::Interface, 0xfe);

struct Inquiry;

/// The driver's data, which live from `probe` until the interface is unbound.
struct Data<'bound> {
    interface: &'bound usb::Interface<Bound>,
    to: usb::Endpoint<'bound, usb::Bulk, usb::Out>,
    from: usb::Endpoint<'bound, usb::Bulk, usb::In>,
    tag: Atomic<u32>,
}

kernel::usb_device_table!(
    TABLE,
    (),
    [(usb::DeviceId::from_interface_info(0x08, 0x06, 0x50), ())]
);

impl<'bound> Data<'bound> {
    fn new(interface: &'bound usb::Interface<Bound>) -> Result<Self> {
        let data = Self {
            interface,
            to: interface.endpoint()?,
            from: interface.endpoint()?,
            tag: Atomic::new(1),
        };
        data.inquire()?;
        let mut last_unit = [0];
        let request = GET_MAX_LUN.with_index(interface.number().into());
        interface.control_in(request, &mut last_unit, Delta::from_secs(1))?;
        dev_info!(interface, "last unit: {}\n", last_unit[0]);
        Ok(data)
    }

    /// Sends a SCSI command of six bytes to unit 0 and receives `answer`; returns the length of the
    /// answer.
    fn command(&self, operation: u8, answer: &mut [u8]) -> Result<usize> {
        let timeout = Delta::from_secs(5);
        let length = u8::try_from(answer.len())?;
        let tag = self.tag.fetch_add(1, Relaxed).to_le_bytes();
        let [t0, t1, t2, t3] = tag;
        #[rustfmt::skip]
        let block = [
            b'U', b'S', b'B', b'C', t0, t1, t2, t3, length, 0, 0, 0, 0x80, 0, 6,
            operation, 0, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        self.to.write(&block, timeout)?;
        let count = match answer {
            [] => 0,
            _ => self.from.read(answer, timeout)?,
        };
        let mut status = [0; 13];
        self.from.read(&mut status, timeout)?;
        let answered = status.starts_with(b"USBS") && status.get(4..8) == Some(&tag);
        (answered && status.last() == Some(&0))
            .then_some(count)
            .ok_or(EIO)
    }

    /// Prints what the device is, as it answers INQUIRY.
    fn inquire(&self) -> Result {
        let mut answer = [0; INQUIRY_LENGTH as usize];
        let count = self.command(INQUIRY, &mut answer)?;
        let text = |from, to| answer.get(from..to).and_then(|text| from_utf8(text).ok());
        let (Some(vendor), Some(product), true) =
            (text(8, 16), text(16, 32), count == answer.len())
        else {
            return Err(EIO);
        };
        dev_info!(
            self.interface,
            "SCSI device: {} {}\n",
            vendor.trim_end(),
            product.trim_end()
        );
        Ok(())
    }
}

impl usb::Driver for Inquiry {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: usb::IdTable<()> = &TABLE;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let device = interface.device();
            dev_info!(
                interface,
                "{:04x}:{:04x}, {} {}, serial number {}\n",
                device.vendor_id(),
                device.product_id(),
                &*interface.string(device.manufacturer_index())?,
                &*interface.string(device.product_index())?,
                &*interface.string(device.serial_number_index())?
            );
            for endpoint in interface.altsetting().endpoints() {
                let way = if endpoint.is_in() { "in" } else { "out" };
                let kind = endpoint.transfer_type();
                dev_info!(
                    interface,
                    "endpoint {} {way}, {kind:?}\n",
                    endpoint.number()
                );
            }
            Ok(Data::new(interface))
        })
    }

    fn disconnect<'bound>(interface: &'bound usb::Interface<Core<'_>>, _data: Pin<&Data<'bound>>) {
        dev_info!(interface, "disconnect\n");
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        let ready = self.command(TEST_UNIT_READY, &mut []).map(drop);
        dev_info!(self.interface, "ready when it was dropped: {ready:?}\n");
    }
}

kernel::module_usb_driver! {
    type: Inquiry,
    name: "usb_inquiry",
    authors: ["The Lifebound developers"],
    description: "Asks USB mass storage what it is",
    license: "GPL",
}
