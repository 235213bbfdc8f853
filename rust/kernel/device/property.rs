// SPDX-License-Identifier: GPL-2.0

//! The properties with which firmware describes a device. They come from a device tree, from ACPI
//! (`_DSD`) or from code (software nodes).
//!
//! C header: [`include/linux/property.h`](srctree/include/linux/property.h)
//!
//! A bound device has at most one [`FwNode`] ([`Device::fwnode`](super::Device::fwnode)). A node
//! may have children, and properties may refer to other nodes. Reading a property gives a
//! [`PropertyGuard`], with which the driver decides how to treat a missing or unfit property:
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
//! Context: process context; may sleep.
//!
//! C counts no references to a node of ACPI. A counted reference to one counts the ACPI device that
//! has the node, and with which the node is freed.
//!
//! A counted reference to a software node keeps the node, but not its description. The description
//! lies in the memory of the code that registered the node. C relies on that code to keep the
//! description until nobody refers to the node. A driver gives up the references in its data when
//! it is unbound. That is in time for code that unregisters nodes after their device.

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
/// NODE-LIVE: the C structure exists as long as the Rust reference to it lives. The description of
/// a software node exists as long, too, for which C relies on the code that registered the node.
#[repr(transparent)]
pub struct FwNode(Opaque<bindings::fwnode_handle>);

// SAFETY: `Send` requires that any thread may own and drop the value; any thread may read a node
// and give up its last reference, since C takes locks for state that can change.
unsafe impl Send for FwNode {}

// SAFETY: `Sync` requires that threads may share the value; the same holds as for `Send`.
unsafe impl Sync for FwNode {}

// SAFETY: `AlwaysRefCounted` requires that references keep the object. The shims count references
// to the node, or to the ACPI device that owns it, because C counts none for nodes of ACPI.
unsafe impl AlwaysRefCounted for FwNode {
    fn inc_ref(&self) {
        // SAFETY: the shim requires a live node: NODE-LIVE.
        unsafe { bindings::lb_fwnode_get(self.as_raw()) }
    }

    unsafe fn dec_ref(object: NonNull<Self>) {
        // SAFETY: `lb_fwnode_put` requires a reference that `inc_ref` or `lb_fwnode_adopt()`
        // counted; the caller gives one up.
        unsafe { bindings::lb_fwnode_put(object.as_ptr().cast()) }
    }
}

impl Device<Bound> {
    /// The firmware node of the device, if it has one.
    ///
    /// Context: any context.
    ///
    /// Only a bound device has this method, because firmware may take the node away later. A driver
    /// that keeps a reference counts it: `ARef::from(node)`.
    #[doc(alias = "dev_fwnode")]
    pub fn fwnode(&self) -> Option<&FwNode> {
        // SAFETY: `lb_dev_fwnode` requires a live device: DEV-LIVE.
        let node = unsafe { bindings::lb_dev_fwnode(self.as_raw()) };
        // SAFETY: `FwNode::from_raw` requires NODE-LIVE for the borrow; a device has its node as
        // long as it is registered, and so as long as it is bound.
        NonNull::new(node).map(|node| unsafe { FwNode::from_raw(node.as_ptr()) })
    }
}

impl FwNode {
    /// Makes a reference from a C pointer.
    ///
    /// # Safety
    ///
    /// NODE-LIVE must hold for all of `'a`, which the caller chooses.
    unsafe fn from_raw<'a>(node: *mut bindings::fwnode_handle) -> &'a Self {
        // SAFETY: the reference requires a pointer to a live `FwNode`; it is a transparent wrapper,
        // and the caller vouches for pointer and lifetime.
        unsafe { &*node.cast() }
    }

    /// Takes over a counted reference that C returned, or null.
    ///
    /// # Safety
    ///
    /// The caller must own the reference, by C's rules for the kind of node.
    unsafe fn adopt(node: *mut bindings::fwnode_handle) -> Option<ARef<Self>> {
        let node = NonNull::new(node)?;
        // SAFETY: `lb_fwnode_adopt` requires a reference of C's to a node that C has just found;
        // the caller owns one.
        unsafe { bindings::lb_fwnode_adopt(node.as_ptr()) };
        // SAFETY: `ARef::from_raw` requires a counted reference that `dec_ref` may give up; the
        // shim made one.
        Some(unsafe { ARef::from_raw(node.cast()) })
    }

    fn as_raw(&self) -> *mut bindings::fwnode_handle {
        self.0.get()
    }

