// SPDX-License-Identifier: GPL-2.0

//! Ordinary memory that stands for a device in tests.

use std::cell::Cell;
use std::vec::Vec;

use super::{Mmio, MmioRaw, Region, SysMem};

/// Memory that stands for a device. All its bytes are zero at first, and it is aligned to 8 bytes.
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

    /// All of the memory as device registers.
    pub(super) fn mmio<const SIZE: usize>(&self) -> Mmio<'_, Region<SIZE>> {
        let raw = MmioRaw::new_region(self.base().expose_provenance(), self.len).unwrap();
        // SAFETY: `from_raw` requires mapped and aligned memory without references into it; `words`
        // is a vector of `u64` cells that lives as long as `self` is borrowed.
        unsafe { Mmio::from_raw(raw) }
    }

    /// All of the memory as system memory.
    pub(super) fn sys_mem<const SIZE: usize>(&self) -> SysMem<'_, Region<SIZE>> {
        let ptr = Region::ptr_try_from_raw_parts_mut(self.base(), self.len).unwrap();
        // SAFETY: `new` requires initialised memory without references into it; the same holds as
        // in `mmio`.
        unsafe { SysMem::new(ptr) }
    }

    /// The bytes of the memory, including padding up to a multiple of 8.
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
