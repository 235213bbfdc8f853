// SPDX-License-Identifier: GPL-2.0

//! What firmware says about a device: its properties, whether they come from a device tree, from ACPI (`_DSD`) or from
//! code (software nodes).
//!
//! C header: [`include/linux/property.h`](srctree/include/linux/property.h)
//!
//! A bound device has at most one [`FwNode`] ([`Device::fwnode`](super::Device::fwnode)); it may have children, and
//! properties may refer to other nodes. Reading gives a [`PropertyGuard`], which says what a missing or unfit property
//! means to the driver:
//!
//! ```
//! use kernel::{device::{Bound, Device}, prelude::*};
//!
//! fn read(device: &Device<Bound>) -> Result<(u32, u32, [u16; 2])> {
//!     let node = device.fwnode().ok_or(ENODEV)?;
//!     let channels = node.property_read(c"acme,channels").required_by(device)?;
//!     let rate = node.property_read(c"acme,rate").or(9600);
//!     let range = node.property_read(c"acme,range").or_default();
//!     Ok((channels, rate, range))
//! }
//! ```
//!
//! All functions here may sleep.
//!
//! A counted reference to a software node keeps the node, but not what it was described with, in the memory of who
//! registered it: C relies on them to keep that until nobody refers to the node. A driver that has references in its data
//! gives them up when it is unbound, in time for code that unregisters nodes after their device.

use core::ptr::NonNull;

use super::{Bound, Device};
use crate::{
    bindings,
    error::to_result,
    ffi::c_int,
    prelude::*,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};

mod reference;
mod value;

pub use reference::{FwNodeReferenceArgs, NArgs};
pub use value::{Property, PropertyGuard, PropertyInt};

/// A firmware node, `struct fwnode_handle`.
///
/// # Invariants
///
/// NODE-LIVE: the C structure exists as long as the Rust reference to it lives; and of a software node also what it was
/// described with, for which C relies on those who registered it.
#[repr(transparent)]
pub struct FwNode(Opaque<bindings::fwnode_handle>);

// SAFETY: a node may be read, and its last reference dropped, on any thread; C locks what can change.
unsafe impl Send for FwNode {}

// SAFETY: as above.
unsafe impl Sync for FwNode {}

// SAFETY: the shims count references to the node, or to the ACPI device that owns it: C counts none for ACPI's nodes.
unsafe impl AlwaysRefCounted for FwNode {
    fn inc_ref(&self) {
        // SAFETY: NODE-LIVE.
        unsafe { bindings::lb_fwnode_get(self.as_raw()) }
    }

    unsafe fn dec_ref(object: NonNull<Self>) {
        // SAFETY: the caller gives up a reference that `inc_ref` or `lb_fwnode_adopt()` counted.
        unsafe { bindings::lb_fwnode_put(object.as_ptr().cast()) }
    }
}

impl Device<Bound> {
    /// What firmware says about the device, if it does. Any context.
    ///
    /// Of a bound device only: firmware may take its node away later. A reference that is to be kept is counted:
    /// `ARef::from(node)`.
    pub fn fwnode(&self) -> Option<&FwNode> {
        // SAFETY: DEV-LIVE.
        let node = unsafe { bindings::lb_dev_fwnode(self.as_raw()) };
        // SAFETY: the device has its node at least as long as it is registered, and so as long as it is bound.
        NonNull::new(node).map(|node| unsafe { FwNode::from_raw(node.as_ptr()) })
    }
}

impl FwNode {
    /// Makes a reference of a C pointer.
    ///
    /// # Safety
    ///
    /// NODE-LIVE must hold for all of `'a`, which is the caller's choice.
    unsafe fn from_raw<'a>(node: *mut bindings::fwnode_handle) -> &'a Self {
        // SAFETY: a transparent wrapper; the caller vouches for pointer and lifetime.
        unsafe { &*node.cast() }
    }

    /// Takes over what C returned as a counted reference, or null.
    ///
    /// # Safety
    ///
    /// The caller must own the reference, as C means it.
    unsafe fn adopt(node: *mut bindings::fwnode_handle) -> Option<ARef<Self>> {
        let node = NonNull::new(node)?;
        // SAFETY: the caller owns a reference of C's, and C has found the node just now.
        unsafe { bindings::lb_fwnode_adopt(node.as_ptr()) };
        // SAFETY: the shim has made it a reference that `dec_ref` gives up.
        Some(unsafe { ARef::from_raw(node.cast()) })
    }

    fn as_raw(&self) -> *mut bindings::fwnode_handle {
        self.0.get()
    }

    /// Whether it is a node of a device tree.
    pub fn is_of_node(&self) -> bool {
        // SAFETY: NODE-LIVE.
        unsafe { bindings::lb_is_of_node(self.as_raw()) }
    }

