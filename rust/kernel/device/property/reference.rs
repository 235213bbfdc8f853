// SPDX-License-Identifier: GPL-2.0

//! Properties that refer to other nodes.

use super::FwNode;
use crate::{bindings, error::to_result, ffi::c_uint, prelude::*, sync::aref::ARef};

/// How many integers follow each reference of a property.
#[derive(Clone, Copy)]
pub enum NArgs<'a> {
    /// As many as this property of the node that is referred to says. With ACPI that is none.
    Prop(&'a CStr),
    /// That many, up to 16. With ACPI it is the most that there may be; with software nodes, those that are not there
    /// are 0.
    N(u32),
}

/// A node that a property refers to, and the integers that stand beside the reference.
pub struct FwNodeReferenceArgs {
    node: Option<ARef<FwNode>>,
    args: [u64; bindings::NR_FWNODE_REFERENCE_ARGS as usize],
    len: usize,
}

impl FwNodeReferenceArgs {
    pub(super) fn read(
        node: &FwNode,
        prop: &CStr,
        nargs: NArgs<'_>,
        index: u32,
    ) -> Result<FwNodeReferenceArgs> {
        let (by, count): (_, c_uint) = match nargs {
            NArgs::Prop(by) => (by.as_char_ptr(), 0),
            NArgs::N(count) if count <= bindings::NR_FWNODE_REFERENCE_ARGS as u32 => {
                (core::ptr::null(), count)
            }
            NArgs::N(_) => return Err(EINVAL),
        };
        let mut found = bindings::fwnode_reference_args::default();
        let (raw, prop) = (node.as_raw(), prop.as_char_ptr());
        // SAFETY: NODE-LIVE; the strings are only read, until the call returns; `found` is filled in on success.
        to_result(unsafe {
            bindings::fwnode_property_get_reference_args(raw, prop, by, count, index, &mut found)
        })?;
        // SAFETY: on success there is a counted reference in it, or null.
        let node = unsafe { FwNode::adopt(found.fwnode) };
        Ok(Self {
            node,
            args: found.args,
            len: usize::try_from(found.nargs)?,
        })
    }

    /// The node that is referred to. Any context. Ours alone.
    ///
    /// There is one, unless C left it out.
    pub fn fwnode(&self) -> Option<&FwNode> {
        self.node.as_deref()
    }

    /// The integers beside the reference. Any context.
    pub fn as_slice(&self) -> &[u64] {
        self.args.get(..self.len).unwrap_or_default()
    }

    /// How many integers there are, up to 16. Any context.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are none. Any context.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl fmt::Debug for FwNodeReferenceArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
    }
}
