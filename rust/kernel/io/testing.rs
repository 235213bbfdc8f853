// SPDX-License-Identifier: GPL-2.0

//! Ordinary memory that takes the part of a device in tests.

use std::cell::Cell;
use std::vec::Vec;

use super::{Mmio, MmioRaw, Region, SysMem};

/// Some bytes, all zero at first, aligned to 8.
pub(super) struct Memory {
    words: Vec<Cell<u64>>,
    len: usize,
}

impl Memory {
    pub(super) fn new(len: usize) -> Self {
        let words = (0..len.div_ceil(8)).map(|_| Cell::new(0)).collect();
        Self { words, len }
    }

    fn base(&self) -> *mut u8 {
        self.words.as_ptr().cast::<u8>().cast_mut()
    }

    /// All of it as device registers.
    pub(super) fn mmio<const SIZE: usize>(&self) -> Mmio<'_, Region<SIZE>> {
        let raw = MmioRaw::new_region(self.base().expose_provenance(), self.len).unwrap();
        // SAFETY: `from_raw` wants mapped and aligned memory without references into it: `words` is
        // a vector of `u64` cells that lives as long as `self` is borrowed, and is seen as bytes
        // only.
        unsafe { Mmio::from_raw(raw) }
    }

    /// All of it as system memory.
    pub(super) fn sys_mem<const SIZE: usize>(&self) -> SysMem<'_, Region<SIZE>> {
        let ptr = Region::ptr_try_from_raw_parts_mut(self.base(), self.len).unwrap();
        // SAFETY: `new` wants initialised memory without references into it: as for `mmio`.
        unsafe { SysMem::new(ptr) }
    }

    /// What it holds, padding up to a multiple of 8 included.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.words
            .iter()
            .flat_map(|word| word.get().to_le_bytes())
            .collect()
    }

    /// Sets each byte to the low bits of its offset, plus one.
    pub(super) fn count_up(&self) {
        for (i, word) in (0_u64..).zip(&self.words) {
            word.set(0x0807_0605_0403_0201 + i * 0x0808_0808_0808_0808);
        }
    }
}