    /// The node's own name, for printing; `{node}` shows its path from the root.
    pub fn display_name(&self) -> impl fmt::Display + '_ {
        FwNodeDisplayName(self)
    }

    /// Whether the node has a property of this name, of whatever type.
    pub fn property_present(&self, name: &CStr) -> bool {
        // SAFETY: NODE-LIVE; the name is only read, until the call returns.
        unsafe { bindings::fwnode_property_present(self.as_raw(), name.as_char_ptr()) }
    }

    /// A boolean property: whether it is present.
    pub fn property_read_bool(&self, name: &CStr) -> bool {
        self.property_present(name)
    }

    /// The place of `match_str` among the strings of a property, from 0 on.
    ///
    /// # Errors
    ///
    /// From C: `EINVAL` if there is no such property, `ENODATA` if the string is not among its own, `EPROTO` if it has
    /// others than strings; `ENOMEM`.
    pub fn property_match_string(&self, name: &CStr, match_str: &CStr) -> Result<usize> {
        self.check_strings(name)?;
        let (name, wanted) = (name.as_char_ptr(), match_str.as_char_ptr());
        // SAFETY: NODE-LIVE; the strings are only read, until the call returns. So are those of the property, which has
        // no integers that C would take for their addresses (`check_strings`).
        count(unsafe { bindings::fwnode_property_match_string(self.as_raw(), name, wanted) })
    }

    /// Reads an array of `len` integers, which may be fewer than there are. Memory is allocated before anything is read.
    ///
    /// # Errors
    ///
    /// `ENOMEM`. Others are for the guard: see [`Property`].
    pub fn property_read_array_vec<'fwnode, 'name, T: PropertyInt>(
        &'fwnode self,
        name: &'name CStr,
        len: usize,
    ) -> Result<PropertyGuard<'fwnode, 'name, KVec<T>>> {
        let value = value::read_vec(self, name, len)?;
        Ok(PropertyGuard::new(self, name, value))
    }

    /// How many integers of this type a property has.
    ///
    /// # Errors
    ///
    /// As for reading them, see [`Property`].
    pub fn property_count_elem<T: PropertyInt>(&self, name: &CStr) -> Result<usize> {
        T::read_array_len_from_fwnode_property(self, name)
    }

    /// Reads a property: an integer, an array `[integer; N]`, which may be a part of what there is, or a string.
    pub fn property_read<'fwnode, 'name, T: Property>(
        &'fwnode self,
        name: &'name CStr,
    ) -> PropertyGuard<'fwnode, 'name, T> {
        PropertyGuard::new(self, name, T::read_from_fwnode_property(self, name))
    }

    /// The child of this name, if there is one.
    pub fn get_child_by_name(&self, name: &CStr) -> Option<ARef<Self>> {
        // SAFETY: NODE-LIVE; the name is only read, until the call returns.
        let child =
            unsafe { bindings::fwnode_get_named_child_node(self.as_raw(), name.as_char_ptr()) };
        // SAFETY: the callee returns null or a counted reference.
        unsafe { Self::adopt(child) }
    }

    /// The children, in firmware's order.
    pub fn children<'a>(&'a self) -> impl Iterator<Item = ARef<FwNode>> + 'a {
        let mut last: Option<ARef<FwNode>> = None;
        core::iter::from_fn(move || {
            let before = last
                .as_ref()
                .map_or(core::ptr::null_mut(), |node| node.as_raw());
            // SAFETY: NODE-LIVE for both; null stands for before the first.
            let next = unsafe { bindings::lb_fwnode_next_child(self.as_raw(), before) };
            // SAFETY: the callee returns null or a counted reference.
            last = unsafe { Self::adopt(next) };
            last.clone()
        })
        .fuse()
    }

    /// The node to which reference number `index` of a property points, and the integers beside it.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `nargs` is more than 16; from C: `ENOENT` if there is no such property, no such reference in it, or
    /// nothing there that it refers to (`ENOTCONN` on Linux 7.2 and 7.3); `EINVAL` if it has something else than references and
    /// integers.
    pub fn property_get_reference_args(
        &self,
        prop: &CStr,
        nargs: NArgs<'_>,
        index: u32,
    ) -> Result<FwNodeReferenceArgs> {
        FwNodeReferenceArgs::read(self, prop, nargs, index)
    }

    /// Errors: `EPROTO` if the property is a software node's and has something else than strings.
    fn check_strings(&self, name: &CStr) -> Result {
        self.check(name, 0)
    }

    /// Errors: `EPROTO` if the property is a software node's and has something else than integers of `T`'s size.
    fn check_integers<T>(&self, name: &CStr) -> Result {
        self.check(name, c_int::try_from(size_of::<T>())?)
    }

    fn check(&self, name: &CStr, size: c_int) -> Result {
        // SAFETY: NODE-LIVE; the name is only read, until the call returns.
        to_result(unsafe { bindings::lb_fwnode_check(self.as_raw(), name.as_char_ptr(), size) })
    }
}

/// What C returns as a number or an error.
fn count(returned: c_int) -> Result<usize> {
    if returned < 0 {
        to_result(returned)?;
    }
    Ok(usize::try_from(returned)?)
}

/// Shows a node's name: see [`FwNode::display_name`].
struct FwNodeDisplayName<'a>(&'a FwNode);

impl fmt::Display for FwNodeDisplayName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: NODE-LIVE.
        let name = unsafe { bindings::fwnode_get_name(self.0.as_raw()) };
        if name.is_null() {
            return Ok(());
        }
        // SAFETY: a C string that belongs to the node, which lives longer than this call.
        let name = unsafe { CStr::from_char_ptr(name) };
        f.write_fmt(fmt!("{name}"))
    }
}

/// The path from the root, as C's `%pfw` shows it; cut off after 255 bytes.
impl fmt::Display for FwNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = [0u8; 256];
        // SAFETY: NODE-LIVE; the shim writes at most as many bytes as there are.
        unsafe { bindings::lb_fwnode_path(self.as_raw(), path.as_mut_ptr(), path.len()) };
        match CStr::from_bytes_until_nul(&path) {
            Ok(path) => f.write_fmt(fmt!("{path}")),
            Err(_) => Err(fmt::Error),
        }
    }
}
