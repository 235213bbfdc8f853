// SPDX-License-Identifier: GPL-2.0

//! Memory resources of a device, which a driver maps. Platform devices have their registers in such
//! resources.
//!
//! C header: [`include/linux/ioport.h`](srctree/include/linux/ioport.h),
//! [`include/linux/io.h`](srctree/include/linux/io.h)
//!
//! A device gives an [`IoRequest`] for one of its resources
//! ([`io_request_by_index`](crate::platform::Device::io_request_by_index)). The driver turns the
//! request into an [`ExclusiveIoMem`], which is claimed for this driver, or into an [`IoMem`], for
//! registers that several drivers share. Both are windows that end with the binding.

use super::{
    Resource,
    resource::{Claim, Flags},
    window::{self, Window},
};
use crate::{
    bindings,
    device::{Bound, Device},
    devres::DevresLt,
    ffi::c_void,
    prelude::*,
    str::CString,
};

/// A memory resource of a bound device, which the driver may map.
pub struct IoRequest<'a> {
    device: &'a Device<Bound>,
    resource: &'a Resource,
}

/// A window that is not claimed, so other drivers may map the same resource. See [`Window`].
pub type IoMem<'a, const SIZE: usize = 0> = Window<'a, SIZE, Mapping>;

/// A window that is claimed for its driver. Nobody else can claim any part of its range meanwhile.
/// See [`Window`].
///
/// `/proc/iomem` shows the claim under the names of the device and of the resource.
pub type ExclusiveIoMem<'a, const SIZE: usize = 0> = Window<'a, SIZE, ClaimedMapping>;

/// An [`IoMem`] that can be kept anywhere. Access through it ends when the device is unbound.
pub type DevresIoMem<const SIZE: usize = 0> = DevresLt<IoMem<'static, SIZE>>;

/// An [`ExclusiveIoMem`] that can be kept anywhere. Access through it ends when the device is
/// unbound.
pub type DevresExclusiveIoMem<const SIZE: usize = 0> = DevresLt<ExclusiveIoMem<'static, SIZE>>;

impl<'a> IoRequest<'a> {
    /// Makes a request for a resource, which must be the device's own.
    pub(crate) fn new(device: &'a Device<Bound>, resource: &'a Resource) -> Self {
        Self { device, resource }
    }

    /// Maps the resource. The driver needs `SIZE` bytes of it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Nothing stays mapped then.
    ///
    /// - `EOPNOTSUPP`: the resource is a range of I/O ports.
    /// - `ENXIO`: the resource is empty, or nothing gave it an address.
    /// - `ERANGE`: the resource is smaller than `SIZE`.
    /// - `EINVAL`: the resource is the kernel's own memory, or does not start at a multiple of 8
    ///   bytes.
    /// - `ENOMEM`: memory is short, or C cannot map the range.
    /// - `EPERM`: no driver of this module has bound the device.
    pub fn iomap_sized<const SIZE: usize>(self) -> Result<IoMem<'a, SIZE>> {
        let size = self.check(SIZE)?;
        let mapping = Mapping::map(self.resource)?;
        let address = mapping.address.addr();
        // SAFETY: `Window::new` requires that `mapping` keep `size` bytes of device memory mapped
        // at `address`. All of the resource is mapped there until `mapping` is dropped, and `check`
        // refused the kernel's own memory.
        unsafe { Window::new(self.device, address, size, mapping) }
    }

    /// Claims and maps the resource. The driver needs `SIZE` bytes of it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`iomap_sized`](Self::iomap_sized), and `EBUSY` if any part of the resource is
    /// claimed already. Nothing stays claimed then.
    pub fn iomap_exclusive_sized<const SIZE: usize>(self) -> Result<ExclusiveIoMem<'a, SIZE>> {
        let size = self.check(SIZE)?;
        let device = self.device.name();
        let name = match self.resource.name() {
            Some(resource) => CString::try_from_fmt(fmt!("{device} {resource}"))?,
            None => device.to_cstring()?,
        };
        let claim = Claim::take(self.resource, name)?;
        let mapping = Mapping::map(self.resource)?;
        let address = mapping.address.addr();
        let backing = ClaimedMapping {
            _mapping: mapping,
            _claim: claim,
        };
        // SAFETY: the same holds as in `iomap_sized`.
        unsafe { Window::new(self.device, address, size, backing) }
    }

    /// Maps a resource of any size, for accesses that are checked at run time.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`iomap_sized`](Self::iomap_sized).
    #[doc(alias("ioremap", "devm_ioremap", "iounmap"))]
    pub fn iomap(self) -> Result<IoMem<'a>> {
        self.iomap_sized()
    }

    /// Claims and maps a resource of any size, for accesses that are checked at run time.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`iomap_exclusive_sized`](Self::iomap_exclusive_sized).
    #[doc(alias(
        "devm_ioremap_resource",
        "request_mem_region",
        "devm_request_mem_region",
        "release_mem_region"
    ))]
    pub fn iomap_exclusive(self) -> Result<ExclusiveIoMem<'a, 0>> {
        self.iomap_exclusive_sized()
    }

    /// Checks that the resource can be mapped; returns its size.
    fn check(&self, needed: usize) -> Result<usize> {
        let (resource, size) = (self.resource, usize::try_from(self.resource.size())?);
        window::check(self.device, resource, resource.flags(), size, needed)?;
        if resource.is_ram() {
            dev_err!(self.device, "{resource} is the kernel's own memory\n");
            return Err(EINVAL);
        }
        Ok(size)
    }
}

/// A mapped resource.
pub struct Mapping {
    address: *mut c_void,
}

// SAFETY: `Send` requires that any thread may use the address; a mapping is the same on any thread.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps all of a memory resource. Errors: `ENOMEM`.
    ///
    /// Context: process context; may sleep.
    fn map(resource: &Resource) -> Result<Self> {
        let posted = !resource.flags().contains(Flags::IORESOURCE_MEM_NONPOSTED);
        // SAFETY: `lb_ioremap` requires nothing: it maps device memory at any address, and refuses
        // ranges that must not be mapped.
        let address = unsafe { bindings::lb_ioremap(resource.start(), resource.size(), posted) };
        if address.is_null() {
            return Err(ENOMEM);
        }
        Ok(Self { address })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: `iounmap` requires an address that `ioremap()` returned, once; `map` mapped it,
        // and only `drop` unmaps it.
        unsafe { bindings::iounmap(self.address) }
    }
}

/// A mapped resource that is claimed.
pub struct ClaimedMapping {
    _mapping: Mapping,
    // The claim is released after the mapping.
    _claim: Claim,
}
