// SPDX-License-Identifier: GPL-2.0

//! The resources of a PCI device that a binding owns: claimed regions, mappings, and enabled
//! decoding. The binding keeps each of them, so the end of the binding releases it even if the
//! driver forgot its handle.

use core::{
    ptr::NonNull,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use super::device::Device;
use crate::{
    binding::{self, Binding, Part},
    bindings,
    device::{Bound, Core},
    error::to_result,
    ffi::{c_int, c_void},
    prelude::*,
};

/// The device of a payload. Payloads are released while the device exists, so the pointer stays
/// valid.
pub(super) struct Behind(NonNull<bindings::pci_dev>);

// SAFETY: `Send` requires that any thread may use the pointer; C allows on any thread the calls
// that payloads make with it.
unsafe impl Send for Behind {}

impl Behind {
    pub(super) fn new(pdev: &Device<Bound>) -> Self {
        // SAFETY: `new_unchecked` requires a pointer that is not null; the pointer of a reference
        // is not.
        Self(unsafe { NonNull::new_unchecked(pdev.as_raw()) })
    }

    pub(super) fn as_ptr(&self) -> *mut bindings::pci_dev {
        self.0.as_ptr()
    }
}

/// A BAR that is reserved for the driver. `/proc/iomem` shows it under the name.
struct Claim {
    pdev: Behind,
    bar: c_int,
}

impl Claim {
    /// Reserves a BAR. Errors: `EBUSY` from C if the BAR is reserved already.
    ///
    /// Context: process context; may sleep.
    #[inline]
    fn take(pdev: &Device<Bound>, bar: c_int, name: &'static CStr) -> Result<Self> {
        // SAFETY: `pci_request_region` requires (1) a live device, (2) the index of a BAR, (3) a
        // name that lives until the region is released. (1) DEV-LIVE. (2) The caller checked `bar`.
        // (3) The name is there until this module is unloaded, and its bindings end before.
        to_result(unsafe { bindings::pci_request_region(pdev.as_raw(), bar, name.as_char_ptr()) })?;
        Ok(Self {
            pdev: Behind::new(pdev),
            bar,
        })
    }
}

impl Drop for Claim {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `pci_release_region` requires a reserved region, once; `take` reserved it.
        unsafe { bindings::pci_release_region(self.pdev.as_ptr(), self.bar) }
    }
}

/// A memory BAR that is reserved and mapped.
pub struct ClaimedBar {
    address: *mut c_void,
    // The claim is released after `drop` has unmapped the BAR.
    claim: Claim,
}

// SAFETY: `Send` requires that any thread may use the address; a mapping is the same on any thread.
unsafe impl Send for ClaimedBar {}

impl ClaimedBar {
    /// Reserves and maps all of a memory BAR; returns its address, too. Errors: those of
    /// `Claim::take`; `EPERM` if no driver of this module has bound the device; `ENOMEM`.
    ///
    /// Context: process context; may sleep.
    #[inline]
    pub(super) fn new(
        pdev: &Device<Bound>,
        bar: c_int,
        name: &'static CStr,
    ) -> Result<(Self, usize)> {
        let binding = binding::of(pdev)?;
        let claim = Claim::take(pdev, bar, name)?;
        // SAFETY: `pci_iomap` requires a live device and a BAR that the caller owns; DEV-LIVE gives
        // the first, and `claim` the second. A length of 0 maps all of the BAR.
        let address = unsafe { bindings::pci_iomap(pdev.as_raw(), bar, 0) };
        if address.is_null() {
            return Err(ENOMEM);
        }
        if let Some(enabled) = binding.part::<Enabled>() {
            enabled.has_mapped.store(true, Ordering::Release);
        }
        Ok((Self { address, claim }, address.addr()))
    }
}

impl Drop for ClaimedBar {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `pci_iounmap` requires an address that `pci_iomap` returned, once; `new` mapped
        // it, and only `drop` unmaps it.
        unsafe { bindings::pci_iounmap(self.claim.pdev.as_ptr(), self.address) }
    }
}

/// How often the driver has made the device decode its memory BARs, and whether it has mapped one.
pub struct Enabled {
    times: AtomicU32,
    has_mapped: AtomicBool,
}

impl Enabled {
    pub(super) const fn new() -> Self {
        Self {
            times: AtomicU32::new(0),
            has_mapped: AtomicBool::new(false),
        }
    }
}

impl Part for Enabled {
    /// Warns of a device that works only where firmware has enabled it. The driver works on.
    fn in_service(&self, binding: Binding<'_>) -> Result {
        if self.has_mapped.load(Ordering::Acquire) && self.times.load(Ordering::Acquire) == 0 {
            // SAFETY: `embedded_in` requires a device of the PCI bus; only that bus has this part.
            let pdev: &Device<Bound> = unsafe { binding.device().embedded_in() };
            dev_warn!(
                pdev,
                "a BAR is mapped, and the device is not enabled: it answers only where firmware has left it \
                 so. Call enable_device_mem() first in probe\n"
            );
        }
        Ok(())
    }

    #[inline]
    fn released(&self, binding: Binding<'_>) {
        // SAFETY: `embedded_in` requires a device of the PCI bus; only that bus has this part.
        let pdev: &Device<Bound> = unsafe { binding.device().embedded_in() };
        for _ in 0..self.times.swap(0, Ordering::AcqRel) {
            // SAFETY: `pci_disable_device()` requires an enabled device; each call here undoes one
            // call of `pci_enable_device_mem()`.
            unsafe { bindings::pci_disable_device(pdev.as_raw()) };
        }
    }
}

impl Device<Core<'_>> {
    /// Wakes the device and makes it decode its memory BARs.
    ///
    /// Context: process context; may sleep.
    ///
    /// The end of the binding undoes this, after the driver's data was dropped.
    ///
    /// # Errors
    ///
    /// Errors of `pci_enable_device_mem()`, such as `EINVAL` for a BAR without an address. The
    /// device is as before then.
    #[doc(alias(
        "pci_enable_device_mem",
        "pci_enable_device",
        "pcim_enable_device",
        "pci_disable_device"
    ))]
    #[inline]
    pub fn enable_device_mem(&self) -> Result {
        // SAFETY: `pci_enable_device_mem` requires a live device, in a callback of the bus;
        // DEV-LIVE gives the device, and `Core` exists only in callbacks.
        to_result(unsafe { bindings::pci_enable_device_mem(self.as_raw()) })?;
        // `released` undoes each success once, when the binding has ended.
        if let Some(enabled) = binding::of(self)?.part::<Enabled>() {
            // OVERFLOW: the count cannot overflow, because C counts the same calls in an `int`.
            enabled.times.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }
}
