// SPDX-License-Identifier: GPL-2.0

//! Address ranges of devices, and exclusive claims on them.
//!
//! C header: [`include/linux/ioport.h`](srctree/include/linux/ioport.h)

use core::ptr::NonNull;

use super::{PhysAddr, ResourceSize};
use crate::{
    bindings, ffi::c_ulong, flag_set::flag_set, fmt, prelude::*, str::CString, types::Opaque,
};

/// A range of addresses of a device, `struct resource`.
///
/// # Invariants
///
/// RES-LIVE: the C structure is initialised, and lives as long as a reference to it. Its range,
/// name and flags do not change meanwhile. C may link it to other resources.
#[repr(transparent)]
pub struct Resource(Opaque<bindings::resource>);

// SAFETY: `Send` requires that any thread may own the value; a `Resource` gives only fields that do
// not change (RES-LIVE).
unsafe impl Send for Resource {}

// SAFETY: `Sync` requires that threads may share the value; a `Resource` gives only fields that do
// not change (RES-LIVE).
unsafe impl Sync for Resource {}

impl Resource {
    /// Makes a reference from a C pointer.
    ///
    /// # Safety
    ///
    /// RES-LIVE must hold for all of `'a`, which the caller chooses.
    pub(crate) unsafe fn from_raw<'a>(pointer: *mut bindings::resource) -> &'a Self {
        // SAFETY: the reference requires a pointer to a live `Resource`; the type is a transparent
        // wrapper, and the caller vouches for pointer and lifetime.
        unsafe { &*pointer.cast() }
    }

    /// The size in bytes.
    ///
    /// Context: any context.
    #[doc(alias = "resource_size")]
    pub fn size(&self) -> ResourceSize {
        let raw = self.0.get();
        // SAFETY: the read requires a live structure and a field that nobody writes: RES-LIVE.
        let end = unsafe { (*raw).end };
        // An empty range ends one byte before its start.
        end.wrapping_sub(self.start()).wrapping_add(1)
    }

    /// The first address.
    ///
    /// Context: any context.
    pub fn start(&self) -> PhysAddr {
        let raw = self.0.get();
        // SAFETY: the read requires a live structure and a field that nobody writes: RES-LIVE.
        unsafe { (*raw).start }
    }

    /// The name, if the resource has one.
    ///
    /// Context: any context.
    pub fn name(&self) -> Option<&CStr> {
        let raw = self.0.get();
        // SAFETY: the read requires a live structure and a field that nobody writes: RES-LIVE.
        let name = unsafe { (*raw).name };
        // SAFETY: `from_char_ptr` requires a C string that lives as long as the borrow; a name that
        // is not null is one (RES-LIVE).
        (!name.is_null()).then(|| unsafe { CStr::from_char_ptr(name) })
    }

    /// The kind and the properties.
    ///
    /// Context: any context.
    #[doc(alias = "resource_type")]
    pub fn flags(&self) -> Flags {
        let raw = self.0.get();
        // SAFETY: the read requires a live structure and a field that nobody writes: RES-LIVE.
        Flags(unsafe { (*raw).flags })
    }

    /// Whether any part of the range is memory that the kernel itself uses.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn is_ram(&self) -> bool {
        // SAFETY: `lb_region_is_ram` requires nothing: it only looks the range up.
        unsafe { bindings::lb_region_is_ram(self.start(), self.size()) }
    }
}

/// The form is that of `/proc/iomem`, for messages: `[0xfe000000-0xfe000fff] name`.
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

/// A claim on a memory resource. Dropping this releases the claim. That may be as late as the end
/// of a binding, when the device, and so the resource, still exists.
///
/// # Invariants
///
/// REGION-OURS: `take` made `claim`, which is in the tree of memory resources. It is busy, so
/// nobody else can claim any part of it. So its exact range under its parent names only this claim.
pub(crate) struct Claim {
    claim: NonNull<bindings::resource>,
    // The name is freed after the claim, which shows it.
    _name: CString,
}

// SAFETY: `Send` requires that any thread may drop the value; any thread may release a claim, and C
// takes a lock for that.
unsafe impl Send for Claim {}

impl Claim {
    /// Claims all of a memory resource.
    ///
    /// Context: process context; may sleep.
    ///
    /// The claim is a child of the root of memory. So it excludes every other claim, even if the
    /// resource itself is not in that tree. Errors: `EBUSY` if any part of the resource is claimed.
    pub(crate) fn take(resource: &Resource, name: CString) -> Result<Self> {
        let (start, size) = (resource.start(), resource.size());
        let (root, name_ptr) = (&raw mut bindings::iomem_resource, name.as_char_ptr());
        // SAFETY: `__request_region` requires a live parent, and a name that lives until the claim
        // is released; the parent is C's root, and the claim owns the name.
        let claim = unsafe { bindings::__request_region(root, start, size, name_ptr, 0) };
        // INVARIANT: REGION-OURS: the call above made the claim.
        Ok(Self {
            claim: NonNull::new(claim).ok_or(EBUSY)?,
            _name: name,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // SAFETY: `lb_release_claim` requires a claim in the tree, once, with a live parent.
        // REGION-OURS gives the claim, and only `drop` releases it. The parent is C's root, or a
        // range that exists while the device is registered. A device is still registered while its
        // resources are released.
        unsafe { bindings::lb_release_claim(self.claim.as_ptr()) }
    }
}

/// The kind and the properties of a [`Resource`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(c_ulong);

impl Flags {
    /// The resource is a range of I/O ports.
    pub const IORESOURCE_IO: Self = Self(bindings::IORESOURCE_IO as c_ulong);
    /// A claim waits for the present owner instead of failing.
    pub const IORESOURCE_MUXED: Self = Self(bindings::IORESOURCE_MUXED as c_ulong);
    /// The resource is memory.
    pub const IORESOURCE_MEM: Self = Self(bindings::IORESOURCE_MEM as c_ulong);
    /// The resource is memory whose writes must not be posted.
    pub const IORESOURCE_MEM_NONPOSTED: Self = Self(bindings::IORESOURCE_MEM_NONPOSTED as c_ulong);

    /// The resource has no address yet.
    pub(crate) const UNSET: Self = Self(bindings::IORESOURCE_UNSET as c_ulong);

    /// Makes flags from those of a C resource.
    pub(crate) const fn from_raw(flags: c_ulong) -> Self {
        Self(flags)
    }

    /// The kind alone, such as [`IORESOURCE_MEM`](Self::IORESOURCE_MEM).
    pub(crate) fn kind(self) -> Self {
        Self(self.0 & bindings::IORESOURCE_TYPE_BITS as c_ulong)
    }

    /// Whether all of `flags` are set.
    ///
    /// Context: any context.
    pub fn contains(self, flags: Self) -> bool {
        self & flags == flags
    }
}

flag_set!(Flags, not within c_ulong::MAX);
