// SPDX-License-Identifier: GPL-2.0

//! A mapped window of device registers that ends with the binding: what all buses' windows have in common.
//!
//! C header: [`include/linux/io.h`](srctree/include/linux/io.h)

use super::{IoBase, Mmio, MmioBackend, MmioRaw, Region, resource::Flags};
use crate::{
    device::{Bound, Device},
    devres::{DevresLt, Owned, Tight},
    prelude::*,
    types::{CovariantForLt, ForLt},
};

/// A window of device registers, mapped, of which at least `SIZE` bytes exist.
///
/// Drivers know it by the names that it has for each kind of `P`, such as [`pci::Bar`](crate::pci::Bar) and
/// [`IoMem`](super::mem::IoMem). A reference to it is an [`Io`](super::Io): registers are read and written through that
/// trait, in any context. Accesses within `SIZE` are checked while compiling, others at run time (`try_*`).
///
/// The window is unmapped when this is dropped. It cannot outlive the binding `'a`; if it is forgotten, the end of the
/// binding unmaps it.
///
/// # Invariants
///
/// WINDOW-MAPPED: `io` is the address and size of the mapping, which exists until `backing` is dropped or, if it was
/// forgotten, until the binding has ended.
// In this order: the address, which every access loads, is first.
#[repr(C)]
pub struct Window<'a, const SIZE: usize, P: Send + 'static> {
    io: MmioRaw<Region<SIZE>>,
    backing: Owned<'a, P>,
}

impl<const SIZE: usize, P: Send + 'static> ForLt for Window<'static, SIZE, P> {
    type Of<'a> = Window<'a, SIZE, P>;
}

// SAFETY: `cast_ref` returns its argument, and so the compiler has found `Window<'long>` a subtype of `Window<'short>`.
unsafe impl<const SIZE: usize, P: Send + 'static> CovariantForLt for Window<'static, SIZE, P> {
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(long: &'r Self::Of<'long>) -> &'r Self::Of<'short> {
        long
    }
}

// SAFETY: views of a window live as long as it is borrowed; nothing else comes out of it.
unsafe impl<const SIZE: usize, P: Send + 'static> Tight for Window<'static, SIZE, P> {}

impl<'a, const SIZE: usize, P: Send + 'static> Window<'a, SIZE, P> {
    /// Takes a mapping over, which `backing` undoes when dropped: now, if this fails. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the address is not a multiple of 8; `ENOMEM`; `EPERM`, see `devres`.
    ///
    /// # Safety
    ///
    /// `backing` must keep `size` bytes at `address` mapped as MMIO of the device, with which drivers may do what they
    /// like. It may use the device when dropped.
    pub(crate) unsafe fn new(
        device: &'a Device<Bound>,
        address: usize,
        size: usize,
        backing: P,
    ) -> Result<Self> {
        let io = MmioRaw::new_region(address, size)?;
        // INVARIANT: WINDOW-MAPPED: by this function's own demand.
        Ok(Self {
            io,
            backing: Owned::new(device, backing)?,
        })
    }

    /// Hands the window over to the device's binding, and gives a handle that may be kept anywhere. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; the window is unmapped then.
    pub fn into_devres(self) -> Result<DevresLt<Window<'static, SIZE, P>>> {
        let device = self.backing.binding().device();
        // SAFETY: a window borrows the device, which lives while it has resources, and a resource of the binding that
        // was attached before and so is released later.
        unsafe { DevresLt::new::<Error>(device, self) }
    }
}

impl<'a, const SIZE: usize, P: Send + 'static> IoBase<'a> for &'a Window<'_, SIZE, P> {
    type Backend = MmioBackend;
    type Target = Region<SIZE>;

    #[inline(always)]
    fn as_view(self) -> Mmio<'a, Region<SIZE>> {
        // SAFETY: WINDOW-MAPPED: mapped as long as the window is borrowed.
        unsafe { Mmio::from_raw(self.io) }
    }
}

/// Checks that a range of the device can be mapped as registers and has `needed` bytes; says so if not.
///
/// # Errors
///
/// `EOPNOTSUPP`: I/O ports. `ENXIO`: empty, no memory, or without an address. `ERANGE`: too small.
pub(crate) fn check(
    device: &Device<Bound>,
    what: &dyn fmt::Display,
    flags: Flags,
    length: usize,
    needed: usize,
) -> Result {
    if flags.kind() == Flags::IORESOURCE_IO {
        dev_err!(
            device,
            "{what} is I/O ports: it cannot be mapped as memory\n"
        );
        return Err(EOPNOTSUPP);
    }
    if flags.kind() != Flags::IORESOURCE_MEM || length == 0 {
        dev_err!(device, "{what} does not exist\n");
        return Err(ENXIO);
    }
    if flags.contains(Flags::UNSET) {
        dev_err!(device, "{what} has no address\n");
        return Err(ENXIO);
    }
    if length < needed {
        dev_err!(
            device,
            "{what} has {length} bytes, the driver needs {needed}\n"
        );
        return Err(ERANGE);
    }
    Ok(())
}
