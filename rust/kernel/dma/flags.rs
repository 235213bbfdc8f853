// SPDX-License-Identifier: GPL-2.0

//! Attributes of memory for DMA, and directions of transfers.

use crate::{bindings, ffi::c_ulong, flag_set::flag_set};

/// Attributes of an allocation (`DMA_ATTR_*`). The operator `|` joins them.
///
/// The operators reach only the bits of the constants in [`attrs`](mod@attrs). None of these leaves
/// out the address for the CPU; [`CoherentHandle`](super::CoherentHandle) does that.
///
/// # Invariants
///
/// Only bits of those constants are set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Attrs(u32);

impl Attrs {
    const NAMED: u32 = attrs::DMA_ATTR_WEAK_ORDERING.0
        | attrs::DMA_ATTR_WRITE_COMBINE.0
        | attrs::DMA_ATTR_SKIP_CPU_SYNC.0
        | attrs::DMA_ATTR_FORCE_CONTIGUOUS.0
        | attrs::DMA_ATTR_ALLOC_SINGLE_PAGES.0
        | attrs::DMA_ATTR_NO_WARN.0
        | attrs::DMA_ATTR_PRIVILEGED.0;

    /// No attributes.
    pub(super) const NONE: Self = Self(0);

    /// Whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Attrs) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The attributes for C.
    pub(super) const fn as_raw(self) -> c_ulong {
        self.0 as c_ulong
    }
}

flag_set!(Attrs, not within Self::NAMED);

/// The attributes.
// INVARIANT: each constant has only bits of `NAMED`, because `NAMED` is made of them.
pub mod attrs {
    use super::{Attrs, bindings};

    /// The device and the CPU may reorder reads and writes.
    pub const DMA_ATTR_WEAK_ORDERING: Attrs = Attrs(bindings::DMA_ATTR_WEAK_ORDERING as u32);

    /// The CPU may combine writes.
    pub const DMA_ATTR_WRITE_COMBINE: Attrs = Attrs(bindings::DMA_ATTR_WRITE_COMBINE as u32);

    /// C does not write caches back, and does not invalidate them.
    pub const DMA_ATTR_SKIP_CPU_SYNC: Attrs = Attrs(bindings::DMA_ATTR_SKIP_CPU_SYNC as u32);

    /// The memory is contiguous in physical memory, even behind an IOMMU.
    pub const DMA_ATTR_FORCE_CONTIGUOUS: Attrs = Attrs(bindings::DMA_ATTR_FORCE_CONTIGUOUS as u32);

    /// C does not try to allocate large pages.
    pub const DMA_ATTR_ALLOC_SINGLE_PAGES: Attrs =
        Attrs(bindings::DMA_ATTR_ALLOC_SINGLE_PAGES as u32);

    /// C does not log a failure.
    pub const DMA_ATTR_NO_WARN: Attrs = Attrs(bindings::DMA_ATTR_NO_WARN as u32);

    /// The device accesses the memory with elevated privilege.
    pub const DMA_ATTR_PRIVILEGED: Attrs = Attrs(bindings::DMA_ATTR_PRIVILEGED as u32);
}

/// The direction of a transfer (`enum dma_data_direction`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataDirection {
    /// The device reads and writes the memory.
    Bidirectional,
    /// The device reads the memory.
    ToDevice,
    /// The device writes the memory.
    FromDevice,
    /// No direction, for debugging. Memory cannot be mapped with it.
    None,
}

impl From<DataDirection> for bindings::dma_data_direction {
    fn from(direction: DataDirection) -> Self {
        match direction {
            DataDirection::Bidirectional => bindings::dma_data_direction_DMA_BIDIRECTIONAL,
            DataDirection::ToDevice => bindings::dma_data_direction_DMA_TO_DEVICE,
            DataDirection::FromDevice => bindings::dma_data_direction_DMA_FROM_DEVICE,
            DataDirection::None => bindings::dma_data_direction_DMA_NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{attrs::*, *};

    #[test]
    fn operators_reach_no_unnamed_bit() {
        for some in [Attrs::NONE, DMA_ATTR_NO_WARN, !DMA_ATTR_NO_WARN] {
            assert_eq!((!some).as_raw() & !(Attrs::NAMED as usize), 0);
            assert_eq!(!!some, some);
            assert_eq!(!some & some, Attrs::NONE);
        }
        assert_eq!(
            (!Attrs::NONE).as_raw() & bindings::DMA_ATTR_NO_KERNEL_MAPPING as usize,
            0
        );
        assert!((!DMA_ATTR_NO_WARN).contains(DMA_ATTR_WRITE_COMBINE | DMA_ATTR_PRIVILEGED));
    }
}
