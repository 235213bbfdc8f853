// SPDX-License-Identifier: GPL-2.0

//! Memory barriers between processors, and between the processor and devices that share its memory.
//!
//! C header: `include/asm-generic/barrier.h`.
//!
//! Those named `smp_*` order accesses to memory that processors share, made through [`atomic`](super::atomic) or by C.
//! They say nothing about devices. Orderings of an atomic operation are cheaper and easier to get right.
//!
//! Those named `dma_*` order accesses to [coherent memory](crate::dma::Coherent), as the device sees them. On x86-64, the
//! one architecture that this crate runs on, devices see a processor's accesses as other processors do.
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

/// Orders all earlier accesses to coherent memory before all later ones.
#[inline(always)]
pub fn dma_mb() {
    smp_mb();
}

/// Orders earlier reads of coherent memory before later reads, such as that of a flag before that of what it is about.
#[inline(always)]
pub fn dma_rmb() {
    smp_rmb();
}

/// Orders earlier writes to coherent memory before later writes, such as that of a descriptor before that of its flag.
#[inline(always)]
pub fn dma_wmb() {
    smp_wmb();
}
