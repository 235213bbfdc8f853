// SPDX-License-Identifier: GPL-2.0

//! A driver's callbacks, and the table of them that C reads.

use core::marker::PhantomData;

use crate::{
    bindings,
    device::{Bound, Core, Device},
    driver::{self, Bus},
    error::from_result,
    ffi::c_int,
    prelude::*,
};

/// What an adapter says about one driver's power management.
pub trait Ops: driver::Ops {
    /// The driver's callbacks.
    const PM: Callbacks<Self>;
}

/// Called under the device lock. May sleep.
pub type SleepCallback<T> = for<'bound, 'core, 'd> fn(
    &'bound Device<Core<'core>, <T as driver::Ops>::Bus>,
    Pin<&'d <T as driver::Ops>::Data<'bound>>,
) -> Result;

/// Called without the device lock, possibly while other code uses the data. May sleep.
pub type RuntimeCallback<T> = for<'bound, 'd> fn(
    &'bound Device<Bound, <T as driver::Ops>::Bus>,
    Pin<&'d <T as driver::Ops>::Data<'bound>>,
) -> Result;

/// What a driver wants to be called for; see the [module's documentation](super).
///
/// An error of a suspending callback keeps the device, and with it the system, from being suspended; `EBUSY` and
/// `EAGAIN` say so quietly. After an error of a resuming callback the device is taken as broken.
pub struct Callbacks<T: driver::Ops> {
    suspend: Option<SleepCallback<T>>,
    resume: Option<SleepCallback<T>>,
    runtime_suspend: Option<RuntimeCallback<T>>,
    runtime_resume: Option<RuntimeCallback<T>>,
}

impl<T: driver::Ops> Callbacks<T> {
    /// No callbacks: the bus does what it can do by itself.
    pub const NONE: Self = Self {
        suspend: None,
        resume: None,
        runtime_suspend: None,
        runtime_resume: None,
    };

    /// Has `callback` called before the system sleeps, is frozen for hibernation, or powers off after it.
    pub const fn suspend(self, callback: SleepCallback<T>) -> Self {
        Self {
            suspend: Some(callback),
            ..self
        }
    }

    /// Has `callback` called after the system has slept, or hibernation was given up.
    pub const fn resume(self, callback: SleepCallback<T>) -> Self {
        Self {
            resume: Some(callback),
            ..self
        }
    }

    /// Has `callback` called before the device is suspended because nobody uses it.
    pub const fn runtime_suspend(self, callback: RuntimeCallback<T>) -> Self
    where
        for<'bound> T::Data<'bound>: Sync,
    {
        Self {
            runtime_suspend: Some(callback),
            ..self
        }
    }

    /// Has `callback` called when such a device is wanted again.
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

/// What the `Driver` of a bus with power management has beside its `Adapter`.
macro_rules! adapter {
    () => {
        /// What a [`Driver`] wants to be called for by power management. Not in Linux 7.3.
        pub type PmCallbacks<T> = $crate::pm::Callbacks<Adapter<T>>;

        impl<T: Driver> $crate::pm::Ops for Adapter<T> {
            const PM: PmCallbacks<T> = T::PM;
        }
    };
}
pub(crate) use adapter;

/// Sets up a driver's callbacks; for an adapter's [`fill`](driver::Ops::fill).
pub(crate) fn fill<T: Ops>(driver: &mut <T::Bus as Bus>::RawDriver) {
    // SAFETY: `Bus` puts a `struct device_driver` there. The table is static.
    unsafe { (*driver::driver_of::<T::Bus>(driver)).pm = table::<T>() };
}

/// The table of a driver's callbacks; null if it has none.
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

/// `Some` thunk if the driver has the callback.
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
        // SAFETY: all fields are optional function pointers.
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
        // SAFETY: the PM core calls this for a device of the driver, under the device lock.
        unsafe { sleep::<T>(device, T::PM.suspend) }
    }

    unsafe extern "C" fn resume(device: *mut bindings::device) -> c_int {
        // SAFETY: as in `suspend`.
        unsafe { sleep::<T>(device, T::PM.resume) }
    }

    unsafe extern "C" fn runtime_suspend(device: *mut bindings::device) -> c_int {
        // SAFETY: the PM core calls this for a device of the driver.
        unsafe { runtime::<T>(device, T::PM.runtime_suspend) }
    }

    unsafe extern "C" fn runtime_resume(device: *mut bindings::device) -> c_int {
        // SAFETY: as in `runtime_suspend`.
        unsafe { runtime::<T>(device, T::PM.runtime_resume) }
    }
}

/// Calls a driver's callback for system sleep. A device whose binding has no data has nothing to do.
///
/// # Safety
///
/// To be called by the PM core's callback, for its device.
unsafe fn sleep<T: Ops>(
    device: *mut bindings::device,
    callback: Option<SleepCallback<T>>,
) -> c_int {
    from_result(|| {
        let Some(callback) = callback else {
            return Ok(0);
        };
        // SAFETY: the PM core holds the device lock in these callbacks, and the driver is the device's.
        let called =
            unsafe { driver::with_locked::<T, _>(device, |device, data| callback(device, data)) };
        called.unwrap_or(Ok(())).map(|()| 0)
    })
}

/// Calls a driver's callback for runtime power management; `EBUSY` before the binding has data.
///
/// # Safety
///
/// To be called by the PM core's callback, for its device.
unsafe fn runtime<T: Ops>(
    device: *mut bindings::device,
    callback: Option<RuntimeCallback<T>>,
) -> c_int {
    from_result(|| {
        let Some(callback) = callback else {
            return Ok(0);
        };
        // SAFETY: PM-EXCLUDED: this runs between the binding's completion and its end. The data is `Sync`, which
        // `Callbacks` demands.
        let called =
            unsafe { driver::with_bound::<T, _>(device, |device, data| callback(device, data)) };
        called.unwrap_or(Err(EBUSY)).map(|()| 0)
    })
}
