// SPDX-License-Identifier: GPL-2.0

//! What a binding knows about its device's DMA.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::prelude::*;

/// Nothing was allocated or mapped: the masks may change.
const OPEN: u32 = 0;
/// A mask is being set.
const CHANGING: u32 = 1;
/// Something was allocated or mapped.
const USED: u32 = 2;

/// Part of a binding, so that the next one starts anew.
pub(crate) struct State {
    masks: AtomicU32,
    settled: AtomicBool,
    masters: AtomicU32,
}

impl State {
    /// The state before `probe`.
    pub(crate) const fn new() -> Self {
        Self {
            masks: AtomicU32::new(OPEN),
            settled: AtomicBool::new(false),
            masters: AtomicU32::new(0),
        }
    }

    /// Calls `set`, which changes a mask, unless something was allocated. Errors: its own; `EBUSY`.
    pub(super) fn change(&self, set: impl FnOnce() -> Result) -> Result {
        self.masks
            .compare_exchange(OPEN, CHANGING, Ordering::Acquire, Ordering::Relaxed)
            .map_err(|_| EBUSY)?;
        let result = set();
        self.masks.store(OPEN, Ordering::Release);
        result
    }

    /// Says that something will be allocated. Errors: `EBUSY` while a mask is being set.
    pub(super) fn begin(&self) -> Result {
        match self
            .masks
            .compare_exchange(OPEN, USED, Ordering::Acquire, Ordering::Acquire)
        {
            Err(CHANGING) => Err(EBUSY),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Whether the device is in service: what the driver drops is given back at once (DMA-QUIET).
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    /// Says that the device is in service, or is not any more.
    pub(crate) fn set_settled(&self, settled: bool) {
        self.settled.store(settled, Ordering::Release);
    }

    /// Counts a share of bus mastering.
    pub(crate) fn add_master(&self) {
        // OVERFLOW: each is an allocation of its own.
        self.masters.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts one less; `true` for the last.
    pub(crate) fn remove_master(&self) -> bool {
        self.masters.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Whether there are any.
    pub(crate) fn has_masters(&self) -> bool {
        self.masters.load(Ordering::Acquire) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_fixed_by_the_first_allocation() {
        let state = State::new();
        assert_eq!(state.change(|| Err(EIO)), Err(EIO));
        assert_eq!(state.change(|| state.begin()), Err(EBUSY));
        assert_eq!(state.change(|| state.change(|| Ok(()))), Err(EBUSY));
        assert_eq!(state.change(|| Ok(())), Ok(()));
        assert_eq!(state.begin(), Ok(()));
        assert_eq!(state.begin(), Ok(()));
        assert_eq!(state.change(|| unreachable!()), Err(EBUSY));
    }

    #[test]
    fn masters_are_counted() {
        let state = State::new();
        state.add_master();
        state.add_master();
        assert!(!state.remove_master());
        assert!(state.has_masters());
        assert!(state.remove_master());
        assert!(!state.has_masters());
    }
}
