// SPDX-License-Identifier: GPL-2.0

//! The battery on USB, with QEMU's `usb-storage` devices. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{self, Bound, Core},
    prelude::*,
    time::Delta,
    usb,
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

/// The request GET_MAX_LUN of the bulk-only transport.
const GET_MAX_LUN: usb::Request =
    usb::Request::new(usb::RequestType::Class, usb::Recipient::Interface, 0xfe);

/// The bulk-only transport's reset: the device forgets a command whose status nobody has read.
const RESET: usb::Request =
    usb::Request::new(usb::RequestType::Class, usb::Recipient::Interface, 0xff);

struct Hardware<'bound> {
    interface: &'bound usb::Interface<Bound>,
    to: usb::Endpoint<'bound, usb::Bulk, usb::Out>,
    from: usb::Endpoint<'bound, usb::Bulk, usb::In>,
}

impl Hardware<'_> {
    /// Sends TEST UNIT READY, by the bulk-only transport.
    fn ready(&self) -> Result {
        let limit = Delta::from_secs(30);
        let mut command = [0; 31];
        for (to, from) in command.iter_mut().zip(*b"USBCorde\0\0\0\0\0\0\x06") {
            *to = from;
        }
        self.to.write(&command, limit)?;
        let mut status = [0; 13];
        let length = self.from.read(&mut status, limit)?;
        self.from.clear_halt()?;
        if length == 13 && status.starts_with(b"USBSorde") {
            Ok(())
        } else {
            Err(EIO)
        }
    }

    fn reset(&self) -> Result {
        let request = RESET.with_index(self.interface.number().into());
        self.interface
            .control_out(request, &[], Delta::from_secs(30))?;
        self.from.clear_halt()?;
        self.to.clear_halt()
    }

    fn max_lun(&self) -> Result {
        let mut lun = [0xff];
        let request = GET_MAX_LUN.with_index(self.interface.number().into());
        match self
            .interface
            .control_in(request, &mut lun, Delta::from_secs(30))?
        {
            1 if lun == [0] => Ok(()),
            _ => Err(EIO),
        }
    }
}

impl battery::Hardware for Hardware<'_> {
    /// The device answers, or it is gone and the core says so. Asking needs memory, and the battery
    /// makes allocations fail: one, and then the device is asked once more; or all, and then the
    /// core says that there is none.
    fn works(&self) -> bool {
        let mut answers = [self.ready(), self.max_lun()];
        if answers.contains(&Err(ENOMEM)) {
            answers = [self.reset().and_then(|()| self.ready()), self.max_lun()];
        }
        let works =
            [Ok(()), Err(ENODEV), Err(ENOMEM)].contains(&answers[0]) && answers[0] == answers[1];
        if !works {
            dev_err!(self.interface, "answers: {answers:?}\n");
        }
        works
    }
}

struct Order;

kernel::usb_device_table!(
    TABLE,
    (),
    [(usb::DeviceId::from_interface_info(8, 6, 0x50), ())]
);

impl usb::Driver for Order {
    type IdInfo = ();
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const ID_TABLE: usb::IdTable<()> = &TABLE;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let device: &device::Device<Core<'_>> = interface.as_ref();
        battery::data(device, move || {
            let same: &usb::Interface<Core<'_>> = device.try_into()?;
            let whole = interface.device().as_ref();
            if !core::ptr::eq(same, interface) || <&usb::Interface>::try_from(whole).is_ok() {
                return Err(EINVAL);
            }
            let to = interface.endpoint()?;
            let from = interface.endpoint()?;
            Ok(Hardware {
                interface,
                to,
                from,
            })
        })
    }

    fn disconnect<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        data: Pin<&Self::Data<'bound>>,
    ) {
        data.unbind();
    }
}

battery_module!(module_usb_driver, Order, "usb_order");
