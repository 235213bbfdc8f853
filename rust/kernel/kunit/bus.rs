// SPDX-License-Identifier: GPL-2.0

//! A bus without hardware, for tests of drivers on real `struct device`s.
//!
//! C side: `rust/machines/kunit_bus.c`. Each device has a log of words. The bus writes two of them:
//! `removed` when the remove callback has returned, and `cleanup` between the driver's removal and
//! the release of managed resources. The tests write the words for events in Rust.

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

/// The bus, which is registered as long as this lives.
pub struct TestBus(());

impl TestBus {
    /// Registers the bus. The module of the tests calls this once.
    ///
    /// # Errors
    ///
    /// Errors of `bus_register()`.
    pub fn register() -> Result<Self> {
        // SAFETY: `bus_register()` requires a bus that is not registered; the module calls this
        // once.
        to_result(unsafe { bindings::lb_kunit_bus_register() })?;
        Ok(Self(()))
    }
}

impl Drop for TestBus {
    fn drop(&mut self) {
        // SAFETY: the shim requires a registered bus without devices; `register` registered it.
        // Devices hold the module, so there are none when this is dropped with the module.
        unsafe { bindings::lb_kunit_bus_unregister() };
    }
}

/// The [`Kind`] of a device of the bus. If `EARLY`, the remove callback drops the data of drivers
/// on every kernel. Otherwise the data is dropped at the point that the kernel's core offers.
pub(crate) enum Kunit<const EARLY: bool> {}

/// A device of the bus, as its driver sees it.
pub(crate) type KunitDevice<Ctx, const EARLY: bool> = Device<Ctx, Kunit<EARLY>>;

// SAFETY: `Kind` requires that `DEVICE_OFFSET` be that of the embedded device, whose release
// function frees the whole; `dev` is that device.
unsafe impl<const EARLY: bool> Kind for Kunit<EARLY> {
    type Raw = bindings::lb_kunit_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::lb_kunit_device, dev);
}

// SAFETY: `Recognized` requires that each device which `IS_KIND` accepts be embedded in a `Raw`;
// all devices of the bus are embedded in a `struct lb_kunit_device`.
unsafe impl<const EARLY: bool> Recognized for Kunit<EARLY> {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_kunit_is_device;
}

// SAFETY: `Bus` has five requirements here.
//
// 1. The offsets are right: `driver` is the embedded driver. All other fields are pointers, which
//    may be zero.
// 2. The bus does not write to a bound device's `driver_data`.
// 3. `driver_unregister()` unbinds all devices, and waits for the driver's callbacks.
// 4. The driver core calls probe and remove under the device lock, and remove only after a
//    successful probe.
// 5. `cleanup`, between remove and the release of managed resources, only writes to the log.
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

/// Does what [`note`] does, for a device that may have no driver.
pub(crate) fn note_normal<const EARLY: bool>(device: &KunitDevice<Normal, EARLY>, word: &str) {
    note_raw(device.as_raw(), word);
}

fn note_raw(device: *mut bindings::lb_kunit_device, word: &str) {
    let len = c_int::try_from(word.len()).unwrap_or(0);
    // SAFETY: `lb_kunit_note` requires a live device and `len` bytes; the device is that of a
    // reference, and `word` has that many.
    unsafe { bindings::lb_kunit_note(device, word.as_ptr().cast(), len) };
}

/// The mode of a device, which says what the driver does with it.
pub(crate) fn mode<const EARLY: bool>(device: &KunitDevice<Core<'_>, EARLY>) -> c_int {
    // SAFETY: the read requires a live device and a field that nobody writes meanwhile; DEV-LIVE
    // gives the first, and tests set the mode only while no driver is bound.
    unsafe { (*device.as_raw()).mode }
}

/// A device that a test has made. Dropping this removes the device.
pub(crate) struct TestDevice {
    raw: NonNull<bindings::lb_kunit_device>,
    added: bool,
}

// SAFETY: `Send` requires that any thread may own the value; C allows all calls of these methods on
// any thread.
unsafe impl Send for TestDevice {}

// SAFETY: `Sync` requires that threads may share the value; the same holds as for `Send`. C takes
// no lock for the mode, but tests change it only while no other thread reads it.
unsafe impl Sync for TestDevice {}

impl TestDevice {
    /// Makes a device for the driver of that name, without adding it to the bus.
    pub(crate) fn new(driver: &'static CStr, mode: c_int) -> Result<Self> {
        Self::below(driver, mode, core::ptr::null_mut())
    }

    /// Makes a device with a parent, without adding it to the bus.
    pub(crate) fn child(driver: &'static CStr, mode: c_int, parent: &Self) -> Result<Self> {
        Self::below(driver, mode, parent.as_raw_device())
    }

    fn below(driver: &'static CStr, mode: c_int, parent: *mut bindings::device) -> Result<Self> {
        // SAFETY: the shim requires a name that lives as long as the device, and a live parent or
        // null; the name is static, and the callers pass such a parent.
        let raw = unsafe { bindings::lb_kunit_device_new(driver.as_char_ptr(), mode, parent) };
        let raw = NonNull::new(raw).ok_or(ENOMEM)?;
        Ok(Self { raw, added: false })
    }

