// SPDX-License-Identifier: GPL-2.0

//! Settings of a serial port, sending and receiving, and when a driver receives. See `boot` beside
//! it.

#![forbid(unsafe_code)]

use kernel::{
    acpi,
    device::{Bound, Core},
    fmt,
    prelude::*,
    serdev::{self, Parity},
    sync::Completion,
    time::{Delta, delay::fsleep, msecs_to_jiffies},
};

use crate::module_parameters::mode;

/// At most three bytes are taken.
const THREE: u32 = 3;
/// `receive` sends, too.
const SENDS: u32 = 4;
/// The data sends while it is dropped; `unbind` does not wait for an answer.
const LATE: u32 = 5;
/// `receive` takes half a second.
const SLOW: u32 = 6;
/// `probe` asks, and fails.
const FAILS: u32 = 7;

#[pin_data(PinnedDrop)]
struct Data<'bound> {
    sdev: &'bound serdev::Device<Bound>,
    #[pin]
    answered: Completion,
}

#[pinned_drop]
impl PinnedDrop for Data<'_> {
    fn drop(self: Pin<&mut Self>) {
        dev_info!(self.sdev, "data dropped\n");
        if mode.read() == LATE {
            say(
                self.sdev,
                "sent a last time",
                self.sdev.write_all(b"T\n", 0),
            );
            // The answer arrives before the port is closed.
            fsleep(Delta::from_millis(200));
        }
    }
}

/// Bytes as text, in which a semicolon stands for a newline.
struct Text<'a>(&'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            let shown = if byte == b'\n' { ';' } else { char::from(byte) };
            write!(f, "{shown}")?;
        }
        Ok(())
    }
}

fn say<T: fmt::Debug>(sdev: &serdev::Device<Bound>, what: &str, result: Result<T>) {
    match result {
        Ok(value) => dev_info!(sdev, "{what}: {value:?}\n"),
        Err(error) => dev_info!(sdev, "{what}: {error:?}\n"),
    }
}

fn try_all(sdev: &serdev::Device<Bound>) -> Result {
    dev_info!(sdev, "speed 1000000: {:?}\n", sdev.set_baudrate(1_000_000));
    dev_info!(sdev, "speed 9600: {:?}\n", sdev.set_baudrate(9600));
    say(sdev, "odd parity", sdev.set_parity(Parity::Odd));
    say(sdev, "even parity", sdev.set_parity(Parity::Even));
    sdev.set_flow_control(true);
    say(sdev, "nothing", sdev.write_all(&[], 0));
    // The port takes four at once.
    say(
        sdev,
        "nine bytes",
        sdev.write_all(b"T23456789", msecs_to_jiffies(5000)),
    );
    say(sdev, "five bytes at once", sdev.write(b"12345"));
    sdev.wait_until_sent(msecs_to_jiffies(5000));
    sdev.write_flush();
    Ok(())
}

struct Messages;

kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"LIFE0011"), ())]);

impl serdev::Driver for Messages {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);

    fn probe<'bound>(
        sdev: &'bound serdev::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            match mode.read() {
                FAILS => {
                    sdev.set_baudrate(9600).map_err(|_| EINVAL)?;
                    sdev.write_all(b"T\n", 0)?;
                    // The answer waits, and is for nobody in the end.
                    fsleep(Delta::from_millis(200));
                    dev_info!(sdev, "fails\n");
                    return Err(EIO);
                }
                0 => try_all(sdev)?,
                _ => sdev.set_baudrate(9600).map_err(|_| EINVAL)?,
            }
            // What has arrived must wait.
            fsleep(Delta::from_millis(200));
            Ok(try_pin_init!(Data {
                sdev,
                answered <- Completion::new(),
                _: { dev_info!(sdev, "in service\n") },
            }))
        })
    }

    fn receive<'bound>(
        sdev: &'bound serdev::Device<Bound>,
        this: Pin<&Data<'bound>>,
        data: &[u8],
    ) -> usize {
        let taken = match mode.read() {
            THREE => &data[..data.len().min(3)],
            _ => data,
        };
        dev_info!(sdev, "received \"{}\"\n", Text(taken));
        match mode.read() {
            SENDS => {
                let sent = sdev.write_all(b"T", msecs_to_jiffies(200));
                say(sdev, "stalled", sent);
            }
            SLOW => {
                fsleep(Delta::from_millis(500));
                dev_info!(sdev, "received to the end\n");
            }
            _ => (),
        }
        this.answered.complete();
        // More than there is counts as all.
        if mode.read() == THREE {
            taken.len()
        } else {
            usize::MAX
        }
    }

    fn unbind<'bound>(sdev: &'bound serdev::Device<Core<'_>>, this: Pin<&Data<'bound>>) {
        dev_info!(sdev, "unbind\n");
        if mode.read() == 0 {
            while this.answered.try_wait_for_completion() {}
            if sdev.write_all(b"T", 0) != Ok(1) {
                return;
            }
            let limit = msecs_to_jiffies(5000);
            if this.answered.wait_for_completion_timeout(limit).is_some() {
                dev_info!(sdev, "answered\n");
            }
        }
    }
}

kernel::module_serdev_device_driver! {
    type: Messages,
    name: "serdev_messages",
    authors: ["The Lifebound developers"],
    description: "A driver that tries a serial port",
    license: "GPL",
    params: {
        mode: u32 {
            default: 0,
            description: "What the driver does differently",
        },
    },
}
