// SPDX-License-Identifier: GPL-2.0

//! The C functions behind the allocators.

use core::{alloc::Layout, ptr::NonNull};

use crate::{
    alloc::{Flags, NumaNode},
    bindings,
};

/// Allocates memory, or changes the size of `old`; returns null on failure.
///
/// # Safety
///
/// `old` is `None`, or memory of this function that is not used any more if this succeeds.
pub(super) unsafe fn krealloc(
    old: Option<NonNull<u8>>,
    _old_layout: Layout,
    size: usize,
    _align: usize,
    flags: Flags,
    nid: NumaNode,
) -> *mut u8 {
    let old = old.map_or(core::ptr::null(), |old| old.as_ptr().cast_const().cast());
    // SAFETY: the shim requires null or an object of `kmalloc`, which `krealloc` then owns unless
    // it fails; the caller promises it. The node exists, by the invariant of `NumaNode`.
    unsafe { bindings::lb_krealloc(old, size, flags.as_raw(), nid.as_raw()) }.cast()
}

/// Allocates memory of a size that is constant for the caller; returns null on failure.
///
/// The match leaves one call: a shim for each of C's sizes, in which C's compiler has chosen the
/// cache.
#[inline(always)]
pub(super) fn kmalloc_constant(size: usize, _align: usize, flags: Flags) -> *mut u8 {
    let kmalloc = match size {
        0..=8 => bindings::lb_kmalloc_8,
        9..=16 => bindings::lb_kmalloc_16,
        17..=32 => bindings::lb_kmalloc_32,
        33..=64 => bindings::lb_kmalloc_64,
        65..=96 => bindings::lb_kmalloc_96,
        97..=128 => bindings::lb_kmalloc_128,
        129..=192 => bindings::lb_kmalloc_192,
        193..=256 => bindings::lb_kmalloc_256,
        257..=512 => bindings::lb_kmalloc_512,
        513..=1024 => bindings::lb_kmalloc_1024,
        1025..=2048 => bindings::lb_kmalloc_2048,
        2049..=4096 => bindings::lb_kmalloc_4096,
        _ => bindings::lb_kmalloc,
    };
    // SAFETY: the shim requires a size that is no larger than its name says.
    unsafe { kmalloc(size, flags.as_raw()) }.cast()
}

/// Allocates memory; returns null on failure.
pub(super) fn vmalloc(size: usize, flags: Flags, nid: NumaNode) -> *mut u8 {
    // SAFETY: the shim requires a node that exists; it exists by the invariant of `NumaNode`.
    unsafe { bindings::lb_vmalloc(size, flags.as_raw(), nid.as_raw()) }.cast()
}

/// Allocates memory; returns null on failure.
pub(super) fn kvmalloc(size: usize, _align: usize, flags: Flags, nid: NumaNode) -> *mut u8 {
    // SAFETY: the shim requires a node that exists; it exists by the invariant of `NumaNode`.
    unsafe { bindings::lb_kvmalloc(size, flags.as_raw(), nid.as_raw()) }.cast()
}

/// Frees the memory.
///
/// # Safety
///
/// `ptr` comes from [`krealloc`] and is not used any more.
#[inline(always)]
pub(super) unsafe fn kfree(ptr: NonNull<u8>) {
    // SAFETY: `kfree` requires an object of `kmalloc` that is not used any more; the caller
    // promises it.
    unsafe { bindings::kfree(ptr.as_ptr().cast()) }
}

/// Frees the memory.
///
/// # Safety
///
/// `ptr` comes from [`vmalloc`] and is not used any more.
pub(super) unsafe fn vfree(ptr: NonNull<u8>) {
    // SAFETY: `vfree` requires memory of `vmalloc` that is not used any more; the caller promises
    // it.
    unsafe { bindings::vfree(ptr.as_ptr().cast()) }
}

/// Frees the memory.
///
/// # Safety
///
/// `ptr` comes from [`kvmalloc`] and is not used any more.
pub(super) unsafe fn kvfree(ptr: NonNull<u8>) {
    // SAFETY: `kvfree` requires memory of `kvmalloc` that is not used any more; the caller promises
    // it.
    unsafe { bindings::kvfree(ptr.as_ptr().cast()) }
}
