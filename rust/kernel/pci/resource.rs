// SPDX-License-Identifier: GPL-2.0

//! What a binding owns of a PCI device: claimed regions, mappings, enabled decoding. Each is a payload among the
//! device's managed resources, so that it is given back even if the driver forgot its handle.

use core::{
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering},
};

use super::device::Device;
use crate::{
    binding::{self, Binding, Part},
    bindings,
    device::{Bound, Core},
    error::to_result,
    ffi::{c_int, c_void},
    prelude::*,
    str::CString,
};

/// The device behind a payload. Payloads are released while the device exists, so the pointer stays valid.
pub(super) struct Behind(NonNull<bindings::pci_dev>);

// SAFETY: C allows the calls that payloads make with it on any thread.
unsafe impl Send for Behind {}

impl Behind {
    pub(super) fn new(pdev: &Device<Bound>) -> Self {
        // SAFETY: a reference's pointer is not null.
        Self(unsafe { NonNull::new_unchecked(pdev.as_raw()) })
    }

    pub(super) fn as_ptr(&self) -> *mut bindings::pci_dev {
        self.0.as_ptr()
    }
}

/// A BAR that is reserved for the driver, with the name under which `/proc/iomem` shows it.
struct Claim {
    pdev: Behind,
    bar: c_int,
    // Freed after `drop` has released the region.
    _name: CString,
}

impl Claim {
    /// Reserves a BAR. May sleep. Errors: `EBUSY` from C if it is taken; `ENOMEM`.
    fn take(pdev: &Device<Bound>, bar: c_int, name: &CStr) -> Result<Self> {
        let name = name.to_cstring()?;
        // SAFETY: DEV-LIVE; `bar` was checked by the caller; the name lives until the region is released.
        to_result(unsafe { bindings::pci_request_region(pdev.as_raw(), bar, name.as_char_ptr()) })?;
        Ok(Self {
            pdev: Behind::new(pdev),
            bar,
            _name: name,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // SAFETY: reserved by `take`, and given back once.
        unsafe { bindings::pci_release_region(self.pdev.as_ptr(), self.bar) }
    }
}

/// A BAR that is reserved and mapped.
pub struct ClaimedBar {
    address: *mut c_void,
    // Given back after `drop` has unmapped it.
    claim: Claim,
}

// SAFETY: the address means the same on any thread.
unsafe impl Send for ClaimedBar {}

impl ClaimedBar {
    /// Reserves and maps all of a memory BAR; gives its address too. May sleep. Errors: as `Claim::take`.
    pub(super) fn new(pdev: &Device<Bound>, bar: c_int, name: &CStr) -> Result<(Self, usize)> {
        let claim = Claim::take(pdev, bar, name)?;
        // SAFETY: DEV-LIVE; the BAR is claimed. 0: all of it.
        let address = unsafe { bindings::pci_iomap(pdev.as_raw(), bar, 0) };
        if address.is_null() {
            return Err(ENOMEM);
        }
        Ok((Self { address, claim }, address.addr()))
    }
}

impl Drop for ClaimedBar {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and unmapped once.
        unsafe { bindings::pci_iounmap(self.claim.pdev.as_ptr(), self.address) }
    }
}

/// How often the driver has had the device decode its memory BARs.
pub struct Enabled(AtomicU32);

impl Enabled {
    pub(super) const fn new() -> Self {
        Self(AtomicU32::new(0))
    }
}

impl Part for Enabled {
    fn released(&self, binding: Binding<'_>) {
        // SAFETY: the binding is that of a PCI device: no other bus has this part.
        let pdev: &Device<Bound> = unsafe { binding.device().embedded_in() };
        for _ in 0..self.0.swap(0, Ordering::AcqRel) {
            // SAFETY: `pci_disable_device()` requires a device that is enabled: this answers one call of
            // `pci_enable_device_mem()`.
            unsafe { bindings::pci_disable_device(pdev.as_raw()) };
        }
    }
}

impl Device<Core<'_>> {
    /// Wakes the device and has it decode its memory BARs. May sleep.
    ///
    /// Undone when the binding ends, after the driver's data was dropped.
    ///
    /// # Errors
    ///
    /// What `pci_enable_device_mem()` returns, such as `EINVAL` for a BAR without address. The device is as before
    /// then.
    pub fn enable_device_mem(&self) -> Result {
        // SAFETY: DEV-LIVE, in a callback of the bus.
        to_result(unsafe { bindings::pci_enable_device_mem(self.as_raw()) })?;
        // Each success is answered once, when the binding has ended.
        if let Some(enabled) = binding::of(self)?.part::<Enabled>() {
            // OVERFLOW: none: C counts in an `int`.
            enabled.0.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }
}
