// SPDX-License-Identifier: GPL-2.0

//! Memory BARs.

use super::{
    device::{Device, bar_index},
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

/// A memory BAR, reserved and mapped, of which at least `SIZE` bytes exist. See [`Window`].
pub type Bar<'a, const SIZE: usize = 0> = Window<'a, SIZE, ClaimedBar>;

/// A [`Bar`] that can be kept anywhere, and is taken away when the device is unbound.
pub type DevresBar<const SIZE: usize = 0> = DevresLt<Bar<'static, SIZE>>;

impl Device<Bound> {
    /// Reserves and maps a memory BAR of at least `SIZE` bytes. May sleep.
    ///
    /// `name` shows in `/proc/iomem`. Have the device decode its BARs first
    /// ([`enable_device_mem`](Device::enable_device_mem)).
    ///
    /// # Errors
    ///
    /// `EINVAL`: `bar` is not 0 to 5. `EOPNOTSUPP`: it is an I/O port BAR. `ENXIO`: the device has no such BAR, or it
    /// was given no address. `ERANGE`: it is smaller than `SIZE`. `EBUSY`, from C: it is reserved already. `ENOMEM`.
    /// `EPERM`: no driver of this module has bound the device. Nothing stays reserved or mapped.
    pub fn iomap_region_sized<'a, const SIZE: usize>(
        &'a self,
        bar: u32,
        name: &'static CStr,
    ) -> Result<Bar<'a, SIZE>> {
        let index = bar_index(bar)?;
        // SAFETY: DEV-LIVE, and the index is that of a BAR.
        let flags = unsafe { bindings::lb_pci_resource_flags(self.as_raw(), index) };
        let size = usize::try_from(self.resource_len(bar)?)?;
        let what = fmt!("BAR {bar} (\"{name}\")");
        window::check(self.as_ref(), &what, Flags::from_raw(flags), size, SIZE)?;
        let (backing, address) = ClaimedBar::new(self, index, name)?;
        // SAFETY: all of the BAR is mapped there until `backing` is dropped.
        unsafe { Window::new(self.as_ref(), address, size, backing) }
    }

    /// Reserves and maps a memory BAR of whatever size, for accesses that are checked at run time. May sleep.
    ///
    /// # Errors
    ///
    /// As [`iomap_region_sized`](Self::iomap_region_sized).
    pub fn iomap_region<'a>(&'a self, bar: u32, name: &'static CStr) -> Result<Bar<'a>> {
        self.iomap_region_sized(bar, name)
    }
}
