// SPDX-License-Identifier: GPL-2.0

//! How the twins in Rust count; `measure.h` is the same in C.

use core::{
    hint::black_box,
    sync::atomic::{Ordering::SeqCst, compiler_fence},
};

use kernel::prelude::*;

const TRIES: usize = 12;

/// The processor's counter, which QEMU's `-icount shift=0` makes a count of instructions.
#[expect(unsafe_code, reason = "reads a register that every processor has")]
#[inline(always)]
pub(crate) fn instructions() -> u64 {
    // SAFETY: `_rdtsc` requires a processor with that instruction; all of x86-64 have it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// The least number of instructions that a call of `round` takes, in tenths, less those of the loop
/// itself.
#[inline(always)]
pub(crate) fn measure(row: impl kernel::fmt::Display, rounds: u64, mut round: impl FnMut(u64)) {
    let (mut best, mut empty) = (u64::MAX, u64::MAX);
    for _ in 0..TRIES {
        let start = instructions();
        for number in 0..rounds {
            compiler_fence(SeqCst);
            black_box(number);
        }
        empty = empty.min(instructions() - start);
        let start = instructions();
        for number in 0..rounds {
            round(black_box(number));
        }
        best = best.min(instructions() - start);
    }
    pr_info!("row {row} {}\n", best.saturating_sub(empty) * 10 / rounds);
}
