// SPDX-License-Identifier: GPL-2.0

//! Memory BARs.

use super::{
    device::{Device, bar_index, no_such_bar},
    resource::ClaimedBar,
};
use crate::{
    bindings,
    device::Bound,
    devres::DevresLt,
    io::{
        resource::Flags,
        window::{self, Window},
    },
    prelude::*,
};

/// A memory BAR that is reserved and mapped, and that has at least `SIZE` bytes. See [`Window`].
pub type Bar<'a, const SIZE: usize = 0> = Window<'a, SIZE, ClaimedBar>;

/// A [`Bar`] that can be kept anywhere. Access through it ends when the device is unbound.
pub type DevresBar<const SIZE: usize = 0> = DevresLt<Bar<'static, SIZE>>;

impl Device<Bound> {
    /// Reserves and maps a memory BAR of at least `SIZE` bytes.
    ///
    /// Context: process context; may sleep.
    ///
    /// `/proc/iomem` shows the BAR under `name`. The driver first makes the device decode its BARs,
    /// by [`enable_device_mem`](Device::enable_device_mem).
    ///
    /// # Errors
    ///
    /// Nothing stays reserved or mapped then.
    ///
    /// - `EINVAL`: `bar` is not 0 to 5.
    /// - `EOPNOTSUPP`: `bar` is an I/O port BAR.
    /// - `ENXIO`: the device has no such BAR, or nothing gave the BAR an address.
    /// - `ERANGE`: the BAR is smaller than `SIZE`.
    /// - `EBUSY`, from C: the BAR is reserved already.
    /// - `ENOMEM`.
    /// - `EPERM`: no driver of this module has bound the device.
    #[doc(alias("pcim_iomap", "pcim_iomap_region", "pci_iomap", "pci_ioremap_bar"))]
    pub fn iomap_region_sized<'a, const SIZE: usize>(
        &'a self,
        bar: u32,
        name: &'static CStr,
    ) -> Result<Bar<'a, SIZE>> {
        let index = bar_index(bar).inspect_err(|_| no_such_bar(self.as_ref(), bar, name))?;
        // SAFETY: `lb_pci_resource_flags` requires a live device and the index of a BAR; DEV-LIVE
        // gives the first, `bar_index` checked the second.
        let flags = unsafe { bindings::lb_pci_resource_flags(self.as_raw(), index) };
        let size = usize::try_from(self.resource_len(bar)?)?;
        let what = fmt!("BAR {bar} (\"{name}\")");
        window::check(self.as_ref(), &what, Flags::from_raw(flags), size, SIZE)?;
        let (backing, address) = ClaimedBar::new(self, index, name)?;
        // SAFETY: `new` requires that `backing` keep `size` bytes mapped at `address`; `ClaimedBar`
        // maps all of the BAR there until it is dropped.
        unsafe { Window::new(self.as_ref(), address, size, backing) }
    }

    /// Reserves and maps a memory BAR of any size, for accesses that are checked at run time.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// As [`iomap_region_sized`](Self::iomap_region_sized).
    #[doc(alias(
        "pci_request_region",
        "pci_request_regions",
        "pcim_iomap_regions",
        "pcim_request_all_regions",
        "pci_iounmap",
        "pci_release_region"
    ))]
    pub fn iomap_region<'a>(&'a self, bar: u32, name: &'static CStr) -> Result<Bar<'a>> {
        self.iomap_region_sized(bar, name)
    }
}
