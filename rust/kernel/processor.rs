// SPDX-License-Identifier: GPL-2.0

//! The processor.
//!
//! C header: `include/asm-generic/processor.h`, and the header of that name for the architecture.

/// Tells the processor that this is a loop that waits for another processor.
///
/// The processor then saves power and lets a sibling thread go first.
///
/// Context: any context.
#[inline(always)]
pub fn cpu_relax() {
    core::hint::spin_loop();
}
