// SPDX-License-Identifier: GPL-2.0

//! Ids of devices that ACPI describes.
//!
//! C header: [`include/linux/acpi.h`](srctree/include/linux/acpi.h)
//!
//! Drivers of several buses (platform, I2C) have such a table, made by
//! [`acpi_device_table!`](crate::acpi_device_table). An id matches a device that has it as its `_HID` or among its
//! `_CID`s, if `_STA` says that the device is present.

use crate::{
    bindings,
    device_id::{RawDeviceId, id_table, name_field},
    prelude::*,
};

/// An entry of a driver's table: an ACPI or PNP id.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::acpi_device_id);

impl DeviceId {
    /// Devices with this id, such as `ACME0001` or `PNP0501`: 1 to 15 bytes, which is checked while building.
    #[inline(always)]
    pub const fn new(id: &'static CStr) -> Self {
        Self(bindings::acpi_device_id {
            id: name_field(id),
            // The value of an id is found by the id's place (`device_id`).
            driver_data: 0,
            cls: 0,
            cls_msk: 0,
        })
    }
}

// SAFETY: a transparent wrapper; an id without string and class ends a table.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::acpi_device_id;
}

id_table!($ acpi_device_table, "acpi", acpi::DeviceId, "`Some(&NAME)` is the driver's `ACPI_ID_TABLE`");
