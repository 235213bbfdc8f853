// SPDX-License-Identifier: GPL-2.0

//! A driver's callbacks for power management, and the table of them for C.

use core::marker::PhantomData;

use crate::{
    bindings,
    device::{Bound, Core, Device},
    driver::{self, Bus},
    error::from_result,
    ffi::c_int,
    prelude::*,
};

/// The description of one driver's power management by its adapter.
pub trait Ops: driver::Ops {
    /// The driver's callbacks.
    const PM: Callbacks<Self>;
}

/// A callback for system sleep.
///
/// Context: process context; may sleep. C holds the device lock.
pub type SleepCallback<T> = for<'bound, 'core, 'd> fn(
    &'bound Device<Core<'core>, <T as driver::Ops>::Bus>,
    Pin<&'d <T as driver::Ops>::Data<'bound>>,
) -> Result;

/// A callback for runtime power management. Other code may use the data at the same time.
///
/// Context: process context; may sleep. C does not hold the device lock.
pub type RuntimeCallback<T> = for<'bound, 'd> fn(
    &'bound Device<Bound, <T as driver::Ops>::Bus>,
    Pin<&'d <T as driver::Ops>::Data<'bound>>,
) -> Result;

/// A driver's callbacks for power management; see the [module's documentation](super).
///
/// If a suspending callback fails, the device, and with it the system, is not suspended. C logs
/// such errors, except for `EBUSY` and `EAGAIN`. If a resuming callback fails, C takes the device
/// for broken.
#[doc(alias(
    "SIMPLE_DEV_PM_OPS",
    "DEFINE_SIMPLE_DEV_PM_OPS",
    "SET_RUNTIME_PM_OPS",
    "SET_SYSTEM_SLEEP_PM_OPS"
))]
pub struct Callbacks<T: driver::Ops> {
    suspend: Option<SleepCallback<T>>,
    resume: Option<SleepCallback<T>>,
    runtime_suspend: Option<RuntimeCallback<T>>,
    runtime_resume: Option<RuntimeCallback<T>>,
}

impl<T: driver::Ops> Callbacks<T> {
    /// No callbacks: the bus alone manages the device's power.
    pub const NONE: Self = Self {
        suspend: None,
        resume: None,
        runtime_suspend: None,
        runtime_resume: None,
    };

    /// Sets the callback before the system sleeps, is frozen for hibernation, or powers off after
    /// hibernation.
    pub const fn suspend(self, callback: SleepCallback<T>) -> Self {
        Self {
            suspend: Some(callback),
            ..self
        }
    }

    /// Sets the callback after the system has slept, or hibernation was cancelled.
    pub const fn resume(self, callback: SleepCallback<T>) -> Self {
        Self {
            resume: Some(callback),
            ..self
        }
    }

    /// Sets the callback before the device is suspended because nobody uses it.
    pub const fn runtime_suspend(self, callback: RuntimeCallback<T>) -> Self
    where
        for<'bound> T::Data<'bound>: Sync,
    {
        Self {
            runtime_suspend: Some(callback),
            ..self
        }
    }

    /// Sets the callback for a device that was suspended in this way, and is needed again.
    pub const fn runtime_resume(self, callback: RuntimeCallback<T>) -> Self
    where
        for<'bound> T::Data<'bound>: Sync,
    {
        Self {
            runtime_resume: Some(callback),
            ..self
        }
    }
}

/// Makes the items of a bus with power management that stand beside its `Adapter`.
macro_rules! adapter {
    () => {
        /// The callbacks of a [`Driver`] for power management. Not in Linux 7.3.
        pub type PmCallbacks<T> = $crate::pm::Callbacks<Adapter<T>>;

        impl<T: Driver> $crate::pm::Ops for Adapter<T> {
            const PM: PmCallbacks<T> = T::PM;
        }
    };
}
pub(crate) use adapter;

/// Sets up a driver's callbacks; for an adapter's [`fill`](driver::Ops::fill).
pub(crate) fn fill<T: Ops>(driver: &mut <T::Bus as Bus>::RawDriver) {
    // SAFETY: the write requires a `struct device_driver` that nobody else uses; `Bus` puts one
    // there, and `driver` is borrowed uniquely. The table is static.
    unsafe { (*driver::driver_of::<T::Bus>(driver)).pm = table::<T>() };
}

