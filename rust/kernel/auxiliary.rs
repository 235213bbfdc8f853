// SPDX-License-Identifier: GPL-2.0

//! The auxiliary bus: children of a device, each for a part of its function that has a driver of
//! its own.
//!
//! C header: [`include/linux/auxiliary_bus.h`](srctree/include/linux/auxiliary_bus.h)
//!
//! The parent's driver makes a child by a [`Registration`], with data that the child's driver may
//! use. A child that is made in `attach` may have data that borrows the parent's data; see
//! [`scope`](crate::scope). The child is unbound and gone before the parent's data is dropped, even
//! if the driver has forgotten the `Registration`:
//!
//! ```
//! use core::pin::Pin;
//! use kernel::{auxiliary, device::Core, pci, prelude::*, scope::Scope, types::CovariantForLt};
//!
//! # struct Parent;
//! struct Data<'bound> {
//!     registers: pci::Bar<'bound, 0x10>,
//! }
//!
//! /// The data that the child's driver gets.
//! struct Shared<'x> {
//!     registers: &'x pci::Bar<'x, 0x10>,
//! }
//! type SharedOf = CovariantForLt!(Shared<'_>);
//!
//! # kernel::pci_device_table!(
//! #     TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
//! # );
//! impl pci::Driver for Parent {
//!     # type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     # const ID_TABLE: pci::IdTable<()> = &TABLE;
//!     # fn probe<'bound>(
//!     #     pdev: &'bound pci::Device<Core<'_>>,
//!     #     _info: Option<&'bound ()>,
//!     # ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!     #     pin_init::pin_init_scope(move || {
//!     #         Ok(Data { registers: pdev.iomap_region_sized(0, c"lamp")? })
//!     #     })
//!     # }
//!     fn attach<'bound, 'x>(
//!         _pdev: &'bound pci::Device<Core<'_>>,
//!         data: Pin<&'x Data<'bound>>,
//!         scope: &'x Scope<'x>,
//!     ) -> Result {
//!         let shared = Shared { registers: &data.get_ref().registers };
//!         use auxiliary::Registration;
//!         Registration::<SharedOf>::new_in(scope, c"lamp", 0, c"board", shared)?.detach();
//!         Ok(())
//!     }
//! }
//!
//! struct Lamp;
//! kernel::auxiliary_device_table!(LAMPS, (), [(auxiliary::DeviceId::new(c"board", c"lamp"), ())]);
//! impl auxiliary::Driver for Lamp {
//!     type IdInfo = ();
//!     type Data<'bound> = ();
//!     const ID_TABLE: auxiliary::IdTable<()> = &LAMPS;
//!
//!     fn probe<'bound>(
//!         adev: &'bound auxiliary::Device<Core<'_>>,
//!         _info: &'bound (),
//!     ) -> impl PinInit<(), Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             use kernel::io::Io;
//!             let shared = adev.registration_data::<SharedOf>()?;
//!             shared.registers.write8(1, 0);
//!             Ok(())
//!         })
//!     }
//! }
//! ```

mod device;
mod driver;
mod id;
mod registration;

pub use device::{Auxiliary, Device};
pub use driver::{Adapter, Driver, PmCallbacks};
pub use id::{DeviceId, IdTable};
pub use registration::Registration;
