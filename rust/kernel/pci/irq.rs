// SPDX-License-Identifier: GPL-2.0

//! Interrupt vectors of PCI devices: INTx, MSI, MSI-X.

use core::{
    mem::ManuallyDrop,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{Device, resource::Behind};
use crate::{
    bindings,
    device::Bound,
    devres::{Owned, Slot},
    error::to_result,
    ffi::{c_int, c_uint},
    irq::{IrqRequest, Users},
    prelude::*,
};

/// How a device signals interrupts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IrqType {
    /// By a line, which devices share.
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

/// Some ways to signal interrupts; none by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IrqTypes(c_uint);

impl IrqTypes {
    /// All of them. The first that the device has is chosen: MSI-X, MSI, INTx.
    pub const fn all() -> Self {
        Self(bindings::PCI_IRQ_ALL_TYPES as c_uint)
    }

    /// These, and one more.
    pub const fn with(self, irq_type: IrqType) -> Self {
        Self(self.0 | irq_type.as_raw())
    }
}

/// Whether a binding has allocated vectors.
static ALLOCATED: Slot<AtomicBool> = Slot::new();

/// Lets the binding allocate vectors. To be called once, before `probe`. Errors: `ENOMEM`.
pub(super) fn prepare(pdev: &Device<Bound>) -> Result {
    ALLOCATED
        .fill(pdev.as_ref(), AtomicBool::new(false))
        .map(drop)
}

/// The vectors that a binding has allocated.
struct Vectors(Behind);

impl Drop for Vectors {
    fn drop(&mut self) {
        let pdev = self.0.as_ptr();
        // SAFETY: allocated for this device, freed once; nobody uses them (VECTORS-UNUSED).
        unsafe { bindings::pci_free_irq_vectors(pdev) };
        // SAFETY: payloads are dropped while their device is alive; while it has something in its slots, it is bound.
        let pdev = unsafe { Device::<Bound>::from_raw(pdev) };
        if let Some(allocated) = ALLOCATED.get(pdev.as_ref()) {
            allocated.store(false, Ordering::Release);
        }
    }
}

/// Interrupt vectors of a device, freed when this is dropped.
///
/// While handlers are registered for them, also by registrations that were forgotten, they are not: then the end of the
/// binding frees them, as it does when this is forgotten.
///
/// # Invariants
///
/// VECTORS-UNUSED: vectors are freed when no handler is registered for them: `users` says so, or the binding's scope
/// has ended.
pub struct IrqVectorRegistration<'a> {
    pdev: &'a Device<Bound>,
    owned: ManuallyDrop<Owned<'a, Vectors>>,
    users: Users,
    count: usize,
    irq_type: IrqType,
}

impl<'a> IrqVectorRegistration<'a> {
    /// The number of vectors. Any context.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Which way of signalling was chosen. Any context.
    pub fn irq_type(&self) -> IrqType {
        self.irq_type
    }

    /// One vector. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there are not so many.
    pub fn index(&self, index: usize) -> Result<IrqVector<'_>> {
        if index >= self.count {
            return Err(EINVAL);
        }
        let index = c_uint::try_from(index)?;
        // SAFETY: DEV-LIVE; the vectors are allocated.
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
        // Requests borrow `self`, so there can be no new users.
        if self.users.is_empty() {
            // SAFETY: this is the end of `self`.
            unsafe { ManuallyDrop::drop(&mut self.owned) };
        }
        // Otherwise the entry stays, and the binding frees them, after its scope has ended.
    }
}

/// One of the vectors that were allocated.
pub struct IrqVector<'a> {
    vectors: &'a IrqVectorRegistration<'a>,
    irq: u32,
}

impl<'a> IrqVector<'a> {
    /// The vectors that it is one of. Any context.
    pub fn vectors(&self) -> &'a IrqVectorRegistration<'a> {
        self.vectors
    }

    /// How it is signalled. Any context.
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
    /// Allocates `min_vecs` to `max_vecs` vectors. May sleep.
    ///
    /// Messages are transfers of the device, so it has to be a [bus master](super::BusMaster) for MSI and MSI-X.
    ///
    /// # Errors
    ///
    /// `EBUSY` if the binding has vectors; `EINVAL` for no vectors, or fewer at most than at least; what
    /// `pci_alloc_irq_vectors()` returns, such as `ENOSPC` if there are not enough; `ENOMEM`; `EPERM` if no driver of this
    /// module has bound the device. Nothing is allocated then.
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
        let allocated = ALLOCATED.get(self.as_ref()).ok_or(EPERM)?;
        if allocated.swap(true, Ordering::AcqRel) {
            return Err(EBUSY);
        }
        // SAFETY: DEV-LIVE; nobody has vectors of this device but by this function.
        let count = unsafe {
            bindings::pci_alloc_irq_vectors(self.as_raw(), min_vecs, max_vecs, irq_types.0)
        };
        let Some(count) = usize::try_from(count).ok().filter(|count| *count > 0) else {
            allocated.store(false, Ordering::Release);
            return Err(to_result(count.min(0 as c_int)).err().unwrap_or(ENOSPC));
        };
        // On error the payload is dropped, and frees the vectors.
        let owned = Owned::new(self.as_ref(), Vectors(Behind::new(self)))?;
        // SAFETY: DEV-LIVE; nobody allocates or frees vectors meanwhile.
        let irq_type = match unsafe { bindings::lb_pci_irq_type(self.as_raw()) } as i32 {
            bindings::PCI_IRQ_MSIX => IrqType::MsiX,
            bindings::PCI_IRQ_MSI => IrqType::Msi,
            _ => IrqType::Intx,
        };
        // INVARIANT: VECTORS-UNUSED: see `drop`; an entry is released after the binding's scope has ended.
        Ok(IrqVectorRegistration {
            pdev: self,
            owned: ManuallyDrop::new(owned),
            users,
            count,
            irq_type,
        })
    }
}
