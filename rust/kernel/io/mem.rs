// SPDX-License-Identifier: GPL-2.0

//! Memory resources of a device, to be mapped: what platform devices have for registers.
//!
//! C header: [`include/linux/ioport.h`](srctree/include/linux/ioport.h), [`include/linux/io.h`](srctree/include/linux/io.h)
//!
//! A device gives an [`IoRequest`] for one of its resources
//! ([`io_request_by_index`](crate::platform::Device::io_request_by_index)), which is turned into an [`ExclusiveIoMem`],
//! claimed for the driver, or into an [`IoMem`], for registers that several drivers share. Both are windows that end with
//! the binding.

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

/// A memory resource of a bound device, which may be mapped.
pub struct IoRequest<'a> {
    device: &'a Device<Bound>,
    resource: &'a Resource,
}

/// A window that nobody is kept out of. See [`Window`].
pub type IoMem<'a, const SIZE: usize = 0> = Window<'a, SIZE, Mapping>;

/// A window that is claimed for its driver: no other that claims what it uses gets any part of it. See [`Window`].
///
/// `/proc/iomem` shows the claim under the names of device and resource.
pub type ExclusiveIoMem<'a, const SIZE: usize = 0> = Window<'a, SIZE, ClaimedMapping>;

/// An [`IoMem`] that can be kept anywhere, and is taken away when the device is unbound.
pub type DevresIoMem<const SIZE: usize = 0> = DevresLt<IoMem<'static, SIZE>>;

/// An [`ExclusiveIoMem`] that can be kept anywhere, and is taken away when the device is unbound.
pub type DevresExclusiveIoMem<const SIZE: usize = 0> = DevresLt<ExclusiveIoMem<'static, SIZE>>;

impl<'a> IoRequest<'a> {
    /// Asks for a resource, which must be the device's own.
    pub(crate) fn new(device: &'a Device<Bound>, resource: &'a Resource) -> Self {
        Self { device, resource }
    }

    /// Maps the resource, of which the driver needs `SIZE` bytes. May sleep.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP`: it is a range of I/O ports. `ENXIO`: it is empty, or was given no address. `ERANGE`: it is smaller
    /// than `SIZE`. `EINVAL`: it is the kernel's own memory, or does not start at a multiple of 8 bytes. `ENOMEM`:
    /// also, from C, if the range cannot be mapped. `EPERM`: no driver of this module has bound the device. Nothing
    /// stays mapped.
    pub fn iomap_sized<const SIZE: usize>(self) -> Result<IoMem<'a, SIZE>> {
        let size = self.check(SIZE)?;
        let mapping = Mapping::map(self.resource)?;
        let address = mapping.address.addr();
        // SAFETY: all of the resource is mapped there until `mapping` is dropped, and it is not the kernel's memory.
        unsafe { Window::new(self.device, address, size, mapping) }
    }

    /// Claims and maps the resource, of which the driver needs `SIZE` bytes. May sleep.
    ///
    /// # Errors
    ///
    /// As [`iomap_sized`](Self::iomap_sized), and `EBUSY` if any of it is claimed already. Nothing stays claimed.
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
        // SAFETY: as in `iomap_sized`.
        unsafe { Window::new(self.device, address, size, backing) }
    }

    /// Maps the resource of whatever size, for accesses that are checked at run time. May sleep.
    ///
    /// # Errors
    ///
    /// As [`iomap_sized`](Self::iomap_sized).
    pub fn iomap(self) -> Result<IoMem<'a>> {
        self.iomap_sized()
    }

    /// Claims and maps the resource of whatever size, for accesses that are checked at run time. May sleep.
    ///
    /// # Errors
    ///
    /// As [`iomap_exclusive_sized`](Self::iomap_exclusive_sized).
    pub fn iomap_exclusive(self) -> Result<ExclusiveIoMem<'a, 0>> {
        self.iomap_exclusive_sized()
    }

    /// Checks that the resource can be mapped; gives its size.
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

// SAFETY: the address means the same on any thread.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps all of a memory resource. May sleep. Errors: `ENOMEM`.
    fn map(resource: &Resource) -> Result<Self> {
        let posted = !resource.flags().contains(Flags::IORESOURCE_MEM_NONPOSTED);
        // SAFETY: the shim maps device memory wherever that is; what must not be mapped it refuses.
        let address = unsafe { bindings::lb_ioremap(resource.start(), resource.size(), posted) };
        if address.is_null() {
            return Err(ENOMEM);
        }
        Ok(Self { address })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `map`, and unmapped once.
        unsafe { bindings::iounmap(self.address) }
    }
}

/// A mapped resource that is claimed.
pub struct ClaimedMapping {
    _mapping: Mapping,
    // Given back after the mapping.
    _claim: Claim,
}