/// The table of a driver's callbacks; null if the driver has no callbacks.
fn table<T: Ops>() -> *const bindings::dev_pm_ops {
    if const {
        let pm = T::PM;
        pm.suspend.is_none()
            && pm.resume.is_none()
            && pm.runtime_suspend.is_none()
            && pm.runtime_resume.is_none()
    } {
        return core::ptr::null();
    }
    &Table::<T>::RAW
}

struct Table<T>(PhantomData<T>);

/// The C callback of this name if the driver has such a callback, otherwise `None`.
macro_rules! thunk {
    ($callback:ident) => {
        if T::PM.$callback.is_some() {
            Some(Self::$callback)
        } else {
            None
        }
    };
}

impl<T: Ops> Table<T> {
    const RAW: bindings::dev_pm_ops = {
        // SAFETY: `zeroed` requires a type for which all bytes zero are valid; all fields are
        // optional function pointers.
        let mut raw: bindings::dev_pm_ops = unsafe { core::mem::zeroed() };
        raw.suspend = thunk!(suspend);
        raw.freeze = raw.suspend;
        raw.poweroff = raw.suspend;
        raw.resume = thunk!(resume);
        raw.thaw = raw.resume;
        raw.restore = raw.resume;
        raw.runtime_suspend = thunk!(runtime_suspend);
        raw.runtime_resume = thunk!(runtime_resume);
        raw
    };

    unsafe extern "C" fn suspend(device: *mut bindings::device) -> c_int {
        // SAFETY: `sleep` requires a callback of the PM core for system sleep, and that callback's
        // device; this is one.
        unsafe { sleep::<T>(device, T::PM.suspend) }
    }

    unsafe extern "C" fn resume(device: *mut bindings::device) -> c_int {
        // SAFETY: the same holds as in `suspend`.
        unsafe { sleep::<T>(device, T::PM.resume) }
    }

    unsafe extern "C" fn runtime_suspend(device: *mut bindings::device) -> c_int {
        // SAFETY: `runtime` requires a callback of the PM core for runtime power management, and
        // that callback's device; this is one.
        unsafe { runtime::<T>(device, T::PM.runtime_suspend) }
    }

    unsafe extern "C" fn runtime_resume(device: *mut bindings::device) -> c_int {
        // SAFETY: the same holds as in `runtime_suspend`.
        unsafe { runtime::<T>(device, T::PM.runtime_resume) }
    }
}

/// Calls a driver's callback for system sleep. If the binding has no data, this does nothing,
/// successfully.
///
/// # Safety
///
/// The caller must be the PM core's callback, and `device` the callback's device.
unsafe fn sleep<T: Ops>(
    device: *mut bindings::device,
    callback: Option<SleepCallback<T>>,
) -> c_int {
    from_result(|| {
        let Some(callback) = callback else {
            return Ok(0);
        };
        // SAFETY: `with_locked` requires a device of `T`, in a callback under the device lock; the
        // PM core calls the driver of the device, and holds the lock in callbacks for system sleep.
        let called =
            unsafe { driver::with_locked::<T, _>(device, |device, data| callback(device, data)) };
        called.unwrap_or(Ok(())).map(|()| 0)
    })
}

/// Calls a driver's callback for runtime power management; `EBUSY` before the binding has data.
///
/// # Safety
///
/// The caller must be the PM core's callback, and `device` the callback's device.
unsafe fn runtime<T: Ops>(
    device: *mut bindings::device,
    callback: Option<RuntimeCallback<T>>,
) -> c_int {
    from_result(|| {
        let Some(callback) = callback else {
            return Ok(0);
        };
        // SAFETY: `with_bound` requires (1) a device of `T`, (2) a callback that C makes only while
        // the binding is complete, (3) data that is `Sync`. (1) The PM core calls the driver of the
        // device. (2) PM-EXCLUDED. (3) `Callbacks` requires it.
        let called =
            unsafe { driver::with_bound::<T, _>(device, |device, data| callback(device, data)) };
        called.unwrap_or(Err(EBUSY)).map(|()| 0)
    })
}
