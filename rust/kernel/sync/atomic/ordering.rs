// SPDX-License-Identifier: GPL-2.0

//! The orderings of atomic operations, as values.
//!
//! C: `Documentation/atomic_t.txt`, section "ORDERING".

use core::sync::atomic::{Ordering, compiler_fence};

/// Orders nothing.
#[derive(Clone, Copy, Debug)]
pub struct Relaxed;

/// Orders the operation's read before all later accesses.
#[derive(Clone, Copy, Debug)]
pub struct Acquire;

/// Orders all earlier accesses before the operation's write.
#[derive(Clone, Copy, Debug)]
pub struct Release;

/// Orders all earlier accesses before the operation, and the operation before all later accesses.
#[derive(Clone, Copy, Debug)]
pub struct Full;

/// An ordering of an operation that reads and writes: any of the four.
pub trait Any: sealed::Sealed {
    /// The ordering as `core` has it, for the operation itself.
    #[doc(hidden)]
    const MODIFY: Ordering;
    /// Whether the ordering also orders all earlier accesses against all later ones.
    #[doc(hidden)]
    const IS_FULL: bool = false;
}

/// An ordering of an operation that only reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no ordering for a read: use `Relaxed` or `Acquire`"
)]
pub trait AcquireOrRelaxed: Any {
    /// The ordering as `core` has it.
    #[doc(hidden)]
    const LOAD: Ordering = Self::MODIFY;
}

/// An ordering of an operation that only writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no ordering for a write: use `Relaxed` or `Release`"
)]
pub trait ReleaseOrRelaxed: Any {
    /// The ordering as `core` has it.
    #[doc(hidden)]
    const STORE: Ordering = Self::MODIFY;
}

impl Any for Relaxed {
    const MODIFY: Ordering = Ordering::Relaxed;
}

impl Any for Acquire {
    const MODIFY: Ordering = Ordering::Acquire;
}

impl Any for Release {
    const MODIFY: Ordering = Ordering::Release;
}

impl Any for Full {
    const MODIFY: Ordering = Ordering::SeqCst;
    const IS_FULL: bool = true;
}

impl AcquireOrRelaxed for Relaxed {}
impl AcquireOrRelaxed for Acquire {}
impl ReleaseOrRelaxed for Relaxed {}
impl ReleaseOrRelaxed for Release {}

/// Runs an operation with ordering `O` and makes [`Full`] mean what it means in C.
///
/// `SeqCst` orders an operation among other `SeqCst` operations, and as acquire and release. C's
/// full ordering is a barrier on both sides. On x86 the instruction is such a barrier, so only the
/// compiler must be kept from moving accesses past it.
#[inline(always)]
pub(super) fn full_barrier_around<O: Any, R>(operation: impl FnOnce() -> R) -> R {
    let barrier = || {
        if !O::IS_FULL {
        } else if cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
            compiler_fence(Ordering::SeqCst);
        } else {
            core::sync::atomic::fence(Ordering::SeqCst);
        }
    };
    barrier();
    let result = operation();
    barrier();
    result
}

mod sealed {
    /// Keeps the set of orderings closed.
    pub trait Sealed {}

    impl Sealed for super::Relaxed {}
    impl Sealed for super::Acquire {}
    impl Sealed for super::Release {}
    impl Sealed for super::Full {}
}
