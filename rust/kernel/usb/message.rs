// SPDX-License-Identifier: GPL-2.0

//! The parts that all messages have in common: a time limit, and memory that the host controller
//! can reach.
//!
//! A message begins and ends within one call, so none is in flight when the call has returned. So a
//! message borrows nothing, and needs only a bound interface during the call.

use crate::{
    alloc::{Flags, Vec, allocator::dma::DmaKmalloc},
    ffi::c_int,
    prelude::*,
    time::Delta,
};

/// The flags for bounce memory. The device may be a disk to which the kernel writes memory back, so
/// the allocation must start no I/O.
const FLAGS: Flags = GFP_NOIO;

/// A time limit for C, in milliseconds, rounded up. Errors: `EINVAL` if it is not above 0, because
/// 0 means something else to C.
pub(super) fn timeout_millis(timeout: Delta) -> Result<c_int> {
    match timeout.as_millis_ceil() {
        ..=0 => Err(EINVAL),
        millis => Ok(c_int::try_from(millis).unwrap_or(c_int::MAX)),
    }
}

/// Memory for `usb_*_msg()`. It comes from `kmalloc()`, and nobody else uses its cache lines, so
/// DMA reaches no other memory.
///
/// A driver's own buffer may lie on a stack, in `vmalloc()` memory or in a module's constants.
pub(super) struct Bounce(Vec<u8, DmaKmalloc>);

impl Bounce {
    /// A copy of the data to be sent. Errors: `ENOMEM`.
    ///
    /// Context: process context; may sleep.
    pub(super) fn filled(data: &[u8]) -> Result<Self> {
        let mut copy = Vec::with_capacity(data.len(), FLAGS | __GFP_NOWARN)?;
        copy.extend_from_slice(data, FLAGS)?;
        Ok(Self(copy))
    }

    /// Zeroed memory for the data to be received. Errors: `ENOMEM`.
    ///
    /// Context: process context; may sleep.
    pub(super) fn zeroed(length: usize) -> Result<Self> {
        Ok(Self(Vec::zeroed(length, FLAGS | __GFP_NOWARN)?))
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut core::ffi::c_void {
        self.0.as_mut_ptr().cast()
    }

    /// Copies the first `count` bytes, which were received, into `to`; returns the number of bytes
    /// copied.
    pub(super) fn received(&self, count: usize, to: &mut [u8]) -> usize {
        let mut copied: usize = 0;
        for (to, from) in to.iter_mut().zip(&self.0).take(count) {
            *to = *from;
            // OVERFLOW: `copied` is at most the length of a slice.
            copied = copied.wrapping_add(1);
        }
        copied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_milliseconds() {
        assert_eq!(timeout_millis(Delta::from_millis(20)), Ok(20));
        assert_eq!(timeout_millis(Delta::from_micros(1)), Ok(1));
        assert_eq!(timeout_millis(Delta::from_secs(i64::MAX)), Ok(c_int::MAX));
        assert_eq!(timeout_millis(Delta::from_millis(0)), Err(EINVAL));
        assert_eq!(timeout_millis(Delta::from_millis(-5)), Err(EINVAL));
    }

    #[test]
    fn only_what_was_received_is_copied() -> Result {
        let bounce = Bounce::filled(&[1, 2, 3, 4])?;
        let mut to = [9; 4];
        assert_eq!(bounce.received(2, &mut to), 2);
        assert_eq!(to, [1, 2, 9, 9]);
        assert_eq!(bounce.received(100, &mut to), 4);
        assert_eq!(to, [1, 2, 3, 4]);
        let mut short = [0; 2];
        assert_eq!(bounce.received(4, &mut short), 2);
        assert!(Bounce::zeroed(0).is_ok());
        Ok(())
    }
}
