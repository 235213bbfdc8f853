// SPDX-License-Identifier: GPL-2.0

//! The power of a device from the begin of its binding until the end.

use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU32, Ordering};

use super::RuntimePm;
use crate::{
    binding::{Binding, Part},
    bindings,
    error::to_result,
    prelude::*,
};

/// The driver has not requested runtime power management.
const OFF: u8 = 0;
/// The driver has requested it, in `probe` or `attach`.
const WANTED: u8 = 1;
/// The PM core may suspend the device.
const ALLOWED: u8 = 2;

/// A binding's account of the device's power.
///
/// # Invariants
///
/// PM-EXCLUDED: the PM core calls the driver's runtime callbacks only between
/// [`in_service`](Part::in_service), which follows `attach`, and the return of
/// [`ending`](Part::ending), which precedes `unbind`.
pub struct Power {
    by: RuntimePm,
    /// Whether the binding itself holds the device powered, past the bus' remove callback.
    kept: AtomicBool,
    runtime: AtomicU8,
    /// The delay in milliseconds; negative if there is no delay.
    delay: AtomicI32,
    /// The references of the usage count that [`Powered`](crate::pm::Powered) values own, forgotten
    /// ones included.
    users: AtomicU32,
}

impl Power {
    /// The account of a device on a bus where `by` begins runtime power management.
    pub(crate) const fn new(by: RuntimePm) -> Self {
        Self {
            by,
            kept: AtomicBool::new(false),
            runtime: AtomicU8::new(OFF),
            delay: AtomicI32::new(-1),
            users: AtomicU32::new(0),
        }
    }

    /// Notes that the driver requests runtime power management. Once that is allowed, this does
    /// nothing, because [`ending`](Part::ending) relies on the state. The caller holds the device
    /// lock, as the callers of the hooks do.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` on a bus that suspends its devices by itself.
    pub(super) fn want(&self, delay_ms: Option<i32>) -> Result {
        if self.by == RuntimePm::None {
            return Err(EOPNOTSUPP);
        }
        if self.managed() {
            return Ok(());
        }
        self.delay.store(delay_ms.unwrap_or(-1), Ordering::Relaxed);
        self.runtime.store(WANTED, Ordering::Release);
        Ok(())
    }

    /// Whether the PM core manages the device because this binding has allowed it.
    pub(super) fn managed(&self) -> bool {
        self.runtime.load(Ordering::Acquire) == ALLOWED
    }

    /// The number of users, whose references the end of the binding gives up if they were
    /// forgotten.
    pub(super) fn users(&self) -> &AtomicU32 {
        &self.users
    }
}

impl Part for Power {
    /// Lets the PM core suspend the device, if the driver has requested it.
    ///
    /// # Errors
    ///
    /// Errors of `pm_runtime_set_active()`, such as `EBUSY` if the parent is suspended. Nothing has
    /// changed then.
    #[inline]
    fn in_service(&self, binding: Binding<'_>) -> Result {
        if self.runtime.load(Ordering::Acquire) != WANTED {
            return Ok(());
        }
        let raw = binding.device().as_raw();
        let delay = self.delay.load(Ordering::Relaxed);
        // SAFETY: the shims here and below require a live device: DEV-LIVE.
        unsafe { bindings::lb_pm_runtime_use_autosuspend(raw, delay) };
        self.runtime.store(ALLOWED, Ordering::Release);
        let result = match self.by {
            RuntimePm::HeldByBus => {
                // SAFETY: the shim requires a reference to give up; the bus took one for the driver
                // to give up, and `ending` takes it again.
                unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
                Ok(())
            }
            // SAFETY: the shim requires a device whose runtime power management is disabled; on
            // such a bus nobody else enables it.
            RuntimePm::ByDriver => to_result(unsafe { bindings::lb_pm_runtime_enable_active(raw) }),
            RuntimePm::None => Ok(()),
        };
        if result.is_err() {
            self.runtime.store(OFF, Ordering::Release);
            // SAFETY: the shim requires a live device; DEV-LIVE. The call undoes
            // `lb_pm_runtime_use_autosuspend` above.
            unsafe { bindings::lb_pm_runtime_dont_use_autosuspend(raw) };
        }
        result
    }

    /// Resumes the device, and keeps the PM core from suspending it again. Returns when no runtime
    /// callback runs.
    #[inline]
    fn ending(&self, binding: Binding<'_>) {
        if !self.managed() {
            return;
        }
        let raw = binding.device().as_raw();
        // INVARIANT: PM-EXCLUDED: the call below waits for a running callback. While its reference
        // is held, the PM core calls none.
        // SAFETY: the shims here and below require a live device: DEV-LIVE.
        unsafe { bindings::lb_pm_runtime_get_sync(raw) };
        if self.by == RuntimePm::ByDriver {
            // SAFETY: the shim requires enabled runtime power management; `in_service` enabled it.
            unsafe { bindings::lb_pm_runtime_disable(raw) };
        }
    }

    /// Keeps the device powered past the bus' remove callback, which gives up the bus' own
    /// reference.
    #[inline]
    fn kept(&self, binding: Binding<'_>) {
        // SAFETY: the shim requires a live device: DEV-LIVE.
        unsafe { bindings::lb_pm_runtime_get_noresume(binding.device().as_raw()) };
        self.kept.store(true, Ordering::Release);
    }

    /// Gives up the references that the binding still owns. Everything that may use the device is
    /// gone by then.
    #[inline]
    fn released(&self, binding: Binding<'_>) {
        let raw = binding.device().as_raw();
        for _ in 0..self.users.swap(0, Ordering::AcqRel) {
            // SAFETY: the shims here and below require a live device: DEV-LIVE. This shim also
            // requires a reference to give up; a forgotten `Powered` has left one.
            unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
        }
        if self.runtime.swap(OFF, Ordering::AcqRel) == ALLOWED {
            // SAFETY: the call undoes `lb_pm_runtime_use_autosuspend` in `in_service`.
            unsafe { bindings::lb_pm_runtime_dont_use_autosuspend(raw) };
            if self.by == RuntimePm::ByDriver {
                // SAFETY: the shim requires a reference to give up; `ending` took one.
                unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
                // SAFETY: the shim requires disabled runtime power management; `ending` disabled
                // it.
                unsafe { bindings::lb_pm_runtime_set_suspended(raw) };
            }
        }
        if self.kept.swap(false, Ordering::AcqRel) {
            // SAFETY: the shim requires a reference to give up; `kept` took one.
            unsafe { bindings::lb_pm_runtime_put_sync(raw) };
        }
    }
}
