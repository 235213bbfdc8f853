// SPDX-License-Identifier: GPL-2.0

//! What a binding does about the device's power, from `probe` until it has ended.

use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU32, Ordering};

use super::RuntimePm;
use crate::{
    binding::{Binding, Part},
    bindings,
    error::to_result,
    prelude::*,
};

/// The driver has not asked for runtime power management.
const OFF: u8 = 0;
/// It has, in `probe`.
const WANTED: u8 = 1;
/// The device may be suspended.
const ALLOWED: u8 = 2;

/// A binding's account of the device's power.
///
/// # Invariants
///
/// PM-EXCLUDED: the PM core calls the driver's runtime callbacks only between [`in_service`](Part::in_service), which
/// follows `attach`, and the return of [`ending`](Part::ending), which precedes `unbind`.
pub struct Power {
    by: RuntimePm,
    /// Whether the binding holds the device powered by itself, past the bus' remove callback.
    kept: AtomicBool,
    runtime: AtomicU8,
    /// In milliseconds; negative for none.
    delay: AtomicI32,
    /// References on the usage count of which [`Powered`](crate::pm::Powered) values have not given back theirs.
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

    /// Notes that the driver wants runtime power management. Once it is allowed this does nothing:
    /// [`ending`](Part::ending) has to know. Called under the device lock, as the hooks are.
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

    /// Whether the PM core manages the device on this binding's behalf.
    pub(super) fn managed(&self) -> bool {
        self.runtime.load(Ordering::Acquire) == ALLOWED
    }

    /// The number of users that the binding's end has to answer for.
    pub(super) fn users(&self) -> &AtomicU32 {
        &self.users
    }
}

impl Part for Power {
    /// Lets the device be suspended, if the driver wants it.
    ///
    /// # Errors
    ///
    /// `pm_runtime_set_active()`'s, such as `EBUSY` if the parent is suspended; nothing has changed then.
    fn in_service(&self, binding: Binding<'_>) -> Result {
        if self.runtime.load(Ordering::Acquire) != WANTED {
            return Ok(());
        }
        let raw = binding.device().as_raw();
        let delay = self.delay.load(Ordering::Relaxed);
        // SAFETY: DEV-LIVE, here and below.
        unsafe { bindings::lb_pm_runtime_use_autosuspend(raw, delay) };
        self.runtime.store(ALLOWED, Ordering::Release);
        let result = match self.by {
            RuntimePm::HeldByBus => {
                // SAFETY: the bus took this reference for the driver to give up; `ending` takes it back.
                unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
                Ok(())
            }
            // SAFETY: nobody else enables it on such a bus.
            RuntimePm::ByDriver => to_result(unsafe { bindings::lb_pm_runtime_enable_active(raw) }),
            RuntimePm::None => Ok(()),
        };
        if result.is_err() {
            self.runtime.store(OFF, Ordering::Release);
            // SAFETY: DEV-LIVE; answers the call above.
            unsafe { bindings::lb_pm_runtime_dont_use_autosuspend(raw) };
        }
        result
    }

    /// Resumes the device, and lets it be suspended no more. Returns when no runtime callback runs.
    fn ending(&self, binding: Binding<'_>) {
        if !self.managed() {
            return;
        }
        let raw = binding.device().as_raw();
        // INVARIANT: PM-EXCLUDED: it waits for a callback that runs; with the reference held, none is called.
        // SAFETY: DEV-LIVE, here and below.
        unsafe { bindings::lb_pm_runtime_get_sync(raw) };
        if self.by == RuntimePm::ByDriver {
            // SAFETY: answers the call in `in_service`.
            unsafe { bindings::lb_pm_runtime_disable(raw) };
        }
    }

    /// Keeps the device powered past the bus' remove callback, which ends the bus' own hold on it.
    fn kept(&self, binding: Binding<'_>) {
        // SAFETY: DEV-LIVE.
        unsafe { bindings::lb_pm_runtime_get_noresume(binding.device().as_raw()) };
        self.kept.store(true, Ordering::Release);
    }

    /// Gives back what the binding still has: everything that may use the device is gone.
    fn released(&self, binding: Binding<'_>) {
        let raw = binding.device().as_raw();
        for _ in 0..self.users.swap(0, Ordering::AcqRel) {
            // SAFETY: DEV-LIVE, here and below; a forgotten `Powered` has left this reference.
            unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
        }
        if self.runtime.swap(OFF, Ordering::AcqRel) == ALLOWED {
            // SAFETY: answers `in_service`.
            unsafe { bindings::lb_pm_runtime_dont_use_autosuspend(raw) };
            if self.by == RuntimePm::ByDriver {
                // SAFETY: answers `ending`.
                unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
                // SAFETY: it is disabled, as the call demands.
                unsafe { bindings::lb_pm_runtime_set_suspended(raw) };
            }
        }
        if self.kept.swap(false, Ordering::AcqRel) {
            // SAFETY: answers `kept`.
            unsafe { bindings::lb_pm_runtime_put_sync(raw) };
        }
    }
}
