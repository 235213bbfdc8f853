// SPDX-License-Identifier: GPL-2.0

//! The port of a bound device: when it is open, and when its driver receives.
//!
//! 1. The port is opened before the driver's `probe`, so that `probe` can set it up and send.
//! 2. Bytes that arrive from then on wait until the device is in service, since there is no data
//!    before to receive them.
//! 3. `receive` is called until `unbind` has returned. Bytes that arrive later are thrown away.
//! 4. The port is closed when the data was dropped and the managed resources were released.
//!
//! C calls back on a thread of its own, without the device lock.

use core::{
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, AtomicU32, Ordering},
};

use crate::{
    binding::{self, Binding, Part},
    bindings,
    device::{Bound, Device, Kind},
    error::to_result,
    prelude::*,
};

/// The device is not in service yet: whoever receives waits.
const STARTING: u32 = 1 << 31;
/// Nobody receives any more.
const CLOSED: u32 = 1 << 30;
/// The bits that count who receives.
const RECEIVING: u32 = CLOSED - 1;
/// A thread changes the settings.
const CHANGING: u32 = 1;

/// A binding's account of its port.
///
/// # Invariants
///
/// SERDEV-RECEIVES: a [`Receiving`] exists only between [`in_service`](Part::in_service) and the
/// return of [`leaving_service`](Part::leaving_service). The driver's data is in its place then.
pub struct Port {
    /// The device whose port is open; null if it is closed.
    open: AtomicPtr<bindings::serdev_device>,
    state: AtomicU32,
    settings: AtomicU32,
}

impl Port {
    pub(super) const fn new() -> Self {
        Self {
            open: AtomicPtr::new(ptr::null_mut()),
            state: AtomicU32::new(STARTING),
            settings: AtomicU32::new(0),
        }
    }

    /// The account of a bound device.
    ///
    /// # Errors
    ///
    /// `EPERM` if this module has not bound the device.
    pub(super) fn of<K>(device: &Device<Bound, K>) -> Result<&Self>
    where
        K: Kind<Raw = bindings::serdev_device>,
    {
        binding::of(device)?.part().ok_or(EPERM)
    }

    /// Opens the port of a device that is being bound.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of the port's driver. The port is not open then.
    pub(super) fn open<K>(
        device: &Device<Bound, K>,
        ops: &'static bindings::serdev_device_ops,
    ) -> Result
    where
        K: Kind<Raw = bindings::serdev_device>,
    {
        let port = Self::of(device)?;
        // SAFETY: the shim requires (1) a device whose port is closed, (2) callbacks that may be
        // called until the port is closed. (1) `probe` alone opens it, once. (2) They are static,
        // and `released` closes the port before the module can go.
        to_result(unsafe { bindings::lb_serdev_open(device.as_raw(), ops) })?;
        port.open.store(device.as_raw(), Ordering::Release);
        Ok(())
    }

    /// Lets the caller receive, once the device is in service. `None` if nobody receives any more.
    ///
    /// Context: process context; may sleep.
    pub(super) fn receive(&self) -> Option<Receiving<'_>> {
        wait_until_clear(&self.state, STARTING);
        let enter = |state| (state & CLOSED == 0).then_some(state + 1);
        let (success, failure) = (Ordering::Acquire, Ordering::Acquire);
        // OVERFLOW: there are fewer threads than `RECEIVING`.
        self.state.fetch_update(success, failure, enter).ok()?;
        // INVARIANT: SERDEV-RECEIVES: STARTING was clear and CLOSED was not set.
        Some(Receiving(self))
    }

    /// The right to change the settings, which one thread has at a time.
    ///
    /// Context: process context; may sleep.
    pub(super) fn settings(&self) -> Settings<'_> {
        while self.settings.swap(CHANGING, Ordering::Acquire) == CHANGING {
            wait_until_clear(&self.settings, CHANGING);
        }
        Settings(self)
    }
}

impl Part for Port {
    #[inline]
    fn in_service(&self, _: Binding<'_>) -> Result {
        self.state.fetch_and(!STARTING, Ordering::Release);
        wake(&self.state);
        Ok(())
    }

    /// Waits for the thread that receives.
    #[inline]
    fn leaving_service(&self, _: Binding<'_>) {
        self.state.fetch_or(CLOSED, Ordering::Release);
        self.state.fetch_and(!STARTING, Ordering::Release);
        wake(&self.state);
        // INVARIANT: SERDEV-RECEIVES: nobody enters any more, and nobody is left.
        wait_until_clear(&self.state, RECEIVING);
    }

    #[inline]
    fn released(&self, _: Binding<'_>) {
        if let Some(device) = NonNull::new(self.open.swap(ptr::null_mut(), Ordering::AcqRel)) {
            // SAFETY: `serdev_device_close()` requires an open port of a live device. `open` has
            // opened it, and the device lives for as long as it is bound.
            unsafe { bindings::serdev_device_close(device.as_ptr()) };
        }
    }
}

/// The right to receive.
pub(super) struct Receiving<'a>(&'a Port);

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        let former = self.0.state.fetch_sub(1, Ordering::Release);
        if former & CLOSED != 0 {
            wake(&self.0.state);
        }
    }
}

/// The right to change the settings.
pub(super) struct Settings<'a>(&'a Port);

impl Drop for Settings<'_> {
    fn drop(&mut self) {
        self.0.settings.store(0, Ordering::Release);
        wake(&self.0.settings);
    }
}

/// Waits until a word has none of these bits. The caller sees what was done before it lost them.
fn wait_until_clear(word: &AtomicU32, bits: u32) {
    // SAFETY: the shim requires a live word that is changed atomically alone, and a context that
    // may sleep. The reference gives the first, and the callers are in process context.
    unsafe { bindings::lb_wait_until_clear(word.as_ptr(), bits) }
}

/// Wakes those who wait for a word that has changed.
fn wake(word: &AtomicU32) {
    // SAFETY: the shim requires a pointer, which it only compares.
    unsafe { bindings::lb_wake_waiters(word.as_ptr()) }
}
