// SPDX-License-Identifier: GPL-2.0

//! The I2C bus, and SMBus on it.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h)
//!
//! A driver implements [`Driver`], names the device types that it serves with
//! [`i2c_device_table!`](crate::i2c_device_table) and registers with
//! [`module_i2c_driver!`](crate::module_i2c_driver). The device is an [`I2cClient`], whose methods
//! do the transfers; the bus is an [`I2cAdapter`].
//!
//! ```
//! use kernel::{device::{Bound, Core}, i2c, prelude::*};
//!
//! struct Thermometer;
//!
//! /// Lives until the device is unbound, and may use it for that long.
//! struct Data<'bound> {
//!     client: &'bound i2c::I2cClient<Bound>,
//! }
//!
//! impl Data<'_> {
//!     /// The temperature, in 1/256 of a degree.
//!     fn temperature(&self) -> Result<i16> {
//!         Ok(self.client.smbus_read_word_data(0)?.swap_bytes().cast_signed())
//!     }
//! }
//!
//! kernel::i2c_device_table!(TABLE, (), [(i2c::DeviceId::new(c"lm75"), ())]);
//!
//! impl i2c::Driver for Thermometer {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const I2C_ID_TABLE: Option<i2c::IdTable<()>> = Some(&TABLE);
//!
//!     fn probe<'bound>(
//!         dev: &'bound i2c::I2cClient<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             let data = Data { client: dev };
//!             dev_info!(dev, "{} / 256 degrees\n", data.temperature()?);
//!             Ok(data)
//!         })
//!     }
//! }
//! ```
//!
//! # Errors of transfers
//!
//! All errors come from C, unchanged:
//!
//! - `ENXIO`: no device answers.
//! - `ETIMEDOUT`, `EIO`.
//! - `EAGAIN`: the arbitration was lost.
//! - `EOPNOTSUPP`: the adapter lacks the function, see [`Functionality`].
//! - `EPROTO`: the device sent an impossible length.
//! - `EBADMSG`: the checksum is wrong.

mod adapter;
mod device;
mod driver;
mod functionality;
mod id;
mod registration;
mod smbus;
mod transfer;

pub use adapter::{AdapterKind, I2cAdapter};
pub use device::{I2c, I2cClient};
pub use driver::{Adapter, Driver, PmCallbacks};
pub use functionality::Functionality;
pub use id::{DeviceId, IdTable};
pub use registration::{I2cBoardInfo, Registration};
pub use smbus::{Direction, SMBUS_BLOCK_MAX};
pub use transfer::{Message, MessageFlags};
