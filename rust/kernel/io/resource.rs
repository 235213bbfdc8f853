// SPDX-License-Identifier: GPL-2.0

//! Address ranges that devices have, and exclusive claims on them.
//!
//! C header: [`include/linux/ioport.h`](srctree/include/linux/ioport.h)

use core::ptr::NonNull;

use super::{PhysAddr, ResourceSize};
use crate::{
    bindings, ffi::c_ulong, flag_set::flag_set, fmt, prelude::*, str::CString, types::Opaque,
};

/// A range of addresses that a device has, `struct resource`.
///
/// # Invariants
///
/// RES-LIVE: the C structure is initialised, and lives while a reference to it does. Its range, name and flags do not
/// change meanwhile; C may link it to others.
#[repr(transparent)]
pub struct Resource(Opaque<bindings::resource>);

// SAFETY: only what does not change is read through a `Resource` (RES-LIVE).
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

    /// The size in bytes. Any context.
    pub fn size(&self) -> ResourceSize {
        let raw = self.0.get();
        // SAFETY: RES-LIVE.
        let end = unsafe { (*raw).end };
        // An empty range has its end before its start.
        end.wrapping_sub(self.start()).wrapping_add(1)
    }

    /// The first address. Any context.
    pub fn start(&self) -> PhysAddr {
        let raw = self.0.get();
        // SAFETY: RES-LIVE.
        unsafe { (*raw).start }
    }

    /// The name, if it has one. Any context.
    pub fn name(&self) -> Option<&CStr> {
        let raw = self.0.get();
        // SAFETY: RES-LIVE.
        let name = unsafe { (*raw).name };
        // SAFETY: a name that is not null is a C string which lives as long as the resource has it (RES-LIVE).
        (!name.is_null()).then(|| unsafe { CStr::from_char_ptr(name) })
    }

    /// Kind and properties. Any context.
    pub fn flags(&self) -> Flags {
        let raw = self.0.get();
        // SAFETY: RES-LIVE.
        Flags(unsafe { (*raw).flags })
    }

    /// Whether any of it is memory that the kernel itself uses. May sleep.
    pub(crate) fn is_ram(&self) -> bool {
        // SAFETY: the shim only looks the range up.
        unsafe { bindings::lb_region_is_ram(self.start(), self.size()) }
    }
}

/// As in `/proc/iomem`, for messages: `[0xfe000000-0xfe000fff] name`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, size) = (self.start(), self.size());
        let last = start.wrapping_add(size).wrapping_sub(1);
        write!(f, "[{start:#x}-{last:#x}]")?;
        match self.name() {
            Some(name) => f.write_fmt(fmt!(" {name}")),
            None => Ok(()),
        }
    }
}

/// A memory resource that is claimed for its owner; given back when dropped, which may be as late as the end of a
/// binding, when the device and so the resource still exist.
///
/// # Invariants
///
/// REGION-OURS: `claim` was made by `take` and is in the tree of memory resources. It is busy: nobody else can claim any
/// part of it, so its exact range under its parent names it alone.
pub(crate) struct Claim {
    claim: NonNull<bindings::resource>,
    // Freed after the claim that shows it.
    _name: CString,
}

// SAFETY: a claim may be given back on any thread; C locks.
unsafe impl Send for Claim {}

impl Claim {
    /// Claims all of a memory resource. May sleep.
    ///
    /// The claim is made from the root of memory on, so it keeps out everybody, whether or not the resource was entered
    /// there. Errors: `EBUSY` if any part of it is claimed.
    pub(crate) fn take(resource: &Resource, name: CString) -> Result<Self> {
        let (start, size) = (resource.start(), resource.size());
        let (root, name_ptr) = (&raw mut bindings::iomem_resource, name.as_char_ptr());
        // SAFETY: the root is C's; the name lives until the claim is given back.
        let claim = unsafe { bindings::__request_region(root, start, size, name_ptr, 0) };
        // INVARIANT: REGION-OURS.
        Ok(Self {
            claim: NonNull::new(claim).ok_or(EBUSY)?,
            _name: name,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // SAFETY: REGION-OURS: this frees `claim`, once. Its parent is C's root, or a range that exists at least as long
        // as the device is registered, and that it is while its resources are released.
        unsafe { bindings::lb_release_claim(self.claim.as_ptr()) }
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

    /// Has not been given an address yet.
    pub(crate) const UNSET: Self = Self(bindings::IORESOURCE_UNSET as c_ulong);

    /// What C has in a resource's flags.
    pub(crate) const fn from_raw(flags: c_ulong) -> Self {
        Self(flags)
    }

    /// The kind alone, such as [`IORESOURCE_MEM`](Self::IORESOURCE_MEM).
    pub(crate) fn kind(self) -> Self {
        Self(self.0 & bindings::IORESOURCE_TYPE_BITS as c_ulong)
    }

    /// Whether all of `flags` are set. Any context.
    pub fn contains(self, flags: Self) -> bool {
        self & flags == flags
    }
}

flag_set!(Flags, not within c_ulong::MAX);
