// SPDX-License-Identifier: GPL-2.0

//! Memory: boxes and vectors on the kernel's allocators. Each allocation can fail.
//!
//! C headers: [`include/linux/slab.h`](srctree/include/linux/slab.h),
//! [`include/linux/vmalloc.h`](srctree/include/linux/vmalloc.h),
//! [`include/linux/gfp_types.h`](srctree/include/linux/gfp_types.h).
//!
//! | allocator | box, vector | C | for |
//! |---|---|---|---|
//! | [`Kmalloc`](allocator::Kmalloc) | [`KBox`], [`KVec`] | `kmalloc()` | small objects |
//! | [`Vmalloc`](allocator::Vmalloc) | [`VBox`], [`VVec`] | `vmalloc()` | large buffers |
//! | [`KVmalloc`](allocator::KVmalloc) | [`KVBox`], [`KVVec`] | `kvmalloc()` | any size |
//!
//! `kmalloc()` allocates in any context that its flags fit, and frees in any context but NMI. The
//! others allocate and free where the caller may sleep.
//!
//! Every function that allocates takes [`Flags`]. [`GFP_KERNEL`](flags::GFP_KERNEL) is right where
//! the caller may sleep, [`GFP_ATOMIC`](flags::GFP_ATOMIC) where it may not.

pub mod allocator;
pub mod kbox;
pub mod kvec;
pub mod layout;
#[cfg(test)]
pub(crate) mod testing;

use core::{alloc::Layout, ptr::NonNull};

use crate::{
    bindings,
    error::{
        Error, Result,
        code::{EINVAL, ENOMEM},
    },
    ffi::c_int,
    flag_set::flag_set,
};

pub use self::{
    kbox::{Box, KBox, KVBox, VBox},
    kvec::{IntoIter, KVVec, KVec, VVec, Vec},
};

/// There is no memory, or the size does not fit into an address space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllocError;

/// Always `ENOMEM`.
impl From<AllocError> for Error {
    fn from(_: AllocError) -> Error {
        ENOMEM
    }
}

/// How an allocation may behave: C's `gfp_t`.
///
/// Flags are joined with `|`. The operators reach no bit but those of the named constants in
/// [`flags`], so that no flag can appear that its user did not name.
///
/// # Examples
///
/// ```
/// use kernel::alloc::flags::*;
///
/// let quiet = GFP_KERNEL | __GFP_NOWARN;
/// assert!(quiet.contains(GFP_KERNEL));
/// assert!(!(quiet & !__GFP_NOWARN).contains(__GFP_NOWARN));
/// assert!((!quiet).contains(__GFP_ZERO));
/// ```
///
/// # Invariants
///
/// Only bits of the constants in [`flags`] are set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[doc(alias = "gfp_t")]
pub struct Flags(bindings::gfp_t);

impl Flags {
    /// The bits of all named constants.
    const NAMED: bindings::gfp_t = flags::__GFP_ZERO.0
        | flags::__GFP_HIGHMEM.0
        | flags::GFP_ATOMIC.0
        | flags::GFP_KERNEL.0
        | flags::GFP_KERNEL_ACCOUNT.0
        | flags::GFP_NOIO.0
        | flags::GFP_NOWAIT.0
        | flags::__GFP_NOWARN.0;

    /// Returns whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Returns the flags for C.
    pub(crate) const fn as_raw(self) -> bindings::gfp_t {
        self.0
    }
}

flag_set!(Flags, not within Self::NAMED);

/// The flags that an allocation takes.
// INVARIANT: (for each) these are the named bits.
pub mod flags {
    use super::Flags;
    use crate::bindings;

    /// The memory is zeroed. This flag is joined with one of the `GFP_` flags.
    ///
    /// When a buffer grows, only the part that its first allocation covered is zeroed.
    pub const __GFP_ZERO: Flags = Flags(bindings::LB___GFP_ZERO);

    /// The memory may lack a permanent mapping. The allocators here always map their memory, and
    /// leave this flag out.
    pub const __GFP_HIGHMEM: Flags = Flags(bindings::LB___GFP_HIGHMEM);

    /// For callers that may not sleep. The allocation may use reserves, and fails sooner than with
    /// [`GFP_KERNEL`].
    pub const GFP_ATOMIC: Flags = Flags(bindings::LB_GFP_ATOMIC);

    /// For callers that may sleep: the usual choice in `probe` and in system calls.
    pub const GFP_KERNEL: Flags = Flags(bindings::LB_GFP_KERNEL);

    /// As [`GFP_KERNEL`], charged to the memory cgroup of the current task. It is for memory whose
    /// amount user space controls.
    pub const GFP_KERNEL_ACCOUNT: Flags = Flags(bindings::LB_GFP_KERNEL_ACCOUNT);

    /// For callers that may sleep and that write data to a disk: the allocation starts no I/O of
    /// its own.
    pub const GFP_NOIO: Flags = Flags(bindings::LB_GFP_NOIO);

    /// For callers that may not sleep and can go on without the memory. The allocation does not
    /// touch reserves.
    pub const GFP_NOWAIT: Flags = Flags(bindings::LB_GFP_NOWAIT);

    /// The log does not report a failure. This flag is joined with one of the `GFP_` flags.
    pub const __GFP_NOWARN: Flags = Flags(bindings::LB___GFP_NOWARN);
}

/// A NUMA node near which memory is wanted; [`NO_NODE`](Self::NO_NODE) leaves the choice to the
/// kernel.
///
/// The node is a preference: memory comes from elsewhere if the node has none left, or if the C
/// function at hand takes no node. (`vmalloc()` takes a node with plain `GFP_KERNEL` and with
/// `GFP_KERNEL | __GFP_ZERO`; a `Kmalloc` buffer that grows loses it.)
///
/// # Invariants
///
/// The number is `NUMA_NO_NODE`, or a node that was online at some time; the kernel never frees a
/// node's description.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NumaNode(c_int);

