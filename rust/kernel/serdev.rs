// SPDX-License-Identifier: GPL-2.0

//! Devices on a serial port: the serial device bus.
//!
//! C header: [`include/linux/serdev.h`](srctree/include/linux/serdev.h)
//!
//! A driver implements [`Driver`], names the devices that it serves by the ids of firmware, and
//! registers with [`module_serdev_device_driver!`](crate::module_serdev_device_driver). The port is
//! open from before [`probe`](Driver::probe) until the driver's data was dropped. The methods of
//! [`Device`] set up the port and send; [`receive`](Driver::receive) gets what the device sends.
//!
//! ```
//! use kernel::{
//!     acpi, device::{Bound, Core}, new_mutex, prelude::*, serdev, sync::Mutex,
//!     time::msecs_to_jiffies,
//! };
//!
//! struct Receiver;
//!
//! /// The line that is being received.
//! #[pin_data]
//! struct Data {
//!     #[pin]
//!     line: Mutex<KVec<u8>>,
//! }
//!
//! kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"LIFE0004"), ())]);
//!
//! impl serdev::Driver for Receiver {
//!     type IdInfo = ();
//!     type Data<'bound> = Data;
//!     const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);
//!
//!     fn probe<'bound>(
//!         sdev: &'bound serdev::Device<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             sdev.set_baudrate(9600).map_err(|_| EINVAL)?;
//!             sdev.set_flow_control(false);
//!             sdev.write_all(b"START\n", msecs_to_jiffies(1000))?;
//!             Ok(try_pin_init!(Data { line <- new_mutex!(KVec::new()) }))
//!         })
//!     }
//!
//!     fn receive<'bound>(
//!         sdev: &'bound serdev::Device<Bound>,
//!         this: Pin<&Data>,
//!         data: &[u8],
//!     ) -> usize {
//!         let mut line = this.line.lock();
//!         for &byte in data {
//!             if byte == b'\n' {
//!                 dev_info!(sdev, "a line of {} bytes\n", line.len());
//!                 line.clear();
//!             } else if line.push(byte, GFP_KERNEL).is_err() {
//!                 line.clear();
//!             }
//!         }
//!         data.len()
//!     }
//! }
//! ```

mod device;
mod driver;
mod port;

pub use device::{Device, Parity, Serdev};
pub use driver::{Adapter, Driver, PmCallbacks};
