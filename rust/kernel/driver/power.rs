// SPDX-License-Identifier: GPL-2.0

//! What a binding does about the device's power, from `probe` until the driver's data was dropped.

use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU32, Ordering};

use super::Bus;
use crate::{
    bindings,
    device::{CoreInternal, Device},
    error::to_result,
    pm::RuntimePm,
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
/// PM-EXCLUDED: the PM core calls the driver's runtime callbacks only between [`begin`](Self::begin), which follows
/// `attach`, and the return of [`end`](Self::end), which precedes `unbind`.
pub(crate) struct Power {
    /// Whether the binding holds the device powered by itself, past the bus' remove callback.
    kept: AtomicBool,
    runtime: AtomicU8,
    /// In milliseconds; negative for none.
    delay: AtomicI32,
    /// References on the usage count of which [`Powered`](crate::pm::Powered) values have not given back theirs.
    users: AtomicU32,
}

impl Power {
    pub(super) const fn new() -> Self {
        Self {
            kept: AtomicBool::new(false),
            runtime: AtomicU8::new(OFF),
            delay: AtomicI32::new(-1),
            users: AtomicU32::new(0),
        }
    }

    /// Notes that the driver wants runtime power management. Once [`begin`](Self::begin) has allowed it, this does
    /// nothing: [`end`](Self::end) has to know. Called under the device lock, as these are.
    pub(crate) fn want(&self, delay_ms: Option<i32>) {
        if self.managed() {
            return;
        }
        self.delay.store(delay_ms.unwrap_or(-1), Ordering::Relaxed);
        self.runtime.store(WANTED, Ordering::Release);
    }

    /// Whether the PM core manages the device on this binding's behalf.
    pub(crate) fn managed(&self) -> bool {
        self.runtime.load(Ordering::Acquire) == ALLOWED
    }

    /// The number of users that the binding's end has to answer for.
    pub(crate) fn users(&self) -> &AtomicU32 {
        &self.users
    }

    /// Lets the device be suspended, if the driver wants it. Called when the binding is complete.
    ///
    /// # Errors
    ///
    /// `pm_runtime_set_active()`'s, such as `EBUSY` if the parent is suspended; nothing has changed then.
    pub(super) fn begin<B: Bus>(&self, device: &Device<CoreInternal<'_>, B>) -> Result {
        if self.runtime.load(Ordering::Acquire) != WANTED {
            return Ok(());
        }
        let raw = device.as_raw_device();
        let delay = self.delay.load(Ordering::Relaxed);
        // SAFETY: DEV-LIVE, here and below.
        unsafe { bindings::lb_pm_runtime_use_autosuspend(raw, delay) };
        self.runtime.store(ALLOWED, Ordering::Release);
        let result = match B::RUNTIME_PM {
            RuntimePm::HeldByBus => {
                // SAFETY: the bus took this reference for the driver to give up; `end` takes it back.
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
    pub(super) fn end<B: Bus>(&self, device: &Device<CoreInternal<'_>, B>) {
        if !self.managed() {
            return;
        }
        let raw = device.as_raw_device();
        // INVARIANT: PM-EXCLUDED: it waits for a callback that runs; with the reference held, none is called.
        // SAFETY: DEV-LIVE, here and below.
        unsafe { bindings::lb_pm_runtime_get_sync(raw) };
        if matches!(B::RUNTIME_PM, RuntimePm::ByDriver) {
            // SAFETY: answers the call in `begin`.
            unsafe { bindings::lb_pm_runtime_disable(raw) };
        }
    }

    /// Keeps the device powered past the bus' remove callback, which ends the bus' own hold on it.
    pub(super) fn keep<B: Bus>(&self, device: &Device<CoreInternal<'_>, B>) {
        // SAFETY: DEV-LIVE.
        unsafe { bindings::lb_pm_runtime_get_noresume(device.as_raw_device()) };
        self.kept.store(true, Ordering::Release);
    }

    /// Gives back what the binding still has, after the driver's data was dropped.
    pub(super) fn release<B: Bus>(&self, device: &Device<CoreInternal<'_>, B>) {
        let raw = device.as_raw_device();
        for _ in 0..self.users.swap(0, Ordering::AcqRel) {
            // SAFETY: DEV-LIVE, here and below; a forgotten `Powered` has left this reference.
            unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
        }
        if self.runtime.swap(OFF, Ordering::AcqRel) == ALLOWED {
            // SAFETY: answers `begin`.
            unsafe { bindings::lb_pm_runtime_dont_use_autosuspend(raw) };
            if matches!(B::RUNTIME_PM, RuntimePm::ByDriver) {
                // SAFETY: answers `end`.
                unsafe { bindings::lb_pm_runtime_put_noidle(raw) };
                // SAFETY: it is disabled, as the call demands.
                unsafe { bindings::lb_pm_runtime_set_suspended(raw) };
            }
        }
        if self.kept.swap(false, Ordering::AcqRel) {
            // SAFETY: answers `keep`.
            unsafe { bindings::lb_pm_runtime_put_sync(raw) };
        }
    }
}
