// SPDX-License-Identifier: GPL-2.0

//! The addresses that a device can drive. The first allocation of a binding fixes them.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::{
    binding::{Binding, Part},
    prelude::*,
};

/// The binding has allocated or mapped no memory: the masks may change.
const OPEN: u32 = 0;
/// A mask is being set.
const CHANGING: u32 = 1;
/// The binding has allocated or mapped memory: the masks are fixed.
const USED: u32 = 2;

/// The state of DMA in a binding.
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

    /// Calls `set`, which changes a mask, unless memory was allocated or mapped. Errors: those of
    /// `set`; `EBUSY`.
    pub(super) fn change(&self, set: impl FnOnce() -> Result) -> Result {
        self.state
            .compare_exchange(OPEN, CHANGING, Ordering::Acquire, Ordering::Relaxed)
            .map_err(|_| EBUSY)?;
        let result = set();
        self.state.store(OPEN, Ordering::Release);
        result
    }

    /// Fixes the masks before memory is allocated or mapped. Errors: `EBUSY` while a mask is being
    /// set.
    pub(super) fn begin(&self) -> Result {
        match self
            .state
            .compare_exchange(OPEN, USED, Ordering::Acquire, Ordering::Acquire)
        {
            Err(CHANGING) => Err(EBUSY),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Whether memory was allocated or mapped.
    pub(crate) fn is_used(&self) -> bool {
        self.state.load(Ordering::Acquire) == USED
    }

    /// Notes that the driver dropped a lease whose payload has to stay.
    pub(super) fn note_abandoned(&self) {
        self.abandoned.store(true, Ordering::Release);
    }
}

impl Part for Masks {
    /// Releases the leases that `probe` dropped. `probe` has succeeded, so no transfer uses them
    /// (DMA-QUIET).
    #[inline]
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
