// SPDX-License-Identifier: GPL-2.0

//! A device's share of a clock, which undoes what it has done.

use core::{
    ops::Deref,
    sync::atomic::{AtomicU32, Ordering},
};

use super::Hertz;
use crate::{
    bindings,
    device::Device,
    error::{code::ESHUTDOWN, from_err_ptr, to_result},
    prelude::*,
    str::CStrExt,
    sync::aref::ARef,
};

/// A device's share of a clock, `struct clk`.
///
/// Context: process context; may sleep (drop).
///
/// Dropping this disables and unprepares the clock as often as this value has enabled and prepared
/// it, and gives the share back. If this is forgotten, the clock stays as it is, and the device's
/// memory and the clock's module stay.
///
/// Clocks are counted: one that somebody else has enabled runs on. A value never takes away what
/// another one has counted: [`disable`](Self::disable) and [`unprepare`](Self::unprepare) undo what
/// this value has done, and nothing else.
///
/// ```no_run
/// use kernel::{clk::{Clk, Hertz}, device::Device, prelude::*};
///
/// fn start(dev: &Device) -> Result<Clk> {
///     let clk = Clk::get(dev, Some(c"core"))?;
///     clk.set_rate(Hertz::from_mhz(200))?;
///     clk.prepare_enable()?;
///     Ok(clk)
/// }
/// ```
///
/// # Invariants
///
/// - CLK-OWNED: `raw` is null, for a clock that does not exist, or a share that C has handed out
///   and that this value gives back once.
/// - CLK-COUNTED: `prepared` and `enabled` are at most the number of times that C has counted for
///   this value.
pub struct Clk {
    raw: *mut bindings::clk,
    prepared: AtomicU32,
    enabled: AtomicU32,
    /// C keeps the device's name in the share, and shows it in debugfs.
    _device: ARef<Device>,
}

// SAFETY: `Send` requires that any thread may own the value; a share belongs to no thread.
unsafe impl Send for Clk {}

// SAFETY: `Sync` requires that threads may share the value; C's functions on clocks take locks of
// their own, and the counts are atomic.
unsafe impl Sync for Clk {}

/// A function of C's that looks up a clock.
type Get =
    unsafe extern "C" fn(*mut bindings::device, *const crate::ffi::c_char) -> *mut bindings::clk;

/// Takes one away from `count`, unless `least` or less are left of it.
fn take(count: &AtomicU32, least: u32) -> bool {
    let fewer = |count: u32| (count > least).then(|| count - 1);
    count
        .fetch_update(Ordering::AcqRel, Ordering::Relaxed, fewer)
        .is_ok()
}

impl Clk {
    /// Looks up a clock of the device, by the name that the device has for it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// From C: `ENOENT` if the device has no such clock, `EPROBE_DEFER` if the clock is not there
    /// yet, `ENOMEM`.
    #[doc(alias("clk_get", "devm_clk_get", "clk_put"))]
    pub fn get(dev: &Device, name: Option<&CStr>) -> Result<Self> {
        // SAFETY: `take_from` requires a function of C's that is like `clk_get()`; this is it.
        unsafe { Self::take_from(bindings::clk_get, dev, name) }
    }

    /// Looks up a clock by `get`.
    ///
    /// # Safety
    ///
    /// `get` must require what `clk_get()` does, and return an error pointer, null, or a share of a
    /// clock.
    unsafe fn take_from(get: Get, dev: &Device, name: Option<&CStr>) -> Result<Self> {
        let name = name.map_or(core::ptr::null(), CStrExt::as_char_ptr);
        // SAFETY: `clk_get()` requires a live device, and a name that is null or lives until the
        // call returns: DEV-LIVE, and `name` is borrowed.
        let raw = from_err_ptr(unsafe { get(dev.as_raw(), name) })?;
        // INVARIANT: CLK-OWNED: C has handed it out above, or there is none.
        // INVARIANT: CLK-COUNTED: C has counted nothing yet.
        Ok(Self {
            raw,
            prepared: AtomicU32::new(0),
            enabled: AtomicU32::new(0),
            _device: dev.into(),
        })
    }

