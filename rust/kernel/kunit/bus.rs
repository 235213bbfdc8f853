// SPDX-License-Identifier: GPL-2.0

//! A bus without hardware, for tests of drivers on real `struct device`s.
//!
//! C side: `rust/helpers/kunit_bus.c`. Each device has a log, into which the bus writes what it does (`cleanup`:
//! between the driver's removal and the release of managed resources; `removed`: the remove callback has returned), and
//! the tests what happens in Rust.

use core::ptr::NonNull;

use crate::{
    bindings,
    device::{Bound, Core, Device, Kind, Normal, Recognized},
    dma,
    driver::{Bus, Register, Unregister},
    error::to_result,
    ffi::c_int,
    pm,
    prelude::*,
};

/// The bus; registered as long as this lives.
pub struct TestBus(());

impl TestBus {
    /// Registers the bus. The module of the tests does so once.
    ///
    /// # Errors
    ///
    /// What `bus_register()` returns.
    pub fn register() -> Result<Self> {
        // SAFETY: `bus_register()` wants a bus that is not registered: the module does this once.
        to_result(unsafe { bindings::lb_kunit_bus_register() })?;
        Ok(Self(()))
    }
}

impl Drop for TestBus {
    fn drop(&mut self) {
        // SAFETY: it is registered. Devices hold the module, so there are none when this is dropped with it.
        unsafe { bindings::lb_kunit_bus_unregister() };
    }
}

/// The [`Kind`] of a device of the bus, for drivers whose data is dropped in the remove callback on every kernel
/// (`EARLY`), or where the kernel's core wants it.
pub(crate) enum Kunit<const EARLY: bool> {}

/// A device of the bus, as its driver sees it.
pub(crate) type KunitDevice<Ctx, const EARLY: bool> = Device<Ctx, Kunit<EARLY>>;

// SAFETY: `dev` is the embedded device, whose release function frees the whole.
unsafe impl<const EARLY: bool> Kind for Kunit<EARLY> {
    type Raw = bindings::lb_kunit_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::lb_kunit_device, dev);
}

// SAFETY: all devices of the bus are embedded in a `struct lb_kunit_device`.
unsafe impl<const EARLY: bool> Recognized for Kunit<EARLY> {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_kunit_is_device;
}

// SAFETY: `driver` is the embedded driver, all other fields are pointers. `driver_unregister()` unbinds all devices and
// waits. The core calls a bus' probe and remove under the device lock. `cleanup` between them only writes the log.
unsafe impl<const EARLY: bool> Bus for Kunit<EARLY> {
    type RawDriver = bindings::lb_kunit_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::lb_kunit_driver, driver);
    const UNREGISTER: Unregister<Self::RawDriver> = bindings::lb_kunit_driver_unregister;
    const DROP_IN_REMOVE: bool = EARLY;
    const REGISTER: Register<Self::RawDriver> = bindings::lb_kunit_driver_register;
}

/// Writes a word into the log of a device.
pub(crate) fn note<const EARLY: bool>(device: &KunitDevice<Bound, EARLY>, word: &str) {
    note_raw(device.as_raw(), word);
}

/// [`note`] for a device that may have no driver.
pub(crate) fn note_normal<const EARLY: bool>(device: &KunitDevice<Normal, EARLY>, word: &str) {
    note_raw(device.as_raw(), word);
}

fn note_raw(device: *mut bindings::lb_kunit_device, word: &str) {
    let len = c_int::try_from(word.len()).unwrap_or(0);
    // SAFETY: the shim wants a live device, and reads as many bytes as it is told.
    unsafe { bindings::lb_kunit_note(device, word.as_ptr().cast(), len) };
}

/// What the driver is to do with a device; the device carries it.
pub(crate) fn mode<const EARLY: bool>(device: &KunitDevice<Core<'_>, EARLY>) -> c_int {
    // SAFETY: DEV-LIVE; the mode is set while no driver is bound.
    unsafe { (*device.as_raw()).mode }
}

/// A device that a test has made. Removed when dropped.
pub(crate) struct TestDevice {
    raw: NonNull<bindings::lb_kunit_device>,
    added: bool,
}

// SAFETY: all that is done with it C allows on any thread.
unsafe impl Send for TestDevice {}

// SAFETY: as above; what C does not lock (the mode) tests change while no other thread looks.
unsafe impl Sync for TestDevice {}

impl TestDevice {
    /// Makes a device for the driver of that name, and does not add it.
    pub(crate) fn new(driver: &'static CStr, mode: c_int) -> Result<Self> {
        Self::below(driver, mode, core::ptr::null_mut())
    }

    /// Makes a device with a parent, and does not add it.
    pub(crate) fn child(driver: &'static CStr, mode: c_int, parent: &Self) -> Result<Self> {
        Self::below(driver, mode, parent.as_raw_device())
    }

    fn below(driver: &'static CStr, mode: c_int, parent: *mut bindings::device) -> Result<Self> {
        // SAFETY: the name lives for ever, and the parent is alive or null.
        let raw = unsafe { bindings::lb_kunit_device_new(driver.as_char_ptr(), mode, parent) };
        let raw = NonNull::new(raw).ok_or(ENOMEM)?;
        Ok(Self { raw, added: false })
    }

