// SPDX-License-Identifier: GPL-2.0

//! The parts that all messages have in common: a time limit, and memory that the host controller
//! can reach.
//!
//! A message begins and ends within one call, so none is in flight when the call has returned. So a
//! message borrows nothing, and needs only a bound interface during the call.

use crate::{
    alloc::{
        Flags, Vec,
        allocator::dma::{DMA_LINE, DmaKmalloc},
    },
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

/// As much memory as DMA leaves to one owner on this architecture, or a multiple.
#[derive(Zeroable)]
#[repr(C, align(64))]
pub(super) struct Line([u8; 64]);

const _: () = assert!(size_of::<Line>().is_multiple_of(DMA_LINE) && align_of::<Line>() >= DMA_LINE);

/// Memory for `usb_*_msg()`. It comes from `kmalloc()`, and nobody else uses its cache lines, so
/// DMA reaches no other memory.
///
/// A driver's own buffer may lie on a stack, in `vmalloc()` memory or in a module's constants.
pub(super) enum Bounce {
    /// Most messages are short, and C finds the cache for a constant size while it compiles.
    Short(KBox<Line>),
    Long(Vec<u8, DmaKmalloc>),
}

impl Bounce {
    /// A copy of the data to be sent. Errors: `ENOMEM`.
    ///
    /// Context: process context; may sleep.
    pub(super) fn filled(data: &[u8]) -> Result<Self> {
        let mut copy = Self::zeroed(data.len())?;
        copy_bytes(copy.bytes_mut(), data, data.len());
        Ok(copy)
    }

    /// Zeroed memory for the data to be received. Errors: `ENOMEM`.
    ///
    /// Context: process context; may sleep.
    pub(super) fn zeroed(length: usize) -> Result<Self> {
        let flags = FLAGS | __GFP_NOWARN;
        Ok(if length <= size_of::<Line>() {
            Self::Short(KBox::zeroed(flags)?)
        } else {
            Self::Long(Vec::zeroed(length, flags)?)
        })
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(line) => &line.0,
            Self::Long(bytes) => bytes,
        }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Short(line) => &mut line.0,
            Self::Long(bytes) => bytes,
        }
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut core::ffi::c_void {
        self.bytes_mut().as_mut_ptr().cast()
    }

    /// Copies the first `count` bytes, which were received, into `to`; returns the number of bytes
    /// copied.
    pub(super) fn received(&self, count: usize, to: &mut [u8]) -> usize {
        copy_bytes(to, self.bytes(), count)
    }
}

/// Copies as many bytes as there are and fit, and `count` at most; returns how many.
fn copy_bytes(to: &mut [u8], from: &[u8], count: usize) -> usize {
    let count = count.min(to.len()).min(from.len());
    if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
        to.copy_from_slice(from);
    }
    count
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

    #[test]
    fn short_and_long_messages_have_whole_lines() -> Result {
        let data: std::vec::Vec<u8> = (0..200).collect();
        for length in [0, 1, 63, 64, 65, 200] {
            let mut bounce = Bounce::filled(&data[..length])?;
            assert!(bounce.bytes().starts_with(&data[..length]));
            assert!(bounce.as_mut_ptr().addr().is_multiple_of(DMA_LINE));
            let mut to = [0; 200];
            assert_eq!(bounce.received(length, &mut to), length);
            assert_eq!(to[..length], data[..length]);
        }
        Ok(())
    }
}
