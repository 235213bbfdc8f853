// SPDX-License-Identifier: GPL-2.0

//! Interrupts of devices.
//!
//! C header: [`include/linux/interrupt.h`](srctree/include/linux/interrupt.h)
//!
//! A bus gives an [`IrqRequest`]
//! ([`pci::Device::alloc_irq_vectors`](crate::pci::Device::alloc_irq_vectors),
//! [`platform::Device::irq_by_index`](crate::platform::Device::irq_by_index)). A driver implements
//! [`Handler`]. It implements [`ThreadedHandler`] instead if a thread does the longer part of the
//! work. The driver registers the handler in the scope of the binding, in `attach`. There the
//! handler may borrow the driver's data, which stays until the last handler has returned.
//!
//! ```
//! use core::pin::Pin;
//! use kernel::{
//!     device::Core,
//!     io::Io,
//!     irq::{Flags, Handler, IrqReturn, Registration},
//!     pci,
//!     prelude::*,
//!     scope::Scope,
//! };
//!
//! # struct Clock;
//! struct Data<'bound> {
//!     registers: pci::Bar<'bound, 0x10>,
//!     vectors: pci::IrqVectorRegistration<'bound>,
//! }
//!
//! struct Tick<'x>(&'x pci::Bar<'x, 0x10>);
//!
//! impl Handler for Tick<'_> {
//!     fn handle(&self) -> IrqReturn {
//!         if self.0.read32(0) == 0 {
//!             return IrqReturn::None;
//!         }
//!         self.0.write32(0, 0);
//!         IrqReturn::Handled
//!     }
//! }
//!
//! # kernel::pci_device_table!(
//! #     TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
//! # );
//! impl pci::Driver for Clock {
//!     # type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     # const ID_TABLE: pci::IdTable<()> = &TABLE;
//!     fn probe<'bound>(
//!         pdev: &'bound pci::Device<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || Ok(Data {
//!             registers: pdev.iomap_region_sized(0, c"clock")?,
//!             vectors: pdev.alloc_irq_vectors(1, 1, pci::IrqTypes::all())?,
//!         }))
//!     }
//!
//!     fn attach<'bound, 'x>(
//!         _pdev: &'bound pci::Device<Core<'_>>,
//!         data: Pin<&'x Data<'bound>>,
//!         scope: &'x Scope<'x>,
//!     ) -> Result {
//!         let data = data.get_ref();
//!         let request = data.vectors.index(0)?.into();
//!         let tick = Tick(&data.registers);
//!         Registration::new_in(scope, request, Flags::SHARED, c"clock", tick)?.detach();
//!         Ok(())
//!     }
//! }
//! ```
//!
//! # Where handlers run
//!
//! [`Handler::handle`] and [`ThreadedHandler::handle`] run with interrupts disabled, on any
//! processor, one at a time for a registration. They must not sleep: they must not lock a mutex,
//! allocate with `GFP_KERNEL`, or wait. The data that they share with other code is atomic or in a
//! [`SpinLockIrq`](crate::sync::SpinLockIrq). [`ThreadedHandler::handle_threaded`] may sleep. A
//! handler is dropped in process context, possibly on another thread than the one that made it.

use core::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    device::{Bound, Device},
    prelude::*,
    sync::Arc,
};

mod flags;
mod line;
mod request;

pub use flags::Flags;
pub use line::Disabled;
pub use request::{
    Handler, IrqReturn, Registration, ThreadedHandler, ThreadedIrqReturn, ThreadedRegistration,
};

/// An interrupt of a bound device, for which a handler can be registered.
pub struct IrqRequest<'a> {
    device: &'a Device<Bound>,
    irq: u32,
    users: Option<&'a Users>,
}

impl<'a> IrqRequest<'a> {
    /// The interrupt `irq`, which must be the device's own and must stay so.
    pub(crate) fn new(device: &'a Device<Bound>, irq: u32) -> Self {
        Self {
            device,
            irq,
            users: None,
        }
    }

    /// The interrupt `irq`, which is the device's own only while it has `users`.
    pub(crate) fn with_users(device: &'a Device<Bound>, irq: u32, users: &'a Users) -> Self {
        Self {
            device,
            irq,
            users: Some(users),
        }
    }

    /// The kernel's number of the interrupt.
    ///
    /// Context: any context.
    pub fn irq(&self) -> u32 {
        self.irq
    }

    /// The device.
    ///
    /// Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn device(&self) -> &'a Device<Bound> {
        self.device
    }
}

/// Counts the registrations that use interrupts, for code that may free these interrupts.
pub(crate) struct Users(Arc<AtomicUsize>);

impl Users {
    /// A count without users. Errors: `ENOMEM`.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Arc::new(AtomicUsize::new(0), GFP_KERNEL)?))
    }

    /// Whether there are no users. A new user can only come while `self` is borrowed.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    fn add(&self) -> User {
        // OVERFLOW: each user is a registration, which has memory of its own.
        self.0.fetch_add(1, Ordering::Relaxed);
        User(self.0.clone())
    }
}

/// One of the [`Users`].
struct User(Arc<AtomicUsize>);

impl Drop for User {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}
