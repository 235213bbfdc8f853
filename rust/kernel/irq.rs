// SPDX-License-Identifier: GPL-2.0

//! Interrupts of devices.
//!
//! C header: [`include/linux/interrupt.h`](srctree/include/linux/interrupt.h)
//!
//! A bus gives an [`IrqRequest`] ([`pci::Device::alloc_irq_vectors`](crate::pci::Device::alloc_irq_vectors),
//! [`platform::Device::irq_by_index`](crate::platform::Device::irq_by_index)). A driver implements [`Handler`], or
//! [`ThreadedHandler`] to have the longer part of the work done in a thread, and registers it in the scope of the binding, in
//! `attach`: there the handler may borrow the driver's data, which stay until the last handler has returned.
//!
//! ```
//! use core::pin::Pin;
//! use kernel::{device::Core, io::Io, irq::{Flags, Handler, IrqReturn, Registration}, pci, prelude::*, scope::Scope};
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
//! # kernel::pci_device_table!(TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]);
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
//!         Registration::new_in(scope, request, Flags::SHARED, c"clock", Tick(&data.registers))?.detach();
//!         Ok(())
//!     }
//! }
//! ```
//!
//! # Where handlers run
//!
//! [`Handler::handle`] and [`ThreadedHandler::handle`] run with interrupts disabled, on any processor, one at a time for a
//! registration. They must not sleep: no mutex, no `GFP_KERNEL`, no waiting; what they share with other code is atomic
//! or in a [`SpinLockIrq`](crate::sync::SpinLockIrq). [`ThreadedHandler::handle_threaded`] may sleep. A handler is
//! dropped where sleeping is allowed, possibly on another thread than the one that made it.

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
    /// The interrupt `irq`, which must be the device's own and stay so.
    pub(crate) fn new(device: &'a Device<Bound>, irq: u32) -> Self {
        Self {
            device,
            irq,
            users: None,
        }
    }

    /// The same of an interrupt that is only there while it has `users`.
    pub(crate) fn with_users(device: &'a Device<Bound>, irq: u32, users: &'a Users) -> Self {
        Self {
            device,
            irq,
            users: Some(users),
        }
    }

    /// The kernel's number of the interrupt. Any context.
    pub fn irq(&self) -> u32 {
        self.irq
    }

    /// The device. Any context. Ours alone.
    pub fn device(&self) -> &'a Device<Bound> {
        self.device
    }
}

/// Counts the registrations that use interrupts, for whoever may take these away.
pub(crate) struct Users(Arc<AtomicUsize>);

impl Users {
    /// None yet. Errors: `ENOMEM`.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Arc::new(AtomicUsize::new(0), GFP_KERNEL)?))
    }

    /// Whether there are none. New ones can only come while somebody borrows `self`.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    fn add(&self) -> User {
        // OVERFLOW: each is a registration.
        self.0.fetch_add(1, Ordering::Relaxed);
        User(self.0.clone())
    }
}

/// One of them.
struct User(Arc<AtomicUsize>);

impl Drop for User {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}
