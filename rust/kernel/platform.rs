// SPDX-License-Identifier: GPL-2.0

//! The platform bus: devices that no bus can discover, and that firmware or board code describes.
//!
//! C header: [`include/linux/platform_device.h`](srctree/include/linux/platform_device.h)
//!
//! A driver implements [`Driver`], names the devices that it serves with
//! [`acpi_device_table!`](crate::acpi_device_table), [`of_device_table!`](crate::of_device_table)
//! or [`platform_device_table!`](crate::platform_device_table), and registers with
//! [`module_platform_driver!`](crate::module_platform_driver):
//!
//! ```
//! use kernel::{acpi, device::Core, io::mem::ExclusiveIoMem, platform, prelude::*};
//!
//! struct Blinker;
//!
//! /// Lives until the device is unbound, and may borrow from it for that long.
//! struct Data<'bound> {
//!     registers: ExclusiveIoMem<'bound, 0x10>,
//! }
//!
//! kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"ACME0001"), ())]);
//!
//! impl platform::Driver for Blinker {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);
//!
//!     fn probe<'bound>(
//!         pdev: &'bound platform::Device<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             let request = pdev.io_request_by_index(0).ok_or(ENODEV)?;
//!             Ok(Data { registers: request.iomap_exclusive_sized()? })
//!         })
//!     }
//! }
//! ```

mod device;
mod driver;
mod id;
mod irq;

pub use device::{Device, Platform};
pub use driver::{Adapter, Driver, PmCallbacks};
pub use id::{DeviceId, IdTable};
