// SPDX-License-Identifier: GPL-2.0

//! Which addresses a device can drive: fixed by the first allocation of a binding.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::{
    binding::{Binding, Part},
    prelude::*,
};

/// Nothing was allocated or mapped: the masks may change.
const OPEN: u32 = 0;
/// A mask is being set.
const CHANGING: u32 = 1;
/// Something was allocated or mapped.
const USED: u32 = 2;

/// What a binding knows about its device's DMA.
pub struct Masks {
    state: AtomicU32,
    /// Whether leases were abandoned while `probe` ran.
    abandoned: AtomicBool,
}

impl Masks {
    /// The state before `probe`.
    pub(crate) const fn new() -> Self {
        Self {
            state: AtomicU32::new(OPEN),
            abandoned: AtomicBool::new(false),
        }
    }

    /// Calls `set`, which changes a mask, unless something was allocated. Errors: its own; `EBUSY`.
    pub(super) fn change(&self, set: impl FnOnce() -> Result) -> Result {
        self.state
            .compare_exchange(OPEN, CHANGING, Ordering::Acquire, Ordering::Relaxed)
            .map_err(|_| EBUSY)?;
        let result = set();
        self.state.store(OPEN, Ordering::Release);
        result
    }

    /// Says that something will be allocated. Errors: `EBUSY` while a mask is being set.
    pub(super) fn begin(&self) -> Result {
        match self
            .state
            .compare_exchange(OPEN, USED, Ordering::Acquire, Ordering::Acquire)
        {
            Err(CHANGING) => Err(EBUSY),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Whether anything was allocated or mapped.
    pub(crate) fn is_used(&self) -> bool {
        self.state.load(Ordering::Acquire) == USED
    }

    /// Notes that an entry of the binding was abandoned.
    pub(super) fn note_abandoned(&self) {
        self.abandoned.store(true, Ordering::Release);
    }
}

impl Part for Masks {
    /// Gives back what `probe` has dropped: it has succeeded, so no transfer uses that (DMA-QUIET).
    fn in_service(&self, binding: Binding<'_>) -> Result {
        if self.abandoned.load(Ordering::Acquire) {
            binding.managed().release_abandoned();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_fixed_by_the_first_allocation() {
        let masks = Masks::new();
        assert_eq!(masks.change(|| Err(EIO)), Err(EIO));
        assert_eq!(masks.change(|| masks.begin()), Err(EBUSY));
        assert_eq!(masks.change(|| masks.change(|| Ok(()))), Err(EBUSY));
        assert_eq!(masks.change(|| Ok(())), Ok(()));
        assert!(!masks.is_used());
        assert_eq!(masks.begin(), Ok(()));
        assert_eq!(masks.begin(), Ok(()));
        assert!(masks.is_used());
        assert_eq!(masks.change(|| unreachable!()), Err(EBUSY));
    }
}
