// SPDX-License-Identifier: GPL-2.0

//! Small numbers that distinguish devices.

use kernel::{
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
};

/// A bit for each number that a device has.
static TAKEN: Atomic<u64> = Atomic::new(0);

/// The smallest number that no other device had. It is free again when this value is dropped.
pub(crate) struct Number(u32);

impl Number {
    /// # Errors
    ///
    /// `ENOSPC` if there are 64 devices.
    pub(crate) fn take() -> Result<Self> {
        let mut taken = TAKEN.load(Relaxed);
        loop {
            let number = taken.trailing_ones();
            let bit = 1_u64.checked_shl(number).ok_or(ENOSPC)?;
            let new = taken | bit;
            if TAKEN.try_cmpxchg(&mut taken, new, Relaxed) {
                return Ok(Self(number));
            }
        }
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        TAKEN.fetch_and(!(1 << self.0), Relaxed);
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
