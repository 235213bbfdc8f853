// SPDX-License-Identifier: GPL-2.0

//! Power management: system sleep, runtime suspension, and keeping a device powered. Ours alone.
//!
//! C headers: [`include/linux/pm.h`](srctree/include/linux/pm.h),
//! [`include/linux/pm_runtime.h`](srctree/include/linux/pm_runtime.h)
//!
//! A driver names its callbacks in the constant `PM` of its `Driver` trait. They get the driver's data, and are called
//! only while the data exists. To have a device suspended while nobody uses it, call
//! [`allow_runtime_suspend`](Device::allow_runtime_suspend) in `probe`; [`Device::power_up`] then wakes it, and
//! keeps it awake as long as the [`Powered`] lives. The device is powered in `probe`, `attach`, `unbind`, and while the
//! data is dropped.
//!
//! ```
//! use core::pin::Pin;
//! use kernel::{device::Core, pci, prelude::*};
//!
//! # struct Lamp;
//! # struct Data<'bound>(&'bound ());
//! impl Lamp {
//!     fn suspend<'bound>(dev: &'bound pci::Device<Core<'_>>, _data: Pin<&Data<'bound>>) -> Result {
//!         dev_info!(dev, "good night\n");
//!         Ok(())
//!     }
//! }
//!
//! # kernel::pci_device_table!(TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]);
//! impl pci::Driver for Lamp {
//!     # type IdInfo = ();
//!     # type Data<'bound> = Data<'bound>;
//!     # const ID_TABLE: pci::IdTable<()> = &TABLE;
//!     # fn probe<'bound>(
//!     #     _dev: &'bound pci::Device<Core<'_>>,
//!     #     _info: Option<&'bound ()>,
//!     # ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!     #     pin_init::pin_init_scope(move || Ok(Data(&())))
//!     # }
//!     // `probe` as usual, and:
//!     const PM: pci::PmCallbacks<Self> = pci::PmCallbacks::<Self>::NONE.suspend(Self::suspend);
//! }
//! ```

use core::sync::atomic::Ordering;

use crate::{
    binding::{self, Binding},
    bindings,
    device::{Bound, Core, Device, Kind},
    error::to_result,
    prelude::*,
    time::Delta,
};

mod callbacks;
mod power;

pub use callbacks::{Callbacks, RuntimeCallback, SleepCallback};
pub(crate) use callbacks::{Ops, adapter, fill};
pub(crate) use power::Power;

/// Who begins runtime power management of a device on a bus.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RuntimePm {
    /// The bus enables it and holds a reference while a driver is bound, which the driver is to give up.
    HeldByBus,
    /// The driver enables it.
    ByDriver,
    /// It is the bus' own affair.
    None,
}

/// The account of the binding's power. Errors: `EPERM` if the bus has none.
fn power(binding: Binding<'_>) -> Result<&Power> {
    binding.part().ok_or(EPERM)
}

impl<K: Kind> Device<Core<'_>, K> {
    /// Lets the device be suspended while nobody holds it powered, from when `probe` and `attach` have succeeded until
    /// `unbind`. Does not sleep.
    ///
    /// With a `delay`, the device must have been unused that long before it is suspended; rounded up to milliseconds.
    /// User space decides whether it happens at all (`power/control` in sysfs; PCI devices are `on` by default). To be
    /// called in `probe` or `attach`: later it does nothing.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` on a bus that suspends its devices by itself (USB); `EPERM` if no driver of this module has
    /// bound the device; `EINVAL` for a delay that is negative or longer than 24 days.
    pub fn allow_runtime_suspend(&self, delay: Option<Delta>) -> Result {
        let delay = delay.map(|delay| i32::try_from(delay.as_millis_ceil()));
        let delay = delay.transpose()?;
        if delay.is_some_and(i32::is_negative) {
            return Err(EINVAL);
        }
        power(binding::of(self)?)?.want(delay)
    }
}

impl<K: Kind> Device<Bound, K> {
    /// Wakes the device if it is suspended, and keeps it powered as long as the result lives. May sleep.
    ///
    /// # Errors
    ///
    /// The error of the callback that should have resumed the device; `EPERM` if no driver of this module has bound
    /// it. The device is as before.
    pub fn power_up(&self) -> Result<Powered<'_>> {
        let power = power(binding::of(self)?)?;
        let device = self.as_generic();
        if power.managed() {
            // SAFETY: DEV-LIVE.
            to_result(unsafe { bindings::lb_pm_runtime_resume_and_get(device.as_raw()) })?;
        } else {
            // SAFETY: DEV-LIVE.
            unsafe { bindings::lb_pm_runtime_get_noresume(device.as_raw()) };
        }
        // INVARIANT: POWERED-COUNTED.
        power.users().fetch_add(1, Ordering::AcqRel);
        Ok(Powered { device, power })
    }
}

/// Keeps a device powered. May be kept in the driver's data.
///
/// If it is forgotten, the device stays powered until it is unbound.
///
/// # Invariants
///
/// POWERED-COUNTED: one reference of the device's usage count and one of the binding's users belong to this.
#[must_use = "the device is powered as long as this lives"]
pub struct Powered<'a> {
    device: &'a Device<Bound>,
    power: &'a Power,
}

impl Drop for Powered<'_> {
    fn drop(&mut self) {
        self.power.users().fetch_sub(1, Ordering::AcqRel);
        // SAFETY: DEV-LIVE; POWERED-COUNTED.
        unsafe { bindings::lb_pm_runtime_put_autosuspend(self.device.as_raw()) };
    }
}
