// SPDX-License-Identifier: GPL-2.0

//! Regulators: the supplies of a device.
//!
//! C header: [`include/linux/regulator/consumer.h`](srctree/include/linux/regulator/consumer.h)
//!
//! A [`Regulator`] is a device's share of a supply. Its type says whether the share is enabled. A
//! driver that wants a supply for as long as its device is bound calls [`devm_enable`].
//!
//! ```no_run
//! use kernel::{device::Device, prelude::*, regulator::{Enabled, Regulator, Voltage}};
//!
//! fn start(dev: &Device) -> Result<Regulator<Enabled>> {
//!     let supply = Regulator::<Enabled>::get(dev, c"vcc")?;
//!     let (least, most) = (1_100_000, 1_300_000);
//!     supply.set_voltage(Voltage::from_microvolts(least), Voltage::from_microvolts(most))?;
//!     Ok(supply)
//! }
//! ```
//!
//! Regulators are counted: a supply that somebody else has enabled stays on. A kernel without
//! `CONFIG_REGULATOR` does not have this module.

use core::marker::PhantomData;

use crate::{
    bindings,
    device::{Bound, Device},
    devres,
    error::{from_err_ptr, to_result},
    prelude::*,
    str::file_name,
    sync::aref::ARef,
};

/// The longest name that C has room for (`REG_STR_SIZE`), in bytes.
const LONGEST_NAME: usize = 63;

mod private {
    pub trait Sealed {}

    impl Sealed for super::Enabled {}
    impl Sealed for super::Disabled {}
}

/// A state of a [`Regulator`].
pub trait RegulatorState: private::Sealed + 'static {
    /// Whether dropping the regulator disables it.
    const DISABLE_ON_DROP: bool;
}

/// The regulator is enabled by its owner.
pub struct Enabled;

/// The regulator is not enabled by its owner.
pub struct Disabled;

impl RegulatorState for Enabled {
    const DISABLE_ON_DROP: bool = true;
}

impl RegulatorState for Disabled {
    const DISABLE_ON_DROP: bool = false;
}

/// A state that does not say whether the supply is on.
pub trait IsEnabled: RegulatorState {}

impl IsEnabled for Disabled {}

/// The error of a change of state, with the regulator in the state that it still has.
pub struct Error<State: RegulatorState> {
    /// The reason.
    pub error: crate::error::Error,
    /// The regulator.
    pub regulator: Regulator<State>,
}

impl<State: RegulatorState> From<Error<State>> for crate::error::Error {
    /// Drops the regulator.
    fn from(error: Error<State>) -> Self {
        error.error
    }
}

/// Enables a supply of the device until the device is unbound.
///
/// Context: process context; may sleep.
///
/// # Errors
///
/// Those of [`Regulator::<Enabled>::get`](Regulator::<Enabled>::get); `ENOMEM`; `EPERM` if no
/// driver of this module has bound the device.
#[doc(alias = "devm_regulator_get_enable")]
pub fn devm_enable(dev: &Device<Bound>, name: &CStr) -> Result {
    let regulator = Regulator::<Enabled>::get(dev, name)?;
    devres::register(dev, regulator, GFP_KERNEL)
}

/// Enables a supply of the device as [`devm_enable`] does. Where C would have a dummy stand for a
/// supply that nobody describes, this fails.
///
/// Context: process context; may sleep.
///
/// # Errors
///
/// `ENODEV` if the device has no such supply; else those of [`devm_enable`].
#[doc(alias = "devm_regulator_get_enable_optional")]
pub fn devm_enable_optional(dev: &Device<Bound>, name: &CStr) -> Result {
    let handle = Share::get(dev, name, bindings::regulator_get_optional)?;
    let regulator = Regulator::<Disabled>::new(handle).try_into_enabled()?;
    devres::register(dev, regulator, GFP_KERNEL)
}

/// C's function that hands out a share.
type Get = unsafe extern "C" fn(
    *mut bindings::device,
    *const crate::ffi::c_char,
) -> *mut bindings::regulator;

/// A share of a supply, `struct regulator`.
///
/// # Invariants
///
/// REGULATOR-OWNED: C has handed `raw` out, and this value gives it back once. If `enabled`, C has
/// counted this value as a user of the supply, once.
struct Share {
    raw: *mut bindings::regulator,
    enabled: bool,
    /// C has a pointer to the device, whose name it shows in debugfs.
    _device: ARef<Device>,
}

// SAFETY: `Send` requires that any thread may own the value; a share belongs to no thread.
unsafe impl Send for Share {}

// SAFETY: `Sync` requires that threads may share the value; C's functions take locks of their own.
unsafe impl Sync for Share {}

impl Share {
    fn get(dev: &Device, name: &CStr, get: Get) -> Result<Self> {
        file_name::check(c"a supply", name, LONGEST_NAME)?;
        // SAFETY: C requires a live device, and a name that lives until the call returns:
        // DEV-LIVE, and `name` is borrowed.
        let raw = from_err_ptr(unsafe { get(dev.as_raw(), name.as_char_ptr()) })?;
        // INVARIANT: REGULATOR-OWNED: C has handed it out above, and it is not enabled.
        Ok(Self {
            raw,
            enabled: false,
            _device: dev.into(),
        })
    }

    fn enable(&mut self) -> Result {
        // SAFETY: `regulator_enable()` requires a share: REGULATOR-OWNED.
        to_result(unsafe { bindings::regulator_enable(self.raw) })?;
        // INVARIANT: REGULATOR-OWNED: C has counted the share above.
        self.enabled = true;
        Ok(())
    }