    /// Makes a device and adds it to the bus. If its driver is registered, the driver is bound.
    pub(crate) fn added(driver: &'static CStr, mode: c_int) -> Result<Self> {
        let mut device = Self::new(driver, mode)?;
        device.add()?;
        Ok(device)
    }

    /// Adds the device to the bus.
    pub(crate) fn add(&mut self) -> Result {
        // SAFETY: `device_add()` requires an initialised device that was not added; `below`
        // initialised it, and tests add it once.
        to_result(unsafe { bindings::lb_kunit_device_add(self.raw.as_ptr()) })?;
        self.added = true;
        Ok(())
    }

    /// Removes the device from the bus, which unbinds its driver. The structure stays until this is
    /// dropped.
    pub(crate) fn remove(&mut self) {
        if core::mem::take(&mut self.added) {
            // SAFETY: `device_del` requires a device that was added; `added` says so.
            unsafe { bindings::device_del(self.as_raw_device()) };
        }
    }

    /// Unbinds the driver, as a write to sysfs does.
    pub(crate) fn unbind(&self) {
        // SAFETY: `device_release_driver` requires a live device; `self` holds a reference.
        unsafe { bindings::device_release_driver(self.as_raw_device()) };
    }

    /// Makes the core search for a driver again. Returns whether a driver is bound afterwards.
    pub(crate) fn attach(&self) -> bool {
        // SAFETY: `lb_kunit_attach` requires a live device that was added; `self` holds a
        // reference, and tests have added the device.
        unsafe { bindings::lb_kunit_attach(self.raw.as_ptr()) == 1 }
    }

    /// Sets the mode, which says what the driver does next time.
    pub(crate) fn set_mode(&self, mode: c_int) {
        // SAFETY: the write requires a live device and a field that nobody else uses meanwhile;
        // `self` holds a reference, and tests do this only while no driver is bound or being bound.
        unsafe { (*self.raw.as_ptr()).mode = mode };
    }

    /// Sets the error with which the bus fails before the driver's probe; 0 means that it does not
    /// fail.
    pub(crate) fn set_dma_error(&self, error: c_int) {
        // SAFETY: the same holds as in `set_mode`.
        unsafe { (*self.raw.as_ptr()).dma_error = error };
    }

    /// Sets the device's data pointer, as other code may do.
    pub(crate) fn set_drvdata(&self, data: usize) {
        let data = core::ptr::without_provenance_mut(data);
        // SAFETY: `lb_dev_set_drvdata` requires a live device; `self` holds a reference.
        unsafe { bindings::lb_dev_set_drvdata(self.as_raw_device(), data) };
    }

    /// The device's data pointer.
    pub(crate) fn drvdata(&self) -> usize {
        // SAFETY: `lb_dev_get_drvdata` requires a live device; `self` holds a reference.
        unsafe { bindings::lb_dev_get_drvdata(self.as_raw_device()) }.addr()
    }

    /// Whether a driver is bound.
    pub(crate) fn is_bound(&self) -> bool {
        // SAFETY: the read requires a live device and a field that nobody writes meanwhile; `self`
        // holds a reference, and no other thread binds the device at this time.
        !unsafe { (*self.as_raw_device()).driver }.is_null()
    }

    /// Whether the device has managed resources.
    pub(crate) fn has_resources(&self) -> bool {
        // SAFETY: the field's address requires a live device; `self` holds a reference.
        let head = unsafe { &raw mut (*self.as_raw_device()).devres_head };
        // SAFETY: the read requires an initialised head, which each device has. An empty list
        // points to its own head.
        !core::ptr::eq(unsafe { (*head).next }, head)
    }

    /// Fails the test unless the log has exactly these words. Empties the log.
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

    /// Returns the log, and empties it.
    pub(crate) fn take_log<'a>(&self, buffer: &'a mut [u8; 256]) -> &'a str {
        // SAFETY: `lb_kunit_read_log` requires a live device and a buffer of the given size; `self`
        // holds a reference, and `buffer` has 256 bytes.
        let len = unsafe {
            bindings::lb_kunit_read_log(self.raw.as_ptr(), buffer.as_mut_ptr().cast(), 256)
        };
        let log = buffer.get(..len as usize).unwrap_or_default();
        core::str::from_utf8(log).unwrap_or("not UTF-8")
    }

    /// The device, even if no driver is bound.
    pub(crate) fn normal<const EARLY: bool>(&self) -> &KunitDevice<Normal, EARLY> {
        // SAFETY: `from_raw` requires DEV-LIVE for the borrow; `self` holds a reference.
        unsafe { Device::from_raw(self.raw.as_ptr()) }
    }

    /// The device in the context `Bound`. The test does not unbind the driver while it uses the
    /// result.
    pub(crate) fn bound<const EARLY: bool>(&self) -> &KunitDevice<Bound, EARLY> {
        // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT for the borrow; `self` holds a
        // reference, and the test keeps a driver bound.
        unsafe { Device::from_raw(self.raw.as_ptr()) }
    }

    fn as_raw_device(&self) -> *mut bindings::device {
        // SAFETY: the field's address requires a live device; `self` holds a reference.
        unsafe { &raw mut (*self.raw.as_ptr()).dev }
    }
}

impl Drop for TestDevice {
    fn drop(&mut self) {
        self.remove();
        // SAFETY: `put_device` requires a reference to give up; `lb_kunit_device_new` returned one.
        unsafe { bindings::put_device(self.as_raw_device()) };
    }
}
