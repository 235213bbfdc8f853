// SPDX-License-Identifier: GPL-2.0

//! What the drivers that read properties have in common: `#[path = "../lib/checks.rs"] mod checks;`.

use kernel::{
    device::property::{FwNode, Property},
    prelude::*,
    str::CString,
};

/// Counts what was as expected, and says what was not.
pub(crate) struct Checks<'a> {
    pub(crate) node: &'a FwNode,
    pub(crate) passed: u32,
}

impl Checks<'_> {
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
}
