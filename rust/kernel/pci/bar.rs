// SPDX-License-Identifier: GPL-2.0

//! Memory BARs.

use super::{
    Device,
    resource::{Claim, Mapping, index},
};
use crate::{
    bindings,
    device::Bound,
    devres::{DevresLt, Owned, Tight},
    io::{IoBase, Mmio, MmioBackend, MmioRaw, Region},
    prelude::*,
    types::{CovariantForLt, ForLt},
};

/// A memory BAR, reserved and mapped, of which at least `SIZE` bytes exist.
///
/// A reference to it is an [`Io`](crate::io::Io): registers are read and written through that trait, in any context.
/// Accesses within `SIZE` are checked while compiling, others at run time (`try_*`).
///
/// The BAR is unmapped and released when this is dropped. It cannot outlive the binding `'a`; if it is forgotten, the
/// end of the binding unmaps and releases it.
///
/// # Invariants
///
/// BAR-MAPPED: `io` is the address and size of the mapping, which exists until `mapping` is dropped or, if it was
/// forgotten, until the binding has ended.
// In this order: the address, which every access loads, is first.
#[repr(C)]
pub struct Bar<'a, const SIZE: usize = 0> {
    io: MmioRaw<Region<SIZE>>,
    mapping: Owned<'a, Mapping>,
    // Given back after the mapping.
    _claim: Owned<'a, Claim>,
}

impl<const SIZE: usize> ForLt for Bar<'static, SIZE> {
    type Of<'a> = Bar<'a, SIZE>;
}

// SAFETY: `cast_ref` returns its argument, and so the compiler has found `Bar<'long>` a subtype of `Bar<'short>`.
unsafe impl<const SIZE: usize> CovariantForLt for Bar<'static, SIZE> {
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(long: &'r Self::Of<'long>) -> &'r Self::Of<'short> {
        long
    }
}

// SAFETY: views of a BAR live as long as it is borrowed; nothing else comes out of it.
unsafe impl<const SIZE: usize> Tight for Bar<'static, SIZE> {}

/// A [`Bar`] that can be kept anywhere, and is taken away when the device is unbound.
pub type DevresBar<const SIZE: usize = 0> = DevresLt<Bar<'static, SIZE>>;

impl<'a, const SIZE: usize> Bar<'a, SIZE> {
    fn new(pdev: &'a Device<Bound>, bar: u32, name: &CStr) -> Result<Self> {
        let index = index(bar)?;
        // SAFETY: DEV-LIVE, and the index is that of a BAR.
        let flags = unsafe { bindings::lb_pci_resource_flags(pdev.as_raw(), index) };
        let length = usize::try_from(pdev.resource_len(bar)?)?;
        let is = |flag: i32| flags & flag as usize != 0;
        if is(bindings::IORESOURCE_IO) {
            dev_err!(
                pdev,
                "BAR {} ({:?}) is an I/O port BAR: it cannot be mapped as memory\n",
                bar,
                name
            );
            return Err(EOPNOTSUPP);
        }
        if !is(bindings::IORESOURCE_MEM) || length == 0 {
            dev_err!(pdev, "BAR {} ({:?}) does not exist\n", bar, name);
            return Err(ENXIO);
        }
        if is(bindings::IORESOURCE_UNSET) {
            dev_err!(pdev, "BAR {} ({:?}) has no address\n", bar, name);
            return Err(ENXIO);
        }
        if length < SIZE {
            dev_err!(
                pdev,
                "BAR {} ({:?}) has {} bytes, the driver needs {}\n",
                bar,
                name,
                length,
                SIZE
            );
            return Err(ERANGE);
        }
        let claim = Claim::take(pdev, index, name)?;
        let (mapping, address) = Mapping::map(pdev, index)?;
        // INVARIANT: BAR-MAPPED: all of the BAR was mapped there.
        Ok(Self {
            io: MmioRaw::new_region(address, length)?,
            mapping,
            _claim: claim,
        })
    }

    /// Hands the BAR over to the device's binding, and gives a handle that may be kept anywhere. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; the BAR is unmapped and released then.
    pub fn into_devres(self) -> Result<DevresBar<SIZE>> {
        let device = self.mapping.device();
        // SAFETY: a BAR borrows the device, which lives while it has resources, and two resources of the binding that
        // were attached before and so are released later.
        unsafe { DevresLt::new::<Error>(device, self) }
    }
}

impl<'a, const SIZE: usize> IoBase<'a> for &'a Bar<'_, SIZE> {
    type Backend = MmioBackend;
    type Target = Region<SIZE>;

    #[inline(always)]
    fn as_view(self) -> Mmio<'a, Region<SIZE>> {
        // SAFETY: BAR-MAPPED: mapped as long as the `Bar` is borrowed.
        unsafe { Mmio::from_raw(self.io) }
    }
}

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
        Bar::new(self, bar, name)
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
