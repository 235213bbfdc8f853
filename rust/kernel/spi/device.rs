// SPDX-License-Identifier: GPL-2.0

//! An SPI device: its chip select, name, interrupt and settings.
//!
//! C header: [`include/linux/spi/spi.h`](srctree/include/linux/spi/spi.h)

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use super::{
    limits::Limits,
    settings::{Mode, Settings},
};
use crate::{
    bindings,
    device::{self, Bound, Kind, Recognized},
    error::to_result,
    prelude::*,
};

/// The [`Kind`] of an SPI device.
pub enum Spi {}

/// A device on an SPI bus, `struct spi_device`.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Spi>;

// SAFETY: `Kind` requires the offset of an embedded device whose release function frees the whole:
// `dev` is that device, and its release function frees the `spi_device`.
unsafe impl Kind for Spi {
    type Raw = bindings::spi_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::spi_device, dev);
}

// SAFETY: `Recognized` requires that the function is true only for devices that are embedded in the
// type. All devices of the SPI bus are embedded in a `struct spi_device`. Controllers are devices
// of a class, not of this bus.
unsafe impl Recognized for Spi {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_is_spi_device;
}

impl Device {
    /// The number of the chip select line to which the device is connected. Not in Linux 7.3.
    ///
    /// A device with several lines gives its first.
    ///
    /// Context: any context.
    #[doc(alias = "spi_get_chipselect")]
    pub fn chip_select(&self) -> u8 {
        // SAFETY: `spi_get_chipselect()` requires a live device: DEV-LIVE.
        unsafe { bindings::lb_spi_get_chipselect(self.as_raw()) }
    }

    /// The name of the device's type, by which SPI ids match. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn modalias(&self) -> &CStr {
        // SAFETY: a field's place requires a live device: DEV-LIVE.
        let name = unsafe { &raw const (*self.as_raw()).modalias };
        // SAFETY: `from_char_ptr` requires a C string that stays for the lifetime of `self`. Code
        // that makes a device ends its name with a zero before it adds the device, and then leaves
        // the name alone.
        unsafe { CStr::from_char_ptr(name.cast()) }
    }

    /// The mode in which the device is clocked and selected. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn mode(&self) -> Mode {
        Mode::from_raw(self.mode_word().load(Ordering::Relaxed))
    }

    /// The clock rate, in hertz, of transfers that have no rate of their own, or 0 if nobody has
    /// named one. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn max_speed_hz(&self) -> u32 {
        self.speed_word().load(Ordering::Relaxed)
    }

    /// The number of bits in a word of the device. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn bits_per_word(&self) -> u8 {
        self.bits_byte().load(Ordering::Relaxed)
    }

    /// The mode, the clock rate and the word length together. Not in Linux 7.3.
    ///
    /// While [`setup`](Device::setup) runs on another thread, some of them may be the former ones.
    ///
    /// Context: any context.
    pub fn settings(&self) -> Settings {
        Settings {
            mode: self.mode(),
            max_speed_hz: self.max_speed_hz(),
            bits_per_word: self.bits_per_word(),
        }
    }

    // C changes these three fields only in `spi_setup()`. In this crate only `setup` calls that,
    // under the bus' lock. Other threads may read the fields at that time.

    fn mode_word(&self) -> &AtomicU32 {
        // SAFETY: a field's place requires a live device: DEV-LIVE.
        let field = unsafe { &raw mut (*self.as_raw()).mode };
        // SAFETY: `from_ptr` requires (1) an aligned field that lives for as long as `self`, (2)
        // that this crate accesses it only atomically. (1) DEV-LIVE. (2) This is the one place that
        // names it.
        unsafe { AtomicU32::from_ptr(field) }
    }

    fn speed_word(&self) -> &AtomicU32 {
        // SAFETY: a field's place requires a live device: DEV-LIVE.
        let field = unsafe { &raw mut (*self.as_raw()).max_speed_hz };
        // SAFETY: `from_ptr` has the requirements that it has in `mode_word`, which hold for the
        // same reasons.
        unsafe { AtomicU32::from_ptr(field) }
    }

    fn bits_byte(&self) -> &AtomicU8 {
        // SAFETY: a field's place requires a live device: DEV-LIVE.
        let field = unsafe { &raw mut (*self.as_raw()).bits_per_word };
        // SAFETY: `from_ptr` has the requirements that it has in `mode_word`, which hold for the
        // same reasons.
        unsafe { AtomicU8::from_ptr(field) }
    }

    fn store(&self, settings: Settings) {
        self.mode_word()
            .store(settings.mode.as_raw(), Ordering::Relaxed);
        self.speed_word()
            .store(settings.max_speed_hz, Ordering::Relaxed);
        self.bits_byte()
            .store(settings.bits_per_word, Ordering::Relaxed);
    }
}

impl Device<Bound> {
    /// The number of the device's interrupt, if it has one. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn irq(&self) -> Option<u32> {
        // SAFETY: a read requires a live device whose field nobody writes meanwhile: DEV-LIVE. The
        // SPI core sets the field before `probe`, and leaves it until the device is unbound.
        let irq = unsafe { (*self.as_raw()).irq };
        u32::try_from(irq).ok().filter(|&irq| irq > 0)
    }

    /// The limits of the device's controller. Not in Linux 7.3.
    ///
    /// The sizes may depend on the device's settings.
    ///
    /// Context: process context.
    pub fn limits(&self) -> Limits {
        let mut limits = bindings::lb_spi_limits::default();
        // SAFETY: `lb_spi_get_limits()` requires (1) a device whose controller is registered, since
        // it calls the controller, (2) memory for the limits. (1) A bound device is below its
        // controller. (2) The memory is this function's own.
        unsafe { bindings::lb_spi_get_limits(self.as_raw(), &raw mut limits) };
        Limits::from_raw(limits)
    }

    /// Changes the mode, the clock rate and the word length, and deselects the device. Not in Linux
    /// 7.3.
    ///
    /// Transfers that are running end first. Later transfers have the new settings.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if the controller does not have these settings, see [`limits`](Device::limits).
    /// - The errors of `spi_setup()`.
    ///
    /// The device keeps its former settings then.
    #[doc(alias = "spi_setup")]
    pub fn setup(&self, settings: Settings) -> Result {
        self.limits().check_settings(settings)?;
        let raw = self.as_raw();
        // SAFETY: `mutex_lock()` requires a context that may sleep, and a lock that lives. This
        // method requires that context of its caller, and the device references its controller.
        unsafe { bindings::lb_spi_lock_bus(raw) };
        let former = self.settings();
        self.store(settings);
        // SAFETY: `spi_setup()` requires (1) a device whose controller is registered, (2) that no
        // transfer to the device is running. (1) A bound device is below its controller. (2)
        // Transfers hold the lock.
        let result = to_result(unsafe { bindings::spi_setup(raw) });
        if result.is_err() {
            self.store(former);
            // SAFETY: `spi_setup()` has the requirements that it has above, which still hold. The
            // controller may have taken some of the new settings. It has taken the former ones
            // before; if it refuses them now, nothing more can be done.
            let _ = unsafe { bindings::spi_setup(raw) };
        }
        // SAFETY: `lb_spi_unlock_bus()` requires that this thread holds the lock: it does since
        // `lb_spi_lock_bus()`.
        unsafe { bindings::lb_spi_unlock_bus(raw) };
        result
    }
}
