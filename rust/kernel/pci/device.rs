// SPDX-License-Identifier: GPL-2.0

//! A PCI function: its ids, its BARs, and its start as a bus master.
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

// SAFETY: `Kind` requires that `DEVICE_OFFSET` be that of the embedded device, whose release
// function frees the whole. `dev` is the embedded device of a `pci_dev`, and its release function
// frees the `pci_dev`.
unsafe impl Kind for Pci {
    type Raw = bindings::pci_dev;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::pci_dev, dev);
}

// SAFETY: `Recognized` requires that each device which `IS_KIND` accepts be embedded in a `Raw`;
// all devices of the PCI bus are embedded in a `struct pci_dev`.
unsafe impl Recognized for Pci {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool = bindings::lb_is_pci;
}

impl<'a> dma::Device<'a> for Device<device::Core<'a>> {}

/// The index of a BAR for C, 0 to 5. The ROM, SR-IOV BARs and bridge windows have higher indices;
/// this function refuses those.
pub(super) fn bar_index(bar: u32) -> Result<c_int> {
    match c_int::try_from(bar) {
        Ok(index) if index < bindings::PCI_STD_NUM_BARS as c_int => Ok(index),
        _ => Err(EINVAL),
    }
}

/// Says what is wrong with the number of a BAR that [`bar_index`] has refused.
#[cold]
pub(super) fn no_such_bar(device: &device::Device, bar: u32, name: &CStr) {
    dev_err!(
        device,
        "there is no BAR {bar} (\"{name}\"): a device has BARs 0 to 5\n"
    );
}

impl Device {
    /// The vendor's id.
    ///
    /// Context: any context.
    pub fn vendor_id(&self) -> Vendor {
        // SAFETY: the read requires a live device and a field that nobody writes; DEV-LIVE gives
        // the first, and C set the field before it added the device.
        Vendor::from_raw(unsafe { (*self.as_raw()).vendor })
    }

    /// The device id, which the vendor chose.
    ///
    /// Context: any context.
    pub fn device_id(&self) -> u16 {
        // SAFETY: the same holds as in `vendor_id`.
        unsafe { (*self.as_raw()).device }
    }

    /// The revision id.
    ///
    /// Context: any context.
    pub fn revision_id(&self) -> u8 {
        // SAFETY: the same holds as in `vendor_id`.
        unsafe { (*self.as_raw()).revision }
    }

    /// Bus, device and function numbers: bus in bits 15:8, device in 7:3, function in 2:0.
    ///
    /// Context: any context.
    #[doc(alias = "pci_dev_id")]
    pub fn dev_id(&self) -> u16 {
        // SAFETY: `lb_pci_dev_id` requires a live device on a live bus; DEV-LIVE gives the device,
        // and a bus lives as long as its devices.
        unsafe { bindings::lb_pci_dev_id(self.as_raw()) }
    }

    /// The vendor id of the subsystem.
    ///
    /// Context: any context.
    pub fn subsystem_vendor_id(&self) -> u16 {
        // SAFETY: the same holds as in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_vendor }
    }

    /// The device id of the subsystem.
    ///
    /// Context: any context.
    pub fn subsystem_device_id(&self) -> u16 {
        // SAFETY: the same holds as in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_device }
    }

    /// Class, subclass and programming interface.
    ///
    /// Context: any context.
    pub fn pci_class(&self) -> Class {
        // SAFETY: the same holds as in `vendor_id`.
        Class::from_raw(unsafe { (*self.as_raw()).class })
    }

    /// The address at which a BAR starts; 0 if there is no such BAR.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `bar` is not 0 to 5.
    #[doc(alias = "pci_resource_start")]
    pub fn resource_start(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = bar_index(bar)?;
        // SAFETY: the shim requires a live device and the index of a BAR; DEV-LIVE gives the first,
        // and `bar_index` checked the second.
        Ok(unsafe { bindings::lb_pci_resource_start(self.as_raw(), bar) })
    }

    /// The size of a BAR in bytes; 0 if there is no such BAR.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `bar` is not 0 to 5.
    #[doc(alias = "pci_resource_len")]
    #[inline]
    pub fn resource_len(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = bar_index(bar)?;
        // SAFETY: the shim requires a live device and the index of a BAR; DEV-LIVE gives the first,
        // and `bar_index` checked the second.
        Ok(unsafe { bindings::lb_pci_resource_len(self.as_raw(), bar) })
    }
}

impl Device<device::Core<'_>> {
    /// The number of virtual functions that the device can have.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "pci_sriov_get_totalvfs")]
    pub fn sriov_get_totalvfs(&self) -> Option<NonZero<u16>> {
        // SAFETY: `pci_sriov_get_totalvfs` requires a live device: DEV-LIVE.
        let count = unsafe { bindings::pci_sriov_get_totalvfs(self.as_raw()) };
        u16::try_from(count).ok().and_then(NonZero::new)
    }

    /// Lets the device start DMA.
    ///
    /// Context: any in which configuration space may be written; does not sleep.
    ///
    /// The end of the binding undoes this, after the driver's data was dropped and before memory
    /// for DMA is freed.
    #[doc(alias("pci_set_master", "pci_clear_master"))]
    pub fn set_master(&self) {
        // SAFETY: `pci_set_master` requires a live device: DEV-LIVE.
        unsafe { bindings::pci_set_master(self.as_raw()) }
    }
}
