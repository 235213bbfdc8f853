// SPDX-License-Identifier: GPL-2.0

//! The SPI bus. Not in Linux 7.3.
//!
//! C header: [`include/linux/spi/spi.h`](srctree/include/linux/spi/spi.h)
//!
//! A driver implements [`Driver`], names the device types that it serves with
//! [`spi_device_table!`](crate::spi_device_table) and registers with
//! [`module_spi_driver!`](crate::module_spi_driver). The methods of [`Device`] do the transfers.
//!
//! ```
//! use kernel::{device::{Bound, Core}, prelude::*, spi};
//!
//! struct Converter;
//!
//! /// Lives until the device is unbound, and may use it for that long.
//! struct Data<'bound> {
//!     dev: &'bound spi::Device<Bound>,
//! }
//!
//! impl Data<'_> {
//!     /// The voltage at one of the inputs, in 1/4096 of the reference.
//!     fn voltage(&self, input: u8) -> Result<u16> {
//!         let mut message = [0x06, input << 6, 0];
//!         self.dev.sync_transfer(&mut [spi::Transfer::exchange(&mut message)])?;
//!         let [_, high, low] = message;
//!         Ok(u16::from_be_bytes([high & 0xf, low]))
//!     }
//! }
//!
//! kernel::spi_device_table!(TABLE, (), [(spi::DeviceId::new(c"mcp3204"), ())]);
//!
//! impl spi::Driver for Converter {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const SPI_ID_TABLE: Option<spi::IdTable<()>> = Some(&TABLE);
//!
//!     fn probe<'bound>(
//!         dev: &'bound spi::Device<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             dev.setup(spi::Settings { mode: spi::Mode::MODE_0, ..dev.settings() })?;
//!             let data = Data { dev };
//!             dev_info!(dev, "{} / 4096\n", data.voltage(0)?);
//!             Ok(data)
//!         })
//!     }
//! }
//! ```

mod device;
mod driver;
mod id;
mod limits;
mod message;
mod settings;
mod transfer;

pub use device::{Device, Spi};
pub use driver::{Adapter, Driver, PmCallbacks};
pub use id::{DeviceId, IdTable};
pub use limits::Limits;
pub use settings::{Mode, Settings};
pub use transfer::Transfer;