    /// Has the clock run. It must be prepared by this value.
    ///
    /// Context: any context but NMI.
    ///
    /// # Errors
    ///
    /// `ESHUTDOWN` if this value has not prepared the clock; errors of the clock's driver.
    #[doc(alias = "clk_enable")]
    pub fn enable(&self) -> Result {
        if self.prepared.load(Ordering::Acquire) == 0 {
            return Err(ESHUTDOWN);
        }
        // SAFETY: `clk_enable()` requires null or a share: CLK-OWNED.
        to_result(unsafe { bindings::clk_enable(self.raw) })?;
        // INVARIANT: CLK-COUNTED: C has counted one above. Both counters wrap at the same value.
        self.enabled.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Undoes one [`enable`](Self::enable). This does nothing if there is none to undo.
    ///
    /// Context: any context but NMI.
    #[doc(alias = "clk_disable")]
    pub fn disable(&self) {
        if take(&self.enabled, 0) {
            // SAFETY: `clk_disable()` requires null or a share that was enabled once more than it
            // was disabled: CLK-OWNED and CLK-COUNTED.
            unsafe { bindings::clk_disable(self.raw) }
        }
    }

    /// Makes the clock ready to be enabled.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of the clock's driver.
    #[doc(alias = "clk_prepare")]
    pub fn prepare(&self) -> Result {
        // SAFETY: `clk_prepare()` requires null or a share: CLK-OWNED.
        to_result(unsafe { bindings::clk_prepare(self.raw) })?;
        // INVARIANT: CLK-COUNTED: C has counted one above. Both counters wrap at the same value.
        self.prepared.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Undoes one [`prepare`](Self::prepare). This does nothing if there is none to undo, or if it
    /// is the last and this value still has the clock enabled.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "clk_unprepare")]
    pub fn unprepare(&self) {
        let least = u32::from(self.enabled.load(Ordering::Acquire) != 0);
        if take(&self.prepared, least) {
            // SAFETY: `clk_unprepare()` requires null or a share that was prepared once more than
            // it was unprepared: CLK-OWNED and CLK-COUNTED.
            unsafe { bindings::clk_unprepare(self.raw) }
        }
    }

    /// Prepares the clock and has it run.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of the clock's driver. The clock is as before then.
    #[doc(alias("clk_prepare_enable", "devm_clk_get_enabled"))]
    pub fn prepare_enable(&self) -> Result {
        self.prepare()?;
        self.enable().inspect_err(|_| self.unprepare())
    }

    /// Undoes one [`prepare_enable`](Self::prepare_enable).
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "clk_disable_unprepare")]
    pub fn disable_unprepare(&self) {
        self.disable();
        self.unprepare();
    }

    /// Returns the clock's rate; 0 if it has none, or if the clock does not exist.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "clk_get_rate")]
    pub fn rate(&self) -> Hertz {
        // SAFETY: `clk_get_rate()` requires null or a share: CLK-OWNED.
        Hertz(unsafe { bindings::clk_get_rate(self.raw) })
    }

    /// Sets the clock to the nearest rate that it can have; the clock's driver decides which that
    /// is.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// From C: `EBUSY` if somebody else has the rate to himself, and errors of the clock's driver.
    #[doc(alias = "clk_set_rate")]
    pub fn set_rate(&self, rate: Hertz) -> Result {
        // SAFETY: `clk_set_rate()` requires null or a share: CLK-OWNED.
        to_result(unsafe { bindings::clk_set_rate(self.raw, rate.as_hz()) })
    }
}

impl Drop for Clk {
    fn drop(&mut self) {
        while *self.enabled.get_mut() > 0 {
            self.disable();
        }
        while *self.prepared.get_mut() > 0 {
            self.unprepare();
        }
        // SAFETY: `clk_put()` requires null, or a share that is given back once: CLK-OWNED.
        unsafe { bindings::clk_put(self.raw) }
    }
}

/// A clock that the device can do without. If there is none, all of its methods succeed and do
/// nothing.
#[doc(alias("clk_get_optional", "devm_clk_get_optional"))]
pub struct OptionalClk(Clk);

impl OptionalClk {
    /// Looks up a clock of the device as [`Clk::get`] does. That there is none is no error.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// From C: `EPROBE_DEFER` if the clock is not there yet, `ENOMEM`.
    pub fn get(dev: &Device, name: Option<&CStr>) -> Result<Self> {
        // SAFETY: `take_from` requires a function of C's that is like `clk_get()`, and may return
        // null: `clk_get_optional()` is.
        unsafe { Clk::take_from(bindings::lb_clk_get_optional, dev, name) }.map(Self)
    }
}

impl Deref for OptionalClk {
    type Target = Clk;

    fn deref(&self) -> &Clk {
        &self.0
    }
}
