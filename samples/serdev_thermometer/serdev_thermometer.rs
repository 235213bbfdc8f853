// SPDX-License-Identifier: GPL-2.0

//! A driver for a thermometer on a serial port: it asks for the temperature, and prints each line
//! that arrives.
//!
//! Firmware says what is on a serial port. QEMU's `q35` machine has nothing there that a driver
//! knows. The module `serdev_model`, in C, has two ports with a thermometer at each.
//!
//! Run it: `make run SAMPLE=serdev_thermometer`.

#![forbid(unsafe_code)]

use kernel::{
    acpi,
    device::{Bound, Core},
    new_mutex,
    prelude::*,
    serdev,
    sync::Mutex,
    time::msecs_to_jiffies,
};

/// The longest line.
const LINE: usize = 16;

/// A line, as far as it has arrived. Longer lines lose their end.
struct Line {
    bytes: [u8; LINE],
    length: usize,
}

impl Line {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    /// The line's text. The next line begins.
    fn take(&mut self) -> &str {
        let length = core::mem::take(&mut self.length);
        core::str::from_utf8(&self.bytes[..length]).unwrap_or("no text")
    }
}

/// The way to tell the thermometer something.
struct Commands<'bound>(&'bound serdev::Device<Bound>);

impl Commands<'_> {
    fn send(&self, command: &[u8]) -> Result<usize> {
        self.0.write_all(command, msecs_to_jiffies(1000))
    }
}

// The port is open until the data was dropped. The thermometer does not answer this command: Linux
// 7.3's crate would pass the answer to data that is gone.
impl Drop for Commands<'_> {
    fn drop(&mut self) {
        dev_info!(self.0, "switched off: {:?}\n", self.send(b"S\n"));
    }
}

/// Lives until the device is unbound, and may use it for that long.
#[pin_data]
struct Thermometer<'bound> {
    _commands: Commands<'bound>,
    #[pin]
    line: Mutex<Line>,
}

struct Driver;

kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"LIFE0011"), ())]);

#[vtable]
impl serdev::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Thermometer<'bound>;
    const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);

    fn probe<'bound>(
        sdev: &'bound serdev::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Thermometer<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            sdev.set_baudrate(9600).map_err(|_| EINVAL)?;
            sdev.set_flow_control(false);
            sdev.set_parity(serdev::Parity::None)?;
            let commands = Commands(sdev);
            // The answer waits until the data is there.
            let sent = commands.send(b"T\n")?;
            dev_info!(sdev, "asked with {sent} bytes\n");
            Ok(try_pin_init!(Thermometer {
                _commands: commands,
                line <- new_mutex!(Line { bytes: [0; LINE], length: 0 }),
            }))
        })
    }

    fn receive<'bound>(
        sdev: &'bound serdev::Device<Bound>,
        this: Pin<&Thermometer<'bound>>,
        data: &[u8],
    ) -> usize {
        let mut line = this.line.lock();
        for &byte in data {
            if byte == b'\n' {
                dev_info!(sdev, "{} degrees\n", line.take());
            } else {
                line.push(byte);
            }
        }
        data.len()
    }
}

kernel::module_serdev_device_driver! {
    type: Driver,
    name: "serdev_thermometer",
    authors: ["The Lifebound developers"],
    description: "A driver for a thermometer on a serial port",
    license: "GPL",
}
