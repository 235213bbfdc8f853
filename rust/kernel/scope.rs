// SPDX-License-Identifier: GPL-2.0

//! Scopes: a scope owns the registrations that call back into a driver, and ends them in time.
//!
//! C header: none.
//!
//! An interrupt handler, a child device or a timer uses the driver's data from outside. It has to
//! end before the data does, whatever the driver does with the value that stands for it. Such
//! registrations therefore belong to a [`Scope`], in order of creation. A scope ends in two steps:
//!
//! 1. The registrations are stopped, in reverse order of creation.
//! 2. The data that was given to them is dropped, also in reverse order.
//!
//! A driver's own value is a handle. Dropping the handle ends the registration early; forgetting
//! the handle changes nothing.
//!
//! Each binding has a root scope. It ends right after `unbind` has returned, while everything in
//! the driver's data still works. It also ends if `probe` fails. A driver meets it in two places:
//!
//! - Each bus' `Driver` has a method `attach`, which is called when the driver's data is in place.
//!   `attach` gets the data and a `&'x Scope<'x>`. What it enters may borrow both, and so every
//!   field of the data.
//! - A constructor that takes the device instead of a scope accepts only `'static` data. It may be
//!   called in `probe`.
//!
//! The lifetime `'x` is fresh and invariant. A driver can neither choose nor shorten it. So data
//! for a scope cannot borrow from anything that ends earlier than the scope.
//!
//! ```
//! use core::pin::Pin;
//! use kernel::{device::Core, pci, prelude::*, scope::Scope};
//!
//! # struct Lamp;
//! struct Data<'bound> {
//!     registers: pci::Bar<'bound, 0x10>,
//! }
//!
//! # kernel::pci_device_table!(
//! #     TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
//! # );
//! impl pci::Driver for Lamp {
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
//!     // `probe` as usual, then:
//!     fn attach<'bound, 'x>(
//!         _pdev: &'bound pci::Device<Core<'_>>,
//!         data: Pin<&'x Data<'bound>>,
//!         scope: &'x Scope<'x>,
//!     ) -> Result {
//!         use kernel::io::Io;
//!         // This closure is the last to touch the registers: it runs after everything that is
//!         // entered from here on has ended.
//!         scope.at_end(move || data.registers.write8(0, 0))
//!     }
//! }
//! ```

use core::{cell::UnsafeCell, marker::PhantomData, pin::Pin};

use crate::{
    bindings,
    device::{Bound, Device},
    prelude::*,
};

mod end_list;
mod entry;
pub(crate) mod later;

pub(crate) use end_list::{EndEntry, EndFunctions, EndList, Keeper};
pub(crate) use entry::{Handle, Registered};

/// A scope: it owns registrations whose data may borrow for `'x`. The [module's
/// documentation](self) says when it ends.
///
/// # Invariants
///
/// SCOPE-DRAINED: the scope is drained, and closed for good, before anything that lives for `'x`
/// ends or the device is unbound. Until then the scope stays in place.
#[pin_data]
pub struct Scope<'x> {
    #[pin]
    list: EndList,
    device: *mut bindings::device,
    /// Invariant: a scope for `'x` is neither one for a longer lifetime nor one for a shorter one.
    _lifetime: PhantomData<fn(&'x ()) -> &'x ()>,
}

// SAFETY: `Sync` requires that threads may share the value: `EndList` is `Sync`, and a bound device
// may be used on any thread.
unsafe impl Sync for Scope<'_> {}

// SAFETY: `Send` requires that any thread may own the value: the same holds as for `Sync`, and a
// scope belongs to no thread.
unsafe impl Send for Scope<'_> {}

impl<'x> Scope<'x> {
    /// Makes `f` run when the scope ends. `f` runs after what is entered later was stopped, and
    /// before what was entered earlier is stopped. `f` may sleep.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    ///
    /// `f` is dropped then, and does not run.
    #[doc(alias = "devm_add_action_or_reset")]
    pub fn at_end<F: FnOnce() + Send + 'x>(&self, f: F) -> Result {
        self.keep(AtEnd(UnsafeCell::new(Some(f))))
            .map(Handle::detach)
    }

    /// The device whose binding the scope is part of.
    ///
    /// Context: any context.
    pub fn device(&self) -> &Device<Bound> {
        // SAFETY: `from_raw` requires a device that is bound for as long as the reference lasts.
        // The scope is drained before the device is unbound (SCOPE-DRAINED). A reference to the
        // scope lasts while the scope is open, or for the call to which it is lent.
        unsafe { Device::from_raw(self.device) }
    }
}

impl Scope<'_> {
    /// Builds an empty scope for a device, open for entries.
    ///
    /// # Safety
    ///
    /// The caller must establish SCOPE-DRAINED once the scope is in place.
    pub(crate) unsafe fn new(device: &Device<Bound>) -> impl PinInit<Self> {
        let device = device.as_raw();
        pin_init!(Self {
            list <- EndList::new(),
            device,
            _lifetime: PhantomData,
        })
    }

    /// Ends everything in the scope, the newest first. From then on nothing can be entered. Later
    /// calls do nothing.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn drain(&self) {
        self.list.close();
        self.list.drain();
    }

    /// The same scope for another lifetime.
    ///
    /// # Safety
    ///
    /// SCOPE-DRAINED must hold for `'y`, and the user of the result must not be able to choose
    /// `'y`.
    pub(crate) unsafe fn with_lifetime<'y>(&self) -> &Scope<'y> {
        let pointer = core::ptr::from_ref(self).cast();
        // SAFETY: a reference requires a live value of its type. `self` is live. The two types
        // differ only in the lifetime, which is a brand, so they have one layout. The caller
        // vouches for what `'y` says.
        unsafe { &*pointer }
    }
}

/// The payload that [`Scope::at_end`] enters.
struct AtEnd<F>(UnsafeCell<Option<F>>);

// SAFETY: `Sync` requires that shared use makes no data race: only `stop` and the drop touch the
// closure, each once, and the drop comes after `stop`.
unsafe impl<F: Send> Sync for AtEnd<F> {}

impl<F: FnOnce() + Send> Registered for AtEnd<F> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: a mutable reference requires that nobody else uses the cell. `stop` is called
        // once, and nobody else looks into the cell while it runs.
        if let Some(f) = unsafe { (*self.0.get()).take() } {
            f();
        }
    }
}
