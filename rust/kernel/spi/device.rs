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

// SAFETY: `dev` is the embedded device; its release function frees the `spi_device`.
unsafe impl Kind for Spi {
    type Raw = bindings::spi_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::spi_device, dev);
}

// SAFETY: all devices of the SPI bus are embedded in a `struct spi_device`. Controllers are devices
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
    /// Context: any.
    pub fn chip_select(&self) -> u8 {
        // SAFETY: `spi_get_chipselect()` requires a live device: DEV-LIVE.
        unsafe { bindings::lb_spi_get_chipselect(self.as_raw()) }
    }

    /// The name of the device's type, by which SPI ids match. Not in Linux 7.3.
    ///
    /// Context: any.
    pub fn modalias(&self) -> &CStr {
        // SAFETY: DEV-LIVE.
        let name = unsafe { &raw const (*self.as_raw()).modalias };
        // SAFETY: `from_char_ptr` requires a C string that stays for the lifetime of `self`. Code
        // that makes a device ends its name with a zero before it adds the device, and then leaves
        // the name alone.
        unsafe { CStr::from_char_ptr(name.cast()) }
    }

    /// The mode in which the device is clocked and selected. Not in Linux 7.3.
    ///
    /// Context: any.
    pub fn mode(&self) -> Mode {
        Mode::from_raw(self.mode_word().load(Ordering::Relaxed))
    }

    /// The clock rate that transfers have unless they say another; 0 if nobody has named one. Not
    /// in Linux 7.3.
    ///
    /// Context: any.
    pub fn max_speed_hz(&self) -> u32 {
        self.speed_word().load(Ordering::Relaxed)
    }

    /// The number of bits in a word of the device. Not in Linux 7.3.
    ///
    /// Context: any.
    pub fn bits_per_word(&self) -> u8 {
        self.bits_byte().load(Ordering::Relaxed)
    }

    /// Mode, clock rate and word length together. Not in Linux 7.3.
    ///
    /// Context: any. While [`setup`](Device::setup) runs on another thread, some of them may be the
    /// former ones.
    pub fn settings(&self) -> Settings {
        Settings {
            mode: self.mode(),
            max_speed_hz: self.max_speed_hz(),
            bits_per_word: self.bits_per_word(),
        }
    }

    // C changes these three fields in `spi_setup()` alone, which here only `setup` calls, under the
    // bus' lock. Other threads may read them at that time.

    fn mode_word(&self) -> &AtomicU32 {
        // SAFETY: DEV-LIVE.
        let field = unsafe { &raw mut (*self.as_raw()).mode };
        // SAFETY: `from_ptr` requires (1) an aligned field that lives as long as `self`: DEV-LIVE;
        // (2) that this crate accesses it atomically only: this is the one place that names it.
        unsafe { AtomicU32::from_ptr(field) }
    }

    fn speed_word(&self) -> &AtomicU32 {
        // SAFETY: DEV-LIVE.
        let field = unsafe { &raw mut (*self.as_raw()).max_speed_hz };
        // SAFETY: as in `mode_word`.
        unsafe { AtomicU32::from_ptr(field) }
    }

    fn bits_byte(&self) -> &AtomicU8 {
        // SAFETY: DEV-LIVE.
        let field = unsafe { &raw mut (*self.as_raw()).bits_per_word };
        // SAFETY: as in `mode_word`.
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
    /// Context: any.
    pub fn irq(&self) -> Option<u32> {
        // SAFETY: DEV-LIVE; the SPI core sets it before `probe`, and leaves it until the device is
        // unbound.
        let irq = unsafe { (*self.as_raw()).irq };
        u32::try_from(irq).ok().filter(|&irq| irq > 0)
    }

    /// What the device's controller is able to do. Not in Linux 7.3.
    ///
    /// The sizes may depend on the device's settings.
    ///
    /// Context: process context.
    pub fn limits(&self) -> Limits {
        let mut limits = bindings::lb_spi_limits::default();
        // SAFETY: the shim requires (1) a device whose controller is registered, since it calls the
        // controller: a bound device is below it; (2) memory for the limits: the caller's own.
        unsafe { bindings::lb_spi_get_limits(self.as_raw(), &raw mut limits) };
        Limits::from_raw(limits)
    }

    /// Changes mode, clock rate and word length, and deselects the device. Not in Linux 7.3.
    ///
    /// Transfers that are under way end first, and later ones have the new settings.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the controller is not able to do it, see [`limits`](Device::limits); those of
    /// `spi_setup()`. The device keeps its former settings then.
    pub fn setup(&self, settings: Settings) -> Result {
        self.limits().check_settings(settings)?;
        let raw = self.as_raw();
        // SAFETY: `mutex_lock()` requires a context that may sleep, which this method demands, and a
        // lock that lives: the device references its controller.
        unsafe { bindings::lb_spi_lock_bus(raw) };
        let former = self.settings();
        self.store(settings);
        // SAFETY: `spi_setup()` requires (1) a device whose controller is registered: a bound device
        // is below it; (2) that no transfer to the device is under way: transfers hold the lock.
        let result = to_result(unsafe { bindings::spi_setup(raw) });
        if result.is_err() {
            self.store(former);
            // SAFETY: as above. The controller may have taken some of the new settings. That it took
            // the former ones before is all that can be said if it refuses them now.
            let _ = unsafe { bindings::spi_setup(raw) };
        }
        // SAFETY: this thread holds the lock since the call above.
        unsafe { bindings::lb_spi_unlock_bus(raw) };
        result
    }
}