    fn disable(&mut self) -> Result {
        // SAFETY: `regulator_disable()` requires a share that was enabled: REGULATOR-OWNED, and
        // the callers have seen `enabled`.
        to_result(unsafe { bindings::regulator_disable(self.raw) })?;
        // INVARIANT: REGULATOR-OWNED: C does not count the share any more.
        self.enabled = false;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.enabled && self.disable().is_err() {
            // The supply stays on. C has said so, and would warn of a share that is given back
            // enabled. The share leaks, and with it what C points to.
            core::mem::forget(self._device.clone());
            return;
        }
        // SAFETY: `regulator_put()` requires a share that is not enabled, and is given back once:
        // REGULATOR-OWNED.
        unsafe { bindings::regulator_put(self.raw) }
    }
}

/// A device's share of a supply.
///
/// Context: process context; may sleep (drop).
///
/// Dropping this disables the supply if `State` is [`Enabled`], and gives the share back. If this
/// is forgotten, the supply stays as it is, and the device's memory and the supply's module stay.
/// If C cannot disable the supply, C logs an error, and the same stays.
#[doc(alias("regulator_get", "devm_regulator_get", "regulator_put"))]
pub struct Regulator<State>
where
    State: RegulatorState,
{
    share: Share,
    _state: PhantomData<State>,
}

impl<T: RegulatorState> Regulator<T> {
    fn new(share: Share) -> Self {
        debug_assert_eq!(share.enabled, T::DISABLE_ON_DROP);
        Self {
            share,
            _state: PhantomData,
        }
    }

    /// Asks for a voltage between two.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// From C: `EINVAL` if the supply cannot have such a voltage, or if this board does not allow
    /// it; errors of the supply's driver.
    #[doc(alias = "regulator_set_voltage")]
    pub fn set_voltage(&self, min_voltage: Voltage, max_voltage: Voltage) -> Result {
        let (min, max) = (min_voltage.as_microvolts(), max_voltage.as_microvolts());
        // SAFETY: `regulator_set_voltage()` requires a share: REGULATOR-OWNED.
        to_result(unsafe { bindings::regulator_set_voltage(self.share.raw, min, max) })
    }

    /// Returns the supply's voltage, whether it is on or not.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// From C: `EINVAL` if it is not known; errors of the supply's driver.
    #[doc(alias = "regulator_get_voltage")]
    pub fn get_voltage(&self) -> Result<Voltage> {
        // SAFETY: `regulator_get_voltage()` requires a share: REGULATOR-OWNED.
        let voltage = unsafe { bindings::regulator_get_voltage(self.share.raw) };
        to_result(voltage.min(0))?;
        Ok(Voltage(voltage))
    }
}

impl Regulator<Disabled> {
    /// Looks up a supply of the device by its name, and leaves it as it is.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a name of which C can make no file (see
    /// [`Regulator::<Enabled>::get`](Regulator::<Enabled>::get)). From C: `ENODEV` if the device
    /// has no such supply, `EPROBE_DEFER` if it is not there yet, `EBUSY`, `EPERM` if somebody has
    /// it to himself, `ENOMEM`.
    pub fn get(dev: &Device, name: &CStr) -> Result<Self> {
        Share::get(dev, name, bindings::regulator_get).map(Self::new)
    }

    /// Enables the supply.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of the supply's driver. The error has the regulator as it was.
    #[doc(alias = "regulator_enable")]
    pub fn try_into_enabled(mut self) -> Result<Regulator<Enabled>, Error<Disabled>> {
        match self.share.enable() {
            Ok(()) => Ok(Regulator::new(self.share)),
            Err(error) => Err(Error {
                error,
                regulator: self,
            }),
        }
    }
}

impl Regulator<Enabled> {
    /// Looks up a supply of the device by its name, and enables it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a name that is empty, longer than 63 bytes, or has a `/`, an `!` or a control
    /// character. From C: `ENODEV` if the device has no such supply, `EPROBE_DEFER` if it is not
    /// there yet, `EBUSY`, `EPERM` if somebody has it to himself, `ENOMEM`; errors of the supply's
    /// driver.
    pub fn get(dev: &Device, name: &CStr) -> Result<Self> {
        Ok(Regulator::<Disabled>::get(dev, name)?.try_into_enabled()?)
    }

    /// Disables the supply, unless somebody else needs it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of the supply's driver. The error has the regulator as it was.
    #[doc(alias = "regulator_disable")]
    pub fn try_into_disabled(mut self) -> Result<Regulator<Disabled>, Error<Enabled>> {
        match self.share.disable() {
            Ok(()) => Ok(Regulator::new(self.share)),
            Err(error) => Err(Error {
                error,
                regulator: self,
            }),
        }
    }
}

impl<T: IsEnabled> Regulator<T> {
    /// Returns whether the supply is on, whoever has enabled it. If that is not known, it is not.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "regulator_is_enabled")]
    pub fn is_enabled(&self) -> bool {
        // SAFETY: `regulator_is_enabled()` requires a share: REGULATOR-OWNED.
        unsafe { bindings::regulator_is_enabled(self.share.raw) > 0 }
    }
}

/// A voltage, in whole microvolts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voltage(i32);

impl Voltage {
    /// Makes a voltage from microvolts.
    pub fn from_microvolts(uv: i32) -> Self {
        Self(uv)
    }

    /// Returns the voltage in microvolts.
    pub fn as_microvolts(self) -> i32 {
        self.0
    }
}
