// SPDX-License-Identifier: GPL-2.0

//! Interrupt vectors of PCI devices: INTx, MSI, MSI-X.

use core::sync::atomic::{AtomicBool, Ordering};

use super::device::Device;
use crate::{
    binding::{self, Binding, Part},
    bindings,
    device::Bound,
    error::to_result,
    ffi::{c_int, c_uint},
    irq::{IrqRequest, Users},
    prelude::*,
};

/// How a device signals interrupts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IrqType {
    /// By a line, which several devices may share.
    Intx,
    /// By messages: one vector, or a power of two.
    Msi,
    /// By messages from a table of up to 2048 vectors.
    MsiX,
}

impl IrqType {
    const fn as_raw(self) -> c_uint {
        match self {
            Self::Intx => bindings::PCI_IRQ_INTX as c_uint,
            Self::Msi => bindings::PCI_IRQ_MSI as c_uint,
            Self::MsiX => bindings::PCI_IRQ_MSIX as c_uint,
        }
    }
}

/// A set of ways to signal interrupts, empty by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IrqTypes(c_uint);

impl IrqTypes {
    /// All ways. C chooses the first that the device has, in the order MSI-X, MSI, INTx.
    pub const fn all() -> Self {
        Self(bindings::PCI_IRQ_ALL_TYPES as c_uint)
    }

    /// Adds one way to the set.
    pub const fn with(self, irq_type: IrqType) -> Self {
        Self(self.0 | irq_type.as_raw())
    }
}

/// Whether a binding has allocated vectors.
pub struct Vectors(AtomicBool);

impl Vectors {
    pub(super) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Frees the vectors, if there are any. No handler may be registered for them (VECTORS-UNUSED).
    fn free(&self, pdev: &Device<Bound>) {
        if self.0.load(Ordering::Acquire) {
            // SAFETY: `pci_free_irq_vectors()` requires vectors that were allocated for this device
            // and have no handlers. The flag says that they were allocated; VECTORS-UNUSED says
            // that no handler is registered.
            unsafe { bindings::pci_free_irq_vectors(pdev.as_raw()) };
            self.0.store(false, Ordering::Release);
        }
    }
}

impl Part for Vectors {
    /// Warns of interrupts that cannot come. The driver works on, as it may become a bus master
    /// later.
    #[inline]
    fn in_service(&self, binding: Binding<'_>) -> Result {
        if !self.0.load(Ordering::Acquire) {
            return Ok(());
        }
        // SAFETY: `embedded_in` requires a device of the PCI bus; only that bus has this part.
        let pdev: &Device<Bound> = unsafe { binding.device().embedded_in() };
        // SAFETY: `lb_pci_irq_type` requires a live device whose vectors do not change meanwhile.
        // DEV-LIVE gives the first. The driver frees vectors of its own at any time; what is read
        // then decides about a message alone, and C keeps the bits in the device's own structure.
        let by_message =
            unsafe { bindings::lb_pci_irq_type(pdev.as_raw()) } as i32 != bindings::PCI_IRQ_INTX;
        // SAFETY: `lb_pci_is_master()` requires a live device: DEV-LIVE.
        if by_message && !unsafe { bindings::lb_pci_is_master(pdev.as_raw()) } {
            dev_warn!(
                pdev,
                "interrupts are messages (MSI), which only a bus master can send: none will arrive. \
                 Call set_master() or bus_master() in probe\n"
            );
        }
        Ok(())
    }

    #[inline]
    fn data_dropped(&self, binding: Binding<'_>) {
        // SAFETY: `embedded_in` requires a device of the PCI bus; only that bus has this part.
        self.free(unsafe { binding.device().embedded_in() });
    }
}

/// Interrupt vectors of a device. Dropping this frees them.
///
/// If a handler is still registered for a vector, even by a forgotten registration, dropping this
/// frees nothing. Then the end of the binding frees the vectors, as it does if this value is
/// forgotten.
///
/// # Invariants
///
/// VECTORS-UNUSED: vectors are freed only when no handler is registered for them: either `users`
/// says so, or the binding's scope has ended.
pub struct IrqVectorRegistration<'a> {
    pdev: &'a Device<Bound>,
    vectors: &'a Vectors,
    users: Users,
    count: usize,
    irq_type: IrqType,
}