impl NumaNode {
    /// No preference.
    // INVARIANT: this is the first of the two allowed cases.
    pub const NO_NODE: NumaNode = NumaNode(bindings::NUMA_NO_NODE);

    /// Makes a preference for the node with this number.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL`: no such node is online.
    pub fn new(node: i32) -> Result<Self> {
        if node == bindings::NUMA_NO_NODE {
            return Ok(Self::NO_NODE);
        }
        // SAFETY: the shim has no requirements; it checks the range itself and reads a bit map of
        // the kernel that always exists.
        let online = unsafe { bindings::lb_node_online(node) };
        if online {
            // INVARIANT: the node is online.
            Ok(Self(node))
        } else {
            Err(EINVAL)
        }
    }

    /// Returns the number for C.
    #[cfg_attr(
        not(target_os = "none"),
        expect(dead_code, reason = "only C's allocators know nodes")
    )]
    pub(crate) const fn as_raw(self) -> c_int {
        self.0
    }
}

/// A source of memory. The types in [`allocator`] implement this trait; drivers only name them.
///
/// An allocator has no value: the type of a [`Box`] or [`Vec`] says which allocator it uses.
///
/// # Safety
///
/// - Memory from [`alloc`](Self::alloc) and [`realloc`](Self::realloc) has at least the layout's
///   size and alignment. Nobody else uses it. It stays until it is given to [`free`](Self::free),
///   or to a `realloc` that succeeds. It may be given back on another thread.
/// - For a layout of size 0 there is no memory: the pointer is dangling, not null, and aligned as
///   the layout says.
/// - With `__GFP_ZERO`, the bytes of the layout's size that `alloc` gives are zero.
/// - Memory of a size other than 0 is aligned to [`MIN_ALIGN`](Self::MIN_ALIGN).
/// - [`alloc_value`](Self::alloc_value) gives what `alloc` gives for the layout of `T`.
/// - A failed `realloc` leaves the old memory and its content as they were. One that succeeds keeps
///   the content up to the smaller of both sizes.
pub unsafe trait Allocator {
    /// The alignment of each allocation of a size other than 0, whatever its layout says.
    const MIN_ALIGN: usize;

    /// Allocates memory for `layout`.
    ///
    /// The slice has the layout's size. The content is not initialised, unless `flags` has
    /// `__GFP_ZERO`.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory, or the allocator does not support the layout or the flags.
    /// Nothing has changed.
    fn alloc(layout: Layout, flags: Flags, nid: NumaNode) -> Result<NonNull<[u8]>, AllocError>;

    /// Allocates memory for a `T`, as [`alloc`](Self::alloc) does.
    ///
    /// # Errors
    ///
    /// The errors of [`alloc`](Self::alloc).
    #[inline]
    fn alloc_value<T>(flags: Flags) -> Result<NonNull<T>, AllocError> {
        Self::alloc(Layout::new::<T>(), flags, NumaNode::NO_NODE).map(NonNull::cast)
    }

    /// Changes an allocation from `old_layout` to `layout`, possibly at another address.
    ///
    /// If `ptr` is `None`, this function allocates. If `layout` has size 0, it frees. Bytes past
    /// the old size are not initialised, whatever the flags are.
    ///
    /// # Safety
    ///
    /// `ptr` is `None`, or comes from this allocator with `old_layout` and was not given back
    /// since. If this call succeeds, `ptr` is not used any more. Both layouts have the same
    /// alignment.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: as for [`alloc`](Self::alloc). The old allocation stays as it was.
    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let new = Self::alloc(layout, flags, nid)?;
        if let Some(old) = ptr {
            let kept = layout.size().min(old_layout.size());
            // SAFETY: `copy_nonoverlapping` requires `kept` bytes at both ends that do not overlap.
            // Both allocations have at least that size. The new one is used by nobody else, hence
            // is not a part of the old one. If `kept` is 0, any pointers that are aligned to 1
            // suffice.
            unsafe { old.copy_to_nonoverlapping(new.cast(), kept) };
            // SAFETY: `free` requires memory that was allocated with the layout and is not used any
            // more; the caller promises both.
            unsafe { Self::free(old, old_layout) };
        }
        Ok(new)
    }

    /// Frees the memory.
    ///
    /// # Safety
    ///
    /// `ptr` comes from this allocator with `layout`, was not given back since, and is not used any
    /// more. (The dangling pointer for a layout of size 0 comes from the allocator in this sense.)
    unsafe fn free(ptr: NonNull<u8>, layout: Layout);
}

#[cfg(test)]
mod tests {
    use super::{flags::*, *};

    #[test]
    fn operators_reach_no_unnamed_bit() {
        for flags in [
            __GFP_ZERO,
            GFP_ATOMIC,
            GFP_KERNEL,
            GFP_KERNEL & GFP_ATOMIC,
            !GFP_KERNEL,
        ] {
            assert_eq!(!flags & flags, GFP_KERNEL & __GFP_ZERO);
            assert_eq!((!flags).as_raw() & !Flags::NAMED, 0);
            assert_eq!(!!flags, flags);
        }
    }

    #[test]
    fn contains_wants_all_bits() {
        assert!(GFP_KERNEL_ACCOUNT.contains(GFP_KERNEL));
        assert!(!GFP_KERNEL.contains(GFP_KERNEL_ACCOUNT));
        assert!(!GFP_ATOMIC.contains(GFP_KERNEL));
        assert!(!GFP_NOWAIT.contains(GFP_KERNEL));
    }
}

#[cfg(lifebound_kunit)]
mod kunit;