    /// Whether this is a node of a device tree.
    pub fn is_of_node(&self) -> bool {
        // SAFETY: the shim requires a live node: NODE-LIVE.
        unsafe { bindings::lb_is_of_node(self.as_raw()) }
    }

    /// The node's own name, for printing. `{node}` prints the node's path from the root.
    #[doc(alias = "fwnode_get_name")]
    pub fn display_name(&self) -> impl fmt::Display + '_ {
        FwNodeDisplayName(self)
    }

    /// Whether the node has a property of this name, of any type.
    #[doc(alias(
        "device_property_present",
        "fwnode_property_present",
        "of_property_present"
    ))]
    pub fn property_present(&self, name: &CStr) -> bool {
        // SAFETY: the C function requires a live node, and a name that lives until the call
        // returns; NODE-LIVE gives the first, and `name` is borrowed.
        unsafe { bindings::fwnode_property_present(self.as_raw(), name.as_char_ptr()) }
    }

    /// The value of a boolean property, which is true if the property is present.
    #[doc(alias(
        "device_property_read_bool",
        "fwnode_property_read_bool",
        "of_property_read_bool"
    ))]
    pub fn property_read_bool(&self, name: &CStr) -> bool {
        self.property_present(name)
    }

    /// The index of `match_str` among the strings of a property, counted from 0.
    ///
    /// # Errors
    ///
    /// From C: `EINVAL` if there is no such property; `ENODATA` if the property does not have this
    /// string; `EPROTO` if the property has values that are no strings; `ENOMEM`.
    #[doc(alias(
        "device_property_match_string",
        "fwnode_property_match_string",
        "of_property_match_string"
    ))]
    pub fn property_match_string(&self, name: &CStr, match_str: &CStr) -> Result<usize> {
        self.check_strings(name)?;
        let (name, wanted) = (name.as_char_ptr(), match_str.as_char_ptr());
        // SAFETY: the C function requires (1) a live node, (2) live strings, (3) a property of
        // strings. (1) NODE-LIVE. (2) Both strings are borrowed. (3) `check_strings` refused
        // integers, which C would take for addresses of strings.
        count(unsafe { bindings::fwnode_property_match_string(self.as_raw(), name, wanted) })
    }

    /// Reads an array of `len` integers. The property may have more. The memory is allocated before
    /// anything is read.
    ///
    /// # Errors
    ///
    /// `ENOMEM`. The guard has other errors: see [`Property`].
    #[doc(alias(
        "device_property_read_u8_array",
        "device_property_read_u16_array",
        "device_property_read_u32_array",
        "device_property_read_u64_array",
        "fwnode_property_read_u32_array",
        "of_property_read_u32_array"
    ))]
    pub fn property_read_array_vec<'fwnode, 'name, T: PropertyInt>(
        &'fwnode self,
        name: &'name CStr,
        len: usize,
    ) -> Result<PropertyGuard<'fwnode, 'name, KVec<T>>> {
        let value = value::read_vec(self, name, len)?;
        Ok(PropertyGuard::new(self, name, value))
    }

    /// The number of integers of this type in a property.
    ///
    /// # Errors
    ///
    /// The errors of reading them: see [`Property`].
    #[doc(alias(
        "device_property_count_u8",
        "device_property_count_u32",
        "fwnode_property_count_u32",
        "of_property_count_u32_elems"
    ))]
    pub fn property_count_elem<T: PropertyInt>(&self, name: &CStr) -> Result<usize> {
        T::read_array_len_from_fwnode_property(self, name)
    }

    /// Reads a property: an integer, an array `[integer; N]`, or a string. The property may have
    /// more than `N` integers.
    #[doc(alias(
        "device_property_read_u8",
        "device_property_read_u16",
        "device_property_read_u32",
        "device_property_read_u64",
        "device_property_read_string",
        "fwnode_property_read_u32",
        "fwnode_property_read_string",
        "of_property_read_u32",
        "of_property_read_u64",
        "of_property_read_string"
    ))]
    pub fn property_read<'fwnode, 'name, T: Property>(
        &'fwnode self,
        name: &'name CStr,
    ) -> PropertyGuard<'fwnode, 'name, T> {
        PropertyGuard::new(self, name, T::read_from_fwnode_property(self, name))
    }

    /// The child with this name, if there is one.
    #[doc(alias(
        "device_get_named_child_node",
        "fwnode_get_named_child_node",
        "of_get_child_by_name"
    ))]
    pub fn get_child_by_name(&self, name: &CStr) -> Option<ARef<Self>> {
        // SAFETY: the C function requires a live node, and a name that lives until the call
        // returns; NODE-LIVE gives the first, and `name` is borrowed.
        let child =
            unsafe { bindings::fwnode_get_named_child_node(self.as_raw(), name.as_char_ptr()) };
        // SAFETY: `adopt` requires null or a counted reference; the C function returns one of
        // these.
        unsafe { Self::adopt(child) }
    }

    /// The children, in firmware's order.
    #[doc(alias(
        "device_for_each_child_node",
        "fwnode_for_each_child_node",
        "for_each_child_of_node"
    ))]
    pub fn children<'a>(&'a self) -> impl Iterator<Item = ARef<FwNode>> + 'a {
        let mut last: Option<ARef<FwNode>> = None;
        core::iter::from_fn(move || {
            let before = last
                .as_ref()
                .map_or(core::ptr::null_mut(), |node| node.as_raw());
            // SAFETY: `lb_fwnode_next_child` requires a live node, and null or a live child;
            // NODE-LIVE gives both. Null asks for the first child.
            let next = unsafe { bindings::lb_fwnode_next_child(self.as_raw(), before) };
            // SAFETY: `adopt` requires null or a counted reference; the C function returns one of
            // these.
            last = unsafe { Self::adopt(next) };
            last.clone()
        })
        .fuse()
    }

    /// The node to which the reference with this index in a property points, and the integers
    /// beside the reference.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `nargs` is more than 16.
    /// - `ENOENT`, from C: there is no such property, no such reference in it, or no node to which
    ///   it refers. Linux 7.2 and 7.3 return `ENOTCONN` in the last case.
    /// - `EINVAL`, from C: the property has values that are neither references nor integers.
    #[doc(alias(
        "fwnode_property_get_reference_args",
        "of_parse_phandle",
        "of_parse_phandle_with_args"
    ))]
    pub fn property_get_reference_args(
        &self,
        prop: &CStr,
        nargs: NArgs<'_>,
        index: u32,
    ) -> Result<FwNodeReferenceArgs> {
        FwNodeReferenceArgs::read(self, prop, nargs, index)
    }

    /// Errors: `EPROTO` if the property belongs to a software node and has values that are no
    /// strings.
    fn check_strings(&self, name: &CStr) -> Result {
        self.check(name, 0)
    }

    /// Errors: `EPROTO` if the property belongs to a software node and has values that are no
    /// integers of `T`'s size.
    fn check_integers<T>(&self, name: &CStr) -> Result {
        self.check(name, c_int::try_from(size_of::<T>())?)
    }

    fn check(&self, name: &CStr, size: c_int) -> Result {
        // SAFETY: the shim requires a live node, and a name that lives until the call returns;
        // NODE-LIVE gives the first, and `name` is borrowed.
        to_result(unsafe { bindings::lb_fwnode_check(self.as_raw(), name.as_char_ptr(), size) })
    }
}

