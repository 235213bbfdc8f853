// SPDX-License-Identifier: GPL-2.0

//! Power management: system sleep, runtime suspension, and keeping a device powered. Not in Linux
//! 7.3.
//!
//! C headers: [`include/linux/pm.h`](srctree/include/linux/pm.h),
//! [`include/linux/pm_runtime.h`](srctree/include/linux/pm_runtime.h)
//!
//! A driver names its callbacks in the constant `PM` of its `Driver` trait. The callbacks get the
//! driver's data, and are called only while the data exists.
//!
//! A driver that wants its device suspended while nobody uses it calls
//! [`allow_runtime_suspend`](Device::allow_runtime_suspend) in `probe`. [`Device::power_up`] then
//! wakes the device, which stays awake as long as the [`Powered`] lives.
//!
//! The device is powered in `probe`, `attach` and `unbind`, and while the data is dropped.
//!
//! ```
//! use core::pin::Pin;
//! use kernel::{device::Core, pci, prelude::*};
//!
//! # struct Lamp;
//! # struct Data<'bound>(&'bound ());
//! impl Lamp {
//!     fn suspend<'bound>(
//!         dev: &'bound pci::Device<Core<'_>>,
//!         _data: Pin<&Data<'bound>>,
//!     ) -> Result {
//!         dev_info!(dev, "good night\n");
//!         Ok(())
//!     }
//! }
//!
//! # kernel::pci_device_table!(
//! #     TABLE, (), [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
//! # );
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

/// The side that begins runtime power management of a device on a bus.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RuntimePm {
    /// The bus enables it. While a driver is bound, the bus holds a reference for the driver to
    /// give up.
    HeldByBus,
    /// The driver enables it.
    ByDriver,
    /// The bus alone manages it.
    None,
}

/// The binding's account of the device's power. Errors: `EPERM` if the bus has no such part.
fn power(binding: Binding<'_>) -> Result<&Power> {
    binding.part().ok_or(EPERM)
}

impl<K: Kind> Device<Core<'_>, K> {
    /// Lets the PM core suspend the device while nobody holds it powered. That is possible after
    /// `attach` has succeeded, until `unbind`.
    ///
    /// Context: any context.
    ///
    /// With a `delay`, the PM core suspends the device only after it was unused for that long,
    /// rounded up to milliseconds. User space decides whether the device is suspended at all
    /// (`power/control` in sysfs; PCI devices are `on` by default). A driver calls this in `probe`
    /// or `attach`; later calls do nothing.
    ///
    /// # Errors
    ///
    /// - `EOPNOTSUPP`: the bus suspends its devices by itself (USB).
    /// - `EPERM`: no driver of this module has bound the device.
    /// - `EINVAL`: `delay` is negative, or longer than 24 days.
    #[doc(alias(
        "pm_runtime_enable",
        "pm_runtime_set_autosuspend_delay",
        "pm_runtime_use_autosuspend",
        "devm_pm_runtime_enable"
    ))]
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
    /// Wakes the device if it is suspended, and keeps it powered as long as the result lives.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The error of the callback that should have resumed the device; `EPERM` if no driver of this
    /// module has bound the device. The device is as before then.
    #[doc(alias("pm_runtime_get_sync", "pm_runtime_resume_and_get"))]
    pub fn power_up(&self) -> Result<Powered<'_>> {
        let power = power(binding::of(self)?)?;
        let device = self.as_generic();
        if power.managed() {
            // SAFETY: the shim requires a live device: DEV-LIVE.
            to_result(unsafe { bindings::lb_pm_runtime_resume_and_get(device.as_raw()) })?;
        } else {
            // SAFETY: the shim requires a live device: DEV-LIVE.
            unsafe { bindings::lb_pm_runtime_get_noresume(device.as_raw()) };
        }
        // INVARIANT: POWERED-COUNTED: one of the calls above counted a reference; this line counts
        // a user.
        power.users().fetch_add(1, Ordering::AcqRel);
        Ok(Powered { device, power })
    }
}

/// Keeps a device powered as long as this lives. A driver may keep it in its data.
///
/// If this is forgotten, the device stays powered until it is unbound.
///
/// # Invariants
///
/// POWERED-COUNTED: this owns one reference of the device's usage count, and one of the binding's
/// users.
#[must_use = "the device is powered as long as this lives"]
#[doc(alias("pm_runtime_put", "pm_runtime_put_autosuspend"))]
pub struct Powered<'a> {
    device: &'a Device<Bound>,
    power: &'a Power,
}

impl Drop for Powered<'_> {
    fn drop(&mut self) {
        self.power.users().fetch_sub(1, Ordering::AcqRel);
        // SAFETY: the shim requires a live device and a reference to give up; DEV-LIVE gives the
        // first, POWERED-COUNTED the second.
        unsafe { bindings::lb_pm_runtime_put_autosuspend(self.device.as_raw()) };
    }
}
