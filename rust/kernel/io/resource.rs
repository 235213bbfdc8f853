// SPDX-License-Identifier: GPL-2.0

//! Address ranges, and exclusive claims on them.
//!
//! C header: [`include/linux/ioport.h`](srctree/include/linux/ioport.h)

use core::{
    ops::{BitAnd, BitOr, Deref, Not},
    ptr::NonNull,
};

use super::{PhysAddr, ResourceSize};
use crate::{bindings, ffi::c_ulong, prelude::*, str::CString, types::Opaque};

/// A range of addresses that a device has, `struct resource`.
///
/// # Invariants
///
/// RES-LIVE: the C structure is initialised, and neither moved nor changed while a reference to it lives.
#[repr(transparent)]
pub struct Resource(Opaque<bindings::resource>);

// SAFETY: the structure is only read through a `Resource` (RES-LIVE).
unsafe impl Send for Resource {}

// SAFETY: as above.
unsafe impl Sync for Resource {}

impl Resource {
    /// Makes a reference of a C pointer.
    ///
    /// # Safety
    ///
    /// RES-LIVE must hold for all of `'a`, which is the caller's choice.
    pub(crate) unsafe fn from_raw<'a>(pointer: *mut bindings::resource) -> &'a Self {
        // SAFETY: a transparent wrapper; the caller vouches for pointer and lifetime.
        unsafe { &*pointer.cast() }
    }

    fn raw(&self) -> &bindings::resource {
        // SAFETY: RES-LIVE.
        unsafe { &*self.0.get() }
    }

    /// Claims `size` bytes from `start` on, which must lie in this range. May sleep.
    ///
    /// The claim is made at the root of the address space, so it keeps out everybody, whether or not this range was
    /// entered there. `name` shows in `/proc/iomem` or `/proc/ioports`.
    ///
    /// `None` if the range is not inside of this one, is empty, or somebody has claimed part of it.
    pub fn request_region(
        &self,
        start: PhysAddr,
        size: ResourceSize,
        name: CString,
        flags: Flags,
    ) -> Option<Region> {
        let last = start.checked_add(size.checked_sub(1)?)?;
        if start < self.start() || last > self.raw().end {
            return None;
        }
        let root = if self.flags().contains(Flags::IORESOURCE_IO) {
            &raw mut bindings::ioport_resource
        } else {
            &raw mut bindings::iomem_resource
        };
        // Only what asks to wait for the present owner; the type follows from the root.
        let flags = (flags & Flags::IORESOURCE_MUXED).0 as i32;
        // SAFETY: `root` is one of C's roots; the name lives until the claim is given back (`Region`).
        let claim =
            unsafe { bindings::__request_region(root, start, size, name.as_char_ptr(), flags) };
        // INVARIANT: REGION-OURS.
        Some(Region {
            claim: NonNull::new(claim)?,
            root,
            _name: name,
        })
    }

    /// The size in bytes. Any context.
    pub fn size(&self) -> ResourceSize {
        let raw = self.raw();
        // An empty range has its end before its start.
        raw.end.wrapping_sub(raw.start).wrapping_add(1)
    }

    /// The first address. Any context.
    pub fn start(&self) -> PhysAddr {
        self.raw().start
    }

    /// The name, if it has one. Any context.
    pub fn name(&self) -> Option<&CStr> {
        let name = self.raw().name;
        // SAFETY: a name that is not null is a C string which lives as long as the resource has it (RES-LIVE).
        (!name.is_null()).then(|| unsafe { CStr::from_char_ptr(name) })
    }

    /// Kind and properties. Any context.
    pub fn flags(&self) -> Flags {
        Flags(self.raw().flags)
    }
}

/// A range that is claimed for its owner; given back when dropped.
///
/// # Invariants
///
/// REGION-OURS: `claim` was made by `request_region` under `root`, and is busy: nobody else can claim any part of it,
/// so its exact range under that root names it alone.
pub struct Region {
    claim: NonNull<bindings::resource>,
    root: *mut bindings::resource,
    // Freed after the claim that shows it.
    _name: CString,
}

// SAFETY: a claim may be read and given back on any thread; C locks.
unsafe impl Send for Region {}

// SAFETY: a shared reference can only be read.
unsafe impl Sync for Region {}

impl Deref for Region {
    type Target = Resource;

    fn deref(&self) -> &Resource {
        // SAFETY: REGION-OURS: alive until `self` is dropped; C changes a busy resource for nobody.
        unsafe { Resource::from_raw(self.claim.as_ptr()) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        let (start, size) = (self.start(), self.size());
        // SAFETY: REGION-OURS: this frees `claim`, once.
        unsafe { bindings::__release_region(self.root, start, size) }
    }
}

/// Kind and properties of a [`Resource`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(c_ulong);

impl Flags {
    /// I/O ports.
    pub const IORESOURCE_IO: Self = Self(bindings::IORESOURCE_IO as c_ulong);
    /// Wait for the present owner instead of failing.
    pub const IORESOURCE_MUXED: Self = Self(bindings::IORESOURCE_MUXED as c_ulong);
    /// Memory.
    pub const IORESOURCE_MEM: Self = Self(bindings::IORESOURCE_MEM as c_ulong);
    /// Memory whose writes must not be posted.
    pub const IORESOURCE_MEM_NONPOSTED: Self = Self(bindings::IORESOURCE_MEM_NONPOSTED as c_ulong);

    /// Whether all of `flags` are set. Any context.
    pub fn contains(self, flags: Self) -> bool {
        self & flags == flags
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Flags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Flags {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0)
    }
}
