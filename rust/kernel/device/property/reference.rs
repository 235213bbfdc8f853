// SPDX-License-Identifier: GPL-2.0

//! Properties that refer to other nodes.

use super::FwNode;
use crate::{bindings, error::to_result, ffi::c_uint, prelude::*, sync::aref::ARef};

/// The number of integers that follow each reference of a property.
#[derive(Clone, Copy)]
pub enum NArgs<'a> {
    /// The number is the value of this property of the node to which the reference points. With
    /// ACPI, it is 0.
    Prop(&'a CStr),
    /// The number is this, up to 16. With ACPI, this is the maximum. With software nodes, missing
    /// integers are 0.
    N(u32),
}

/// A node to which a property refers, and the integers beside the reference.
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
        // SAFETY: the C function requires a live node, strings that live until the call returns,
        // and a place for the result; NODE-LIVE gives the first, the strings are borrowed, and
        // `found` is a local.
        to_result(unsafe {
            bindings::fwnode_property_get_reference_args(raw, prop, by, count, index, &mut found)
        })?;
        // SAFETY: `adopt` requires null or a counted reference; on success C has stored one of
        // these.
        let node = unsafe { FwNode::adopt(found.fwnode) };
        Ok(Self {
            node,
            args: found.args,
            len: usize::try_from(found.nargs)?,
        })
    }

    /// The node to which the reference points. Not in Linux 7.3.
    ///
    /// Context: any context.
    ///
    /// The result is `None` only if C left the node out.
    pub fn fwnode(&self) -> Option<&FwNode> {
        self.node.as_deref()
    }

    /// The integers beside the reference.
    ///
    /// Context: any context.
    pub fn as_slice(&self) -> &[u64] {
        self.args.get(..self.len).unwrap_or_default()
    }

    /// The number of integers, up to 16.
    ///
    /// Context: any context.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are no integers.
    ///
    /// Context: any context.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl fmt::Debug for FwNodeReferenceArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
    }
}
