// SPDX-License-Identifier: GPL-2.0

//! Windows: mapped device registers that end with the binding. This file is written once for all
//! buses.
//!
//! C header: [`include/linux/io.h`](srctree/include/linux/io.h)

use super::{IoBase, Mmio, MmioBackend, MmioRaw, Region, resource::Flags};
use crate::{
    device::{Bound, Device},
    devres::{DevresLt, Owned, Tight},
    prelude::*,
    types::{CovariantForLt, ForLt},
};

/// A mapped window of device registers, which has at least `SIZE` bytes.
///
/// Drivers use it by its name for each kind of `P`, such as [`pci::Bar`](crate::pci::Bar) and
/// [`IoMem`](super::mem::IoMem). A reference to it is an [`Io`](super::Io): drivers read and write
/// registers through that trait. The compiler checks accesses within `SIZE`; other accesses are
/// checked at run time (`try_*`).
///
/// Context: any context (accesses); process context; may sleep (drop).
///
/// Dropping this unmaps the window. The window cannot outlive the binding `'a`. If it is forgotten,
/// the end of the binding unmaps it.
///
/// # Invariants
///
/// WINDOW-MAPPED: `io` is the address and size of a mapping. The mapping exists until `backing` is
/// dropped or, if `backing` was forgotten, until the binding has ended.
// The order of the fields is fixed, so that the address, which every access loads, is first.
#[repr(C)]
pub struct Window<'a, const SIZE: usize, P: Send + 'static> {
    io: MmioRaw<Region<SIZE>>,
    backing: Owned<'a, P>,
}

impl<const SIZE: usize, P: Send + 'static> ForLt for Window<'static, SIZE, P> {
    type Of<'a> = Window<'a, SIZE, P>;
}

// SAFETY: `CovariantForLt` requires that `Of<'long>` be a subtype of `Of<'short>`; `cast_ref`
// returns its argument, so the compiler has checked that.
unsafe impl<const SIZE: usize, P: Send + 'static> CovariantForLt for Window<'static, SIZE, P> {
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(long: &'r Self::Of<'long>) -> &'r Self::Of<'short> {
        long
    }
}

// SAFETY: `Tight` requires that a borrow of the value give nothing that outlives the borrow; a
// window gives only views, which live as long as it is borrowed.
unsafe impl<const SIZE: usize, P: Send + 'static> Tight for Window<'static, SIZE, P> {}

impl<'a, const SIZE: usize, P: Send + 'static> Window<'a, SIZE, P> {
    /// Takes over a mapping, which dropping `backing` undoes. If this fails, `backing` is dropped
    /// at once.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the address is not a multiple of 8; `ENOMEM`; `EPERM` if no driver of this
    /// module has bound the device.
    ///
    /// # Safety
    ///
    /// `backing` must keep `size` bytes at `address` mapped as MMIO of the device. Drivers may read
    /// and write these bytes in any way. The drop of `backing` may use the device.
    pub(crate) unsafe fn new(
        device: &'a Device<Bound>,
        address: usize,
        size: usize,
        backing: P,
    ) -> Result<Self> {
        let io = MmioRaw::new_region(address, size)?;
        // INVARIANT: WINDOW-MAPPED: the caller vouches for it.
        Ok(Self {
            io,
            backing: Owned::new(device, backing)?,
        })
    }

    /// Hands the window over to the device's binding, and returns a handle that may be kept
    /// anywhere.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; the window is unmapped then.
    pub fn into_devres(self) -> Result<DevresLt<Window<'static, SIZE, P>>> {
        let device = self.backing.binding().device();
        // SAFETY: `DevresLt::new` requires that the borrows of the value last until the binding
        // releases it. A window borrows the device, which lives while it has resources. It also
        // borrows a resource of the binding, which was attached before and so is released later.
        unsafe { DevresLt::new(device, self) }
    }
}

impl<'a, const SIZE: usize, P: Send + 'static> IoBase<'a> for &'a Window<'_, SIZE, P> {
    type Backend = MmioBackend;
    type Target = Region<SIZE>;

    #[inline(always)]
    fn as_view(self) -> Mmio<'a, Region<SIZE>> {
        // SAFETY: `from_raw` requires memory that is mapped for the borrow: WINDOW-MAPPED.
        unsafe { Mmio::from_raw(self.io) }
    }
}

/// Checks that a range of the device can be mapped as registers, and has `needed` bytes. Logs the
/// reason if not.
///
/// # Errors
///
/// `EOPNOTSUPP`: the range is I/O ports. `ENXIO`: the range is empty, is no memory, or has no
/// address. `ERANGE`: the range is too small.
pub(crate) fn check(
    device: &Device<Bound>,
    what: &dyn fmt::Display,
    flags: Flags,
    length: usize,
    needed: usize,
) -> Result {
    let (reason, error) = if flags.kind() == Flags::IORESOURCE_IO {
        ("is I/O ports: it cannot be mapped as memory", EOPNOTSUPP)
    } else if flags.kind() != Flags::IORESOURCE_MEM || length == 0 {
        ("does not exist", ENXIO)
    } else if flags.contains(Flags::UNSET) {
        ("has no address", ENXIO)
    } else if length < needed {
        dev_err!(
            device,
            "{what} has {length} bytes, the driver needs {needed}\n"
        );
        return Err(ERANGE);
    } else {
        return Ok(());
    };
    dev_err!(device, "{what} {reason}\n");
    Err(error)
}