/// Converts C's result, which is a number or an error.
fn count(returned: c_int) -> Result<usize> {
    if returned < 0 {
        to_result(returned)?;
    }
    Ok(usize::try_from(returned)?)
}

/// Prints a node's name: see [`FwNode::display_name`].
struct FwNodeDisplayName<'a>(&'a FwNode);

impl fmt::Display for FwNodeDisplayName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: `fwnode_get_name` requires a live node: NODE-LIVE.
        let name = unsafe { bindings::fwnode_get_name(self.0.as_raw()) };
        if name.is_null() {
            return Ok(());
        }
        // SAFETY: `from_char_ptr` requires a C string that lives as long as the borrow; the string
        // belongs to the node, which outlives this call.
        let name = unsafe { CStr::from_char_ptr(name) };
        f.write_fmt(fmt!("{name}"))
    }
}

/// Prints the path from the root, as C's `%pfw` does. The path is cut off after 255 bytes.
impl fmt::Display for FwNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = [0u8; 256];
        // SAFETY: `lb_fwnode_path` requires a live node, and a buffer of the given size; NODE-LIVE
        // gives the first, and `path` has that size.
        unsafe { bindings::lb_fwnode_path(self.as_raw(), path.as_mut_ptr(), path.len()) };
        match CStr::from_bytes_until_nul(&path) {
            Ok(path) => f.write_fmt(fmt!("{path}")),
            Err(_) => Err(fmt::Error),
        }
    }
}
