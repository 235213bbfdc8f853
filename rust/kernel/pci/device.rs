// SPDX-License-Identifier: GPL-2.0

//! A PCI function: what it is, its resources, and having it decode them.
//!
//! C header: [`include/linux/pci.h`](srctree/include/linux/pci.h)

use core::num::NonZero;

use super::id::{Class, Vendor};
use crate::{
    bindings,
    device::{self, Kind, Recognized},
    dma,
    ffi::c_int,
    prelude::*,
};

/// The [`Kind`] of a PCI device.
pub enum Pci {}

/// A PCI function, `struct pci_dev`.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Pci>;

// SAFETY: `dev` is the embedded device; its release function frees the `pci_dev`.
unsafe impl Kind for Pci {
    type Raw = bindings::pci_dev;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::pci_dev, dev);
}

// SAFETY: all devices of the PCI bus are embedded in a `struct pci_dev`.
unsafe impl Recognized for Pci {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool = bindings::lb_is_pci;
}

impl<'a> dma::Device<'a> for Device<device::Core<'a>> {}

/// The index of a BAR for C: 0 to 5. ROM, SR-IOV BARs and bridge windows have higher ones and are no BARs.
pub(super) fn bar_index(bar: u32) -> Result<c_int> {
    match c_int::try_from(bar) {
        Ok(index) if index < bindings::PCI_STD_NUM_BARS as c_int => Ok(index),
        _ => Err(EINVAL),
    }
}

impl Device {
    /// The vendor's id. Any context.
    pub fn vendor_id(&self) -> Vendor {
        // SAFETY: DEV-LIVE; set before the device was added, and constant.
        Vendor::from_raw(unsafe { (*self.as_raw()).vendor })
    }

    /// The vendor's id of the device. Any context.
    pub fn device_id(&self) -> u16 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).device }
    }

    /// The revision. Any context.
    pub fn revision_id(&self) -> u8 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).revision }
    }

    /// Bus, device and function numbers: bus in bits 15:8, device in 7:3, function in 2:0. Any context.
    pub fn dev_id(&self) -> u16 {
        // SAFETY: DEV-LIVE; the bus lives while its device does.
        unsafe { bindings::lb_pci_dev_id(self.as_raw()) }
    }

    /// The subsystem's vendor id. Any context.
    pub fn subsystem_vendor_id(&self) -> u16 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_vendor }
    }

    /// The subsystem's id. Any context.
    pub fn subsystem_device_id(&self) -> u16 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_device }
    }

    /// Class, subclass and programming interface. Any context.
    pub fn pci_class(&self) -> Class {
        // SAFETY: as in `vendor_id`.
        Class::from_raw(unsafe { (*self.as_raw()).class })
    }

    /// The bus address at which a BAR starts; 0 if there is none. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `bar` is not 0 to 5.
    pub fn resource_start(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = bar_index(bar)?;
        // SAFETY: DEV-LIVE, and the index is that of a BAR.
        Ok(unsafe { bindings::lb_pci_resource_start(self.as_raw(), bar) })
    }

    /// The size of a BAR in bytes; 0 if there is none. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `bar` is not 0 to 5.
    pub fn resource_len(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = bar_index(bar)?;
        // SAFETY: DEV-LIVE, and the index is that of a BAR.
        Ok(unsafe { bindings::lb_pci_resource_len(self.as_raw(), bar) })
    }
}

impl Device<device::Core<'_>> {
    /// The number of virtual functions that the device can have. May sleep.
    pub fn sriov_get_totalvfs(&self) -> Option<NonZero<u16>> {
        // SAFETY: DEV-LIVE.
        let count = unsafe { bindings::pci_sriov_get_totalvfs(self.as_raw()) };
        u16::try_from(count).ok().and_then(NonZero::new)
    }

    /// Lets the device start DMA. Any context in which configuration space may be written; does not sleep.
    ///
    /// Undone when the binding ends, after the driver's data was dropped and before memory for DMA is given back.
    pub fn set_master(&self) {
        // SAFETY: DEV-LIVE, in a callback of the bus.
        unsafe { bindings::pci_set_master(self.as_raw()) }
    }
}
