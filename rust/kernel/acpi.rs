// SPDX-License-Identifier: GPL-2.0

//! Ids of devices that ACPI describes.
//!
//! C header: [`include/linux/acpi.h`](srctree/include/linux/acpi.h)
//!
//! Drivers for several buses (platform, I2C) have such a table;
//! [`acpi_device_table!`](crate::acpi_device_table) makes it. An id matches a device that has it as
//! its `_HID` or among its `_CID`s, if `_STA` says that the device is present.

use crate::{
    bindings,
    device_id::{RawDeviceId, id_table, name_field},
    prelude::*,
};

/// An entry of a driver's table: an ACPI or PNP id.
#[repr(transparent)]
#[derive(Clone, Copy)]
#[doc(alias = "acpi_device_id")]
pub struct DeviceId(bindings::acpi_device_id);

impl DeviceId {
    /// Makes the id of devices such as `ACME0001` or `PNP0501`. It has 1 to 15 bytes; the build
    /// checks that.
    #[inline(always)]
    pub const fn new(id: &'static CStr) -> Self {
        Self(bindings::acpi_device_id {
            id: name_field(id),
            // The value that belongs to an id is found by the position of the id (`device_id`).
            driver_data: 0,
            cls: 0,
            cls_msk: 0,
        })
    }
}

// SAFETY: the trait requires a transparent wrapper, and that zeroes end a table. `DeviceId` is such
// a wrapper, and C ends a table at an id without string and class.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::acpi_device_id;
}

id_table!($ acpi_device_table, "acpi", acpi::DeviceId, "`Some(&NAME)` is the driver's `ACPI_ID_TABLE`");