impl<'a> IrqVectorRegistration<'a> {
    /// The number of vectors.
    ///
    /// Context: any context.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.count
    }

    /// The way of signalling that C chose.
    ///
    /// Context: any context.
    pub fn irq_type(&self) -> IrqType {
        self.irq_type
    }

    /// One vector.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no vector `index`.
    pub fn index(&self, index: usize) -> Result<IrqVector<'_>> {
        if index >= self.count {
            return Err(EINVAL);
        }
        let index = c_uint::try_from(index)?;
        // SAFETY: `pci_irq_vector` requires a live device with allocated vectors; DEV-LIVE gives
        // the first, and `self` the second.
        let irq = unsafe { bindings::pci_irq_vector(self.pdev.as_raw(), index) };
        if irq < 0 {
            to_result(irq)?;
        }
        Ok(IrqVector {
            vectors: self,
            irq: u32::try_from(irq)?,
        })
    }
}

impl Drop for IrqVectorRegistration<'_> {
    fn drop(&mut self) {
        // Requests borrow `self`, so no new user can come.
        if self.users.is_empty() {
            self.vectors.free(self.pdev);
        }
        // Otherwise the vectors stay, and the binding frees them after its scope has ended.
    }
}

/// One vector of an [`IrqVectorRegistration`].
#[doc(alias = "pci_irq_vector")]
pub struct IrqVector<'a> {
    vectors: &'a IrqVectorRegistration<'a>,
    irq: u32,
}

impl<'a> IrqVector<'a> {
    /// The registration that this vector belongs to.
    ///
    /// Context: any context.
    pub fn vectors(&self) -> &'a IrqVectorRegistration<'a> {
        self.vectors
    }

    /// The way in which the device signals this vector.
    ///
    /// Context: any context.
    pub fn irq_type(&self) -> IrqType {
        self.vectors.irq_type
    }
}

impl<'a> From<IrqVector<'a>> for IrqRequest<'a> {
    fn from(vector: IrqVector<'a>) -> Self {
        let vectors = vector.vectors;
        IrqRequest::with_users(vectors.pdev.as_ref(), vector.irq, &vectors.users)
    }
}

impl Device<Bound> {
    /// Allocates `min_vecs` to `max_vecs` vectors.
    ///
    /// Context: process context; may sleep.
    ///
    /// Messages are transfers by the device, so it has to be a [bus master](super::BusMaster) for
    /// MSI and MSI-X.
    ///
    /// # Errors
    ///
    /// Nothing is allocated then.
    ///
    /// - `EBUSY`: the binding has vectors already.
    /// - `EINVAL`: `min_vecs` is 0, or greater than `max_vecs`.
    /// - Errors of `pci_alloc_irq_vectors()`, such as `ENOSPC` if the device has too few vectors.
    /// - `ENOMEM`.
    /// - `EPERM`: no driver of this module has bound the device.
    #[doc(alias(
        "pci_alloc_irq_vectors",
        "pci_alloc_irq_vectors_affinity",
        "pci_enable_msi",
        "pci_enable_msix_range",
        "pci_enable_msix_exact",
        "pci_free_irq_vectors"
    ))]
    pub fn alloc_irq_vectors(
        &self,
        min_vecs: u32,
        max_vecs: u32,
        irq_types: IrqTypes,
    ) -> Result<IrqVectorRegistration<'_>> {
        if min_vecs == 0 || max_vecs < min_vecs {
            return Err(EINVAL);
        }
        let users = Users::new()?;
        let vectors = binding::of(self)?.part::<Vectors>().ok_or(EPERM)?;
        if vectors.0.swap(true, Ordering::AcqRel) {
            return Err(EBUSY);
        }
        // SAFETY: `pci_alloc_irq_vectors` requires a live device without vectors. DEV-LIVE gives
        // the first. Only this function allocates vectors, and the flag says that there are none.
        let count = unsafe {
            bindings::pci_alloc_irq_vectors(self.as_raw(), min_vecs, max_vecs, irq_types.0)
        };
        let Some(count) = usize::try_from(count).ok().filter(|count| *count > 0) else {
            vectors.0.store(false, Ordering::Release);
            return Err(to_result(count.min(0 as c_int)).err().unwrap_or(ENOSPC));
        };
        // SAFETY: `lb_pci_irq_type` requires a live device whose vectors do not change meanwhile.
        // DEV-LIVE gives the first. The flag keeps others from allocating, and nobody else can free
        // the vectors yet.
        let irq_type = match unsafe { bindings::lb_pci_irq_type(self.as_raw()) } as i32 {
            bindings::PCI_IRQ_MSIX => IrqType::MsiX,
            bindings::PCI_IRQ_MSI => IrqType::Msi,
            _ => IrqType::Intx,
        };
        // INVARIANT: VECTORS-UNUSED: `drop` asks `users`, and `data_dropped` runs after the
        // binding's scope has ended.
        Ok(IrqVectorRegistration {
            pdev: self,
            vectors,
            users,
            count,
            irq_type,
        })
    }
}
