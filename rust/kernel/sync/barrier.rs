// SPDX-License-Identifier: GPL-2.0

//! Memory barriers between processors.
//!
//! C header: `include/asm-generic/barrier.h`.
//!
//! They order accesses to memory that processors share, made through [`atomic`](super::atomic) or
//! by C. They say nothing about devices. Orderings of an atomic operation are cheaper and easier to
//! get right.
//!
//! Context: any.

use core::sync::atomic::{Ordering, fence};

/// Orders all earlier accesses before all later ones.
#[inline(always)]
pub fn smp_mb() {
    fence(Ordering::SeqCst);
}

/// Orders earlier reads before later reads (and here also before later writes).
#[inline(always)]
pub fn smp_rmb() {
    fence(Ordering::Acquire);
}

/// Orders earlier writes (and here also earlier reads) before later writes.
#[inline(always)]
pub fn smp_wmb() {
    fence(Ordering::Release);
}
