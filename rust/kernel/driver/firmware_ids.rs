// SPDX-License-Identifier: GPL-2.0

//! Ids by which firmware describes a device: the tables of a driver, and which of their entries a device has.
//!
//! Written once for the buses whose devices firmware can describe.

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

    /// The value beside the entry that the device has, in the order in which C matches them.
    ///
    /// `None` if it has none of them: its driver was found by another id or by its name, or forced by
    /// `driver_override`. To be called from the callback that binds the device, since firmware may take it away
    /// afterwards.
    pub(crate) fn info(&self, device: &Device<Bound>) -> Option<&'static U> {
        self.acpi_info(device).or_else(|| self.of_info(device))
    }

    fn acpi_info(&self, device: &Device<Bound>) -> Option<&'static U> {
        let table = self.acpi?;
        // SAFETY: `acpi_match_device()` wants a table with an end mark (`IdTable`) and a live device (DEV-LIVE).
        let id = unsafe { bindings::lb_acpi_match_device(table.as_ptr(), device.as_raw()) };
        table.info(id)
    }

    fn of_info(&self, device: &Device<Bound>) -> Option<&'static U> {
        let table = self.of?;
        let acpi_too = self.acpi.is_some();
        // SAFETY: as in `acpi_info`.
        let id = unsafe { bindings::lb_of_match_device(table.as_ptr(), acpi_too, device.as_raw()) };
        table.info(id)
    }
}
