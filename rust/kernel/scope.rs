// SPDX-License-Identifier: GPL-2.0

//! Scopes: they own what calls back into a driver, and end it in time.
//!
//! C header: none.
//!
//! An interrupt handler, a child device or a timer uses the driver's data from outside, so it has to end before the
//! data does, whatever the driver does with the value that stands for it. Such registrations therefore belong to a
//! [`Scope`], in order of creation. When the scope ends, they are stopped in reverse order, and then the data that were
//! given to them are dropped, also in reverse order. A driver's own value is a handle: dropping it ends the
//! registration early, forgetting it changes nothing.
//!
//! Each binding has a root scope. It ends right after `unbind` has returned, while everything that the driver's
//! data consist of still works, and also when `probe` fails. A driver meets it in two places:
//!
//! - `attach`, a method of each bus' `Driver`, is called when the driver's data are in place. It gets the data and a `&'x Scope<'x>`; what it enters may borrow both, and so every field of
//!   the data.
//! - A constructor that takes the device instead of a scope accepts `'static` data alone, and may be called in `probe`.
//!
//! The lifetime `'x` is fresh and invariant. A driver can neither choose nor shorten it, so data for a scope cannot
//! borrow from anything that ends earlier than the scope.
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
//! # kernel::pci_device_table!(TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]);
//! impl pci::Driver for Lamp {
//!     # type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     # const ID_TABLE: pci::IdTable<()> = &TABLE;
//!     # fn probe<'bound>(
//!     #     pdev: &'bound pci::Device<Core<'_>>,
//!     #     _info: Option<&'bound ()>,
//!     # ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!     #     pin_init::pin_init_scope(move || Ok(Data { registers: pdev.iomap_region_sized(0, c"lamp")? }))
//!     # }
//!     // `probe` as usual, then:
//!     fn attach<'bound, 'x>(
//!         _pdev: &'bound pci::Device<Core<'_>>,
//!         data: Pin<&'x Data<'bound>>,
//!         scope: &'x Scope<'x>,
//!     ) -> Result {
//!         use kernel::io::Io;
//!         // The last to touch the registers, after everything that is entered from here on has ended.
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

/// Owns registrations whose data may borrow for `'x`; see the [module's documentation](self).
///
/// # Invariants
///
/// SCOPE-DRAINED: the scope is drained, and closed for good, before anything that lives for `'x` ends or the device is
/// unbound. Until then it stays in place.
#[pin_data]
pub struct Scope<'x> {
    #[pin]
    list: EndList,
    device: *mut bindings::device,
    /// Invariant: a scope for `'x` is neither one for a longer lifetime nor one for a shorter.
    _lifetime: PhantomData<fn(&'x ()) -> &'x ()>,
}

// SAFETY: the list is for any thread, and so is a bound device.
unsafe impl Sync for Scope<'_> {}

// SAFETY: as for `Sync`; a scope belongs to no thread.
unsafe impl Send for Scope<'_> {}

impl<'x> Scope<'x> {
    /// Has `f` run when the scope ends: after what is entered later has been stopped, before what was entered earlier.
    /// May sleep, and so may `f`.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `ENODEV` if the scope is ending. `f` is dropped then, and not run.
    pub fn at_end<F: FnOnce() + Send + 'x>(&self, f: F) -> Result {
        self.enter::<_, Error>(AtEnd(UnsafeCell::new(Some(f))), |_| Ok(()))
            .map(Handle::detach)
    }

    /// The device whose binding the scope is part of. Any context.
    pub fn device(&self) -> &Device<Bound> {
        // SAFETY: the scope is drained before the device is unbound (SCOPE-DRAINED), and nobody can hold a reference to
        // it for longer than it is open, or than the call lasts that is lent it.
        unsafe { Device::from_raw(self.device) }
    }
}

impl Scope<'_> {
    /// Builds an empty scope for a device, open for entries.
    ///
    /// # Safety
    ///
    /// SCOPE-DRAINED must be seen to from when the scope is in place.
    pub(crate) unsafe fn new(device: &Device<Bound>) -> impl PinInit<Self> {
        let device = device.as_raw();
        pin_init!(Self {
            list <- EndList::new(),
            device,
            _lifetime: PhantomData,
        })
    }

    /// Ends everything in the scope, the newest first; nothing can be entered any more. May sleep. Later calls do
    /// nothing.
    pub(crate) fn drain(&self) {
        self.list.close();
        self.list.drain();
    }

    /// The same scope for another lifetime.
    ///
    /// # Safety
    ///
    /// SCOPE-DRAINED must hold for `'y`, which its user must not be able to choose.
    pub(crate) unsafe fn with_lifetime<'y>(&self) -> &Scope<'y> {
        let pointer = core::ptr::from_ref(self).cast();
        // SAFETY: the lifetime is a brand, so the types have one layout; the caller vouches for what it says.
        unsafe { &*pointer }
    }
}

/// What [`Scope::at_end`] enters.
struct AtEnd<F>(UnsafeCell<Option<F>>);

// SAFETY: nothing but `stop` and the drop touch the closure, once each and one after the other.
unsafe impl<F: Send> Sync for AtEnd<F> {}

impl<F: FnOnce() + Send> Registered for AtEnd<F> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: `stop` is called once, and nobody else looks into the cell while it runs.
        if let Some(f) = unsafe { (*self.0.get()).take() } {
            f();
        }
    }
}
