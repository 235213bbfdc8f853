// SPDX-License-Identifier: GPL-2.0

//! The PCI bus.
//!
//! C header: [`include/linux/pci.h`](srctree/include/linux/pci.h)
//!
//! A driver implements [`Driver`], names the devices that it serves with
//! [`pci_device_table!`](crate::pci_device_table) and registers with
//! [`module_pci_driver!`](crate::module_pci_driver):
//!
//! ```
//! use kernel::{device::Core, pci, prelude::*};
//!
//! struct Blinker;
//!
//! /// Lives until the device is unbound, and may borrow from it for that long.
//! struct Data<'bound> {
//!     registers: pci::Bar<'bound, 0x10>,
//! }
//!
//! kernel::pci_device_table!(
//!     TABLE,
//!     (),
//!     [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
//! );
//!
//! impl pci::Driver for Blinker {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const ID_TABLE: pci::IdTable<()> = &TABLE;
//!
//!     fn probe<'bound>(
//!         pdev: &'bound pci::Device<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             pdev.enable_device_mem()?;
//!             Ok(Data { registers: pdev.iomap_region_sized(0, c"blinker")? })
//!         })
//!     }
//! }
//! ```

mod bar;
mod config;
mod device;
mod driver;
mod error;
mod id;
mod irq;
mod master;
mod resource;

pub use bar::{Bar, DevresBar};
pub use config::{ConfigSpace, ConfigSpaceBackend, ConfigSpaceSize, Extended, Normal};
pub use device::{Device, Pci};
pub use driver::{Adapter, Driver, ErrorHandlers, PmCallbacks};
pub use error::{ChannelState, Recovery};
pub use id::{Class, ClassMask, DeviceId, IdTable, Vendor};
pub use irq::{IrqType, IrqTypes, IrqVector, IrqVectorRegistration};
pub use master::BusMaster;
