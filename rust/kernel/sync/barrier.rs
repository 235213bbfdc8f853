// SPDX-License-Identifier: GPL-2.0

//! Memory barriers between processors, and between the processor and devices that share its memory.
//!
//! C header: `include/asm-generic/barrier.h`.
//!
//! The `smp_*` barriers order accesses to memory that processors share, made through
//! [`atomic`](super::atomic) or by C. They say nothing about devices. Orderings of an atomic
//! operation are cheaper and easier to get right.
//!
//! The `dma_*` barriers order accesses to [coherent memory](crate::dma::Coherent), as the device
//! sees them. This crate runs on x86-64 only. There, devices see a processor's accesses as other
//! processors do.
//!
//! Context: any context.

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

/// Orders earlier reads of coherent memory before later ones. An example is the read of a flag
/// before the read of the data that it announces.
#[inline(always)]
pub fn dma_rmb() {
    smp_rmb();
}

/// Orders earlier writes to coherent memory before later ones. An example is the write of a
/// descriptor before the write of its flag.
#[inline(always)]
pub fn dma_wmb() {
    smp_wmb();
}
