// SPDX-License-Identifier: GPL-2.0

//! The common part of the drivers that read properties: `#[path = "../lib/checks.rs"] mod checks;`.

use kernel::{
    device::property::{FwNode, Property, PropertyInt},
    prelude::*,
    str::CString,
};

/// Counts the results that were as expected, and reports those that were not.
pub(crate) struct Checks<'a> {
    pub(crate) node: &'a FwNode,
    passed: u32,
}

impl<'a> Checks<'a> {
    /// Begins to read `node`, and prints which node it is.
    pub(crate) fn of(node: &'a FwNode) -> Self {
        pr_info!("node {}: {node}\n", node.display_name());
        Self { node, passed: 0 }
    }

    /// Prints how many results there were.
    pub(crate) fn end(self) {
        pr_info!("{} checks passed\n", self.passed);
    }

    pub(crate) fn equal<T: PartialEq + fmt::Debug>(&mut self, what: &CStr, found: T, expected: T) {
        if found == expected {
            self.passed = self.passed.saturating_add(1);
        } else {
            pr_err!("FAILED: {what}: {found:?} instead of {expected:?}\n");
        }
    }

    /// Reads a property as a `T`.
    pub(crate) fn reads<T>(&mut self, name: &CStr, expected: Result<T>)
    where
        T: Property + PartialEq + fmt::Debug,
    {
        let found = T::read_from_fwnode_property(self.node, name);
        self.equal(name, found, expected);
    }

    /// Reads a property as a string.
    pub(crate) fn string(&mut self, name: &CStr, expected: Result<&CStr>) {
        let found = CString::read_from_fwnode_property(self.node, name);
        let found = found
            .as_ref()
            .map(|string| &**string)
            .map_err(|error| *error);
        self.equal(name, found, expected);
    }

    /// Looks for a string among those of a property.
    pub(crate) fn finds(&mut self, name: &CStr, wanted: &CStr, expected: Result<usize>) {
        let found = self.node.property_match_string(name, wanted);
        self.equal(name, found, expected);
    }

    /// Reads the first integers of a property. Then it tries to read nine, which are more than the
    /// property has.
    pub(crate) fn begins<T>(&mut self, name: &CStr, expected: &[T]) -> Result
    where
        T: PropertyInt + PartialEq + fmt::Debug,
    {
        let first = self.node.property_read_array_vec(name, expected.len())?;
        self.equal(name, &*first.or_default(), expected);
        let nine = self.node.property_read_array_vec::<T>(name, 9)?;
        self.equal(name, nine.optional().is_none(), true);
        Ok(())
    }

    /// Checks that the node that was referred to has this label.
    pub(crate) fn labelled(&mut self, target: Option<&FwNode>, expected: &CStr) {
        let label = target.and_then(|node| node.property_read::<CString>(c"label").optional());
        self.equal(c"label", label.as_deref(), Some(expected));
    }
}
