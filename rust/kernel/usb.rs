// SPDX-License-Identifier: GPL-2.0

//! The USB bus.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)
//!
//! A driver binds to an [`Interface`], one function of a [`Device`]. It implements [`Driver`],
//! names the devices that it serves with [`usb_device_table!`](crate::usb_device_table) and
//! registers with [`module_usb_driver!`](crate::module_usb_driver):
//!
//! ```
//! use kernel::{device::{Bound, Core}, prelude::*, usb};
//!
//! struct Logger;
//!
//! /// Lives until the interface is unbound, and may borrow from it for that long.
//! struct Data<'bound> {
//!     interface: &'bound usb::Interface<Bound>,
//! }
//!
//! kernel::usb_device_table!(TABLE, (), [(usb::DeviceId::from_id(0x46f4, 0x0001), ())]);
//!
//! impl usb::Driver for Logger {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const ID_TABLE: usb::IdTable<()> = &TABLE;
//!
//!     fn probe<'bound>(
//!         interface: &'bound usb::Interface<Core<'_>>,
//!         _id: &usb::DeviceId,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         dev_info!(interface, "version {:#06x}\n", interface.device().version());
//!         Ok(Data { interface })
//!     }
//! }
//! ```
//!
//! A bound interface keeps its device awake. A driver has no callbacks for system sleep, or for a
//! reset of the device that others start: the core unbinds its interfaces before, and probes them
//! again afterwards.

mod altsetting;
mod control;
mod descriptor;
mod device;
mod driver;
mod endpoint;
mod id;
mod message;
mod state;

pub use altsetting::{Altsetting, Configuration, EndpointInfo, TransferType};
pub use control::{Recipient, Request, RequestType};
pub use descriptor::Speed;
pub use device::{Device, Interface, UsbDevice, UsbInterface};
pub use driver::{Adapter, Driver};
pub use endpoint::{Bulk, Direction, Endpoint, EndpointType, In, Interrupt, Out};
pub use id::{DeviceId, IdTable};