    /// Makes a device and adds it; a driver that is registered is bound.
    pub(crate) fn added(driver: &'static CStr, mode: c_int) -> Result<Self> {
        let mut device = Self::new(driver, mode)?;
        device.add()?;
        Ok(device)
    }

    /// Adds the device to the bus.
    pub(crate) fn add(&mut self) -> Result {
        // SAFETY: `device_add()` wants a device that is initialised and not added.
        to_result(unsafe { bindings::lb_kunit_device_add(self.raw.as_ptr()) })?;
        self.added = true;
        Ok(())
    }

    /// Takes the device off the bus, which unbinds its driver. The structure stays until this is dropped.
    pub(crate) fn remove(&mut self) {
        if core::mem::take(&mut self.added) {
            // SAFETY: the device is added.
            unsafe { bindings::device_del(self.as_raw_device()) };
        }
    }

    /// Unbinds the driver, as sysfs does.
    pub(crate) fn unbind(&self) {
        // SAFETY: the device is alive.
        unsafe { bindings::device_release_driver(self.as_raw_device()) };
    }

    /// Has the core look for a driver again, and tells whether one is bound afterwards.
    pub(crate) fn attach(&self) -> bool {
        // SAFETY: the device is alive and added.
        unsafe { bindings::lb_kunit_attach(self.raw.as_ptr()) == 1 }
    }

    /// Sets what the driver is to do next time.
    pub(crate) fn set_mode(&self, mode: c_int) {
        // SAFETY: the device is alive; tests do this while no driver is bound or being bound.
        unsafe { (*self.raw.as_ptr()).mode = mode };
    }

    /// Sets the error with which the bus fails before the driver's probe; 0: none.
    pub(crate) fn set_dma_error(&self, error: c_int) {
        // SAFETY: as in `set_mode`.
        unsafe { (*self.raw.as_ptr()).dma_error = error };
    }

    /// Sets the data pointer, as foreign code may.
    pub(crate) fn set_drvdata(&self, data: usize) {
        let data = core::ptr::without_provenance_mut(data);
        // SAFETY: the device is alive.
        unsafe { bindings::lb_dev_set_drvdata(self.as_raw_device(), data) };
    }

    /// The data pointer.
    pub(crate) fn drvdata(&self) -> usize {
        // SAFETY: the device is alive.
        unsafe { bindings::lb_dev_get_drvdata(self.as_raw_device()) }.addr()
    }

    /// Whether a driver is bound.
    pub(crate) fn is_bound(&self) -> bool {
        // SAFETY: the device is alive, and no other thread binds it at this time.
        !unsafe { (*self.as_raw_device()).driver }.is_null()
    }

    /// Whether the device has managed resources.
    pub(crate) fn has_resources(&self) -> bool {
        // SAFETY: the device is alive.
        let head = unsafe { &raw mut (*self.as_raw_device()).devres_head };
        // SAFETY: the list's head is initialised; a list that is empty points to its head.
        !core::ptr::eq(unsafe { (*head).next }, head)
    }

    /// Fails the test unless the log has these words, and empties it.
    #[track_caller]
    pub(crate) fn expect(&self, words: &str) {
        let mut buffer = [0; 256];
        let log = self.take_log(&mut buffer);
        if log != words {
            super::fail(format_args!(
                "the log is  \"{log}\"\n\t\tand not    \"{words}\""
            ));
        }
    }

    /// Empties the log.
    pub(crate) fn forget_log(&self) {
        self.take_log(&mut [0; 256]);
    }

    /// Gives the log, and empties it.
    pub(crate) fn take_log<'a>(&self, buffer: &'a mut [u8; 256]) -> &'a str {
        // SAFETY: the shim writes at most as many bytes as it is told.
        let len = unsafe {
            bindings::lb_kunit_read_log(self.raw.as_ptr(), buffer.as_mut_ptr().cast(), 256)
        };
        let log = buffer.get(..len as usize).unwrap_or_default();
        core::str::from_utf8(log).unwrap_or("not UTF-8")
    }

    /// The device, bound or not.
    pub(crate) fn normal<const EARLY: bool>(&self) -> &KunitDevice<Normal, EARLY> {
        // SAFETY: the device is alive as long as `self`.
        unsafe { Device::from_raw(self.raw.as_ptr()) }
    }

    /// The device with a driver bound, which the test does not unbind while it uses the result.
    pub(crate) fn bound<const EARLY: bool>(&self) -> &KunitDevice<Bound, EARLY> {
        // SAFETY: the device is alive as long as `self`. That it is bound is up to the test.
        unsafe { Device::from_raw(self.raw.as_ptr()) }
    }

    fn as_raw_device(&self) -> *mut bindings::device {
        // SAFETY: the device is alive.
        unsafe { &raw mut (*self.raw.as_ptr()).dev }
    }
}

impl Drop for TestDevice {
    fn drop(&mut self) {
        self.remove();
        // SAFETY: the reference of `lb_kunit_device_new` is ours.
        unsafe { bindings::put_device(self.as_raw_device()) };
    }
}
