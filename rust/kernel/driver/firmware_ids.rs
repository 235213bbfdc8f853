// SPDX-License-Identifier: GPL-2.0

//! Ids by which firmware describes a device: the tables of a driver, and the entry that matches a
//! device.
//!
//! This file is written once for the buses whose devices firmware can describe.

use crate::{
    acpi, bindings,
    device::{Bound, Device},
    of,
};

/// A driver's tables of `compatible` strings and of ACPI ids.
pub(crate) struct FirmwareIds<U: 'static> {
    pub(crate) of: Option<of::IdTable<U>>,
    pub(crate) acpi: Option<acpi::IdTable<U>>,
}

impl<U> FirmwareIds<U> {
    /// Enters the tables into a driver.
    pub(crate) fn fill(&self, driver: &mut bindings::device_driver) {
        if let Some(of) = self.of {
            driver.of_match_table = of.as_ptr();
        }
        if let Some(acpi) = self.acpi {
            driver.acpi_match_table = acpi.as_ptr();
        }
    }

    /// The value beside the entry that matches the device. The tables are tried in C's order.
    ///
    /// The result is `None` if no entry matches: then the bus found the driver by another id or by
    /// its name, or `driver_override` forced it. Only the callback that binds the device may call
    /// this, since firmware may take the device away afterwards.
    pub(crate) fn info(&self, device: &Device<Bound>) -> Option<&'static U> {
        self.acpi_info(device).or_else(|| self.of_info(device))
    }

    fn acpi_info(&self, device: &Device<Bound>) -> Option<&'static U> {
        let table = self.acpi?;
        // SAFETY: `acpi_match_device()` requires a table with an end mark, which every `IdTable`
        // has, and a live device, which DEV-LIVE gives.
        let id = unsafe { bindings::lb_acpi_match_device(table.as_ptr(), device.as_raw()) };
        table.info(id)
    }

    fn of_info(&self, device: &Device<Bound>) -> Option<&'static U> {
        let table = self.of?;
        let acpi_too = self.acpi.is_some();
        // SAFETY: `of_match_device()` requires the same as `acpi_match_device()`; both hold as in
        // `acpi_info`.
        let id = unsafe { bindings::lb_of_match_device(table.as_ptr(), acpi_too, device.as_raw()) };
        table.info(id)
    }
}
