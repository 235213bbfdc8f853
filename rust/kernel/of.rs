// SPDX-License-Identifier: GPL-2.0

//! Ids of devices that an open-firmware node (a device tree) describes.
//!
//! C header: [`include/linux/of.h`](srctree/include/linux/of.h)
//!
//! Drivers of several buses (platform, I2C) have such a table, made by [`of_device_table!`](crate::of_device_table). On
//! a machine with ACPI an id serves too: it matches a device whose `_HID` or `_CID` is `PRP0001` and whose `_DSD` has
//! the string among its `compatible` ones. Kernels without device trees (Debian's for x86) know no other match.

use crate::{
    bindings,
    device_id::{RawDeviceId, id_table, name_field},
    prelude::*,
};

/// An entry of a driver's table: a `compatible` string.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::of_device_id);

impl DeviceId {
    /// Devices with this among their `compatible` strings: 1 to 127 bytes, which is checked while building.
    #[inline(always)]
    pub const fn new(compatible: &'static CStr) -> Self {
        Self(bindings::of_device_id {
            name: [0; _],
            type_: [0; _],
            compatible: name_field(compatible),
            // The value of an id is found by the id's place (`device_id`).
            data: core::ptr::null(),
        })
    }
}

// SAFETY: a transparent wrapper; an id without any string ends a table.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::of_device_id;
}

id_table!($ of_device_table, "of", of::DeviceId, "`Some(&NAME)` is the driver's `OF_ID_TABLE`");
