// SPDX-License-Identifier: GPL-2.0

//! Ids of devices that an open-firmware node (a device tree) describes.
//!
//! C header: [`include/linux/of.h`](srctree/include/linux/of.h)
//!
//! Drivers for several buses (platform, I2C) have such a table;
//! [`of_device_table!`](crate::of_device_table) makes it. An id also works on a machine with ACPI:
//! it matches a device whose `_HID` or `_CID` is `PRP0001` and whose `_DSD` has the string among
//! its `compatible` ones. Kernels without device trees (Debian's for x86) know no other match.

use crate::{
    bindings,
    device_id::{RawDeviceId, id_table, name_field},
    prelude::*,
};

/// An entry of a driver's table: a `compatible` string.
#[repr(transparent)]
#[derive(Clone, Copy)]
#[doc(alias = "of_device_id")]
pub struct DeviceId(bindings::of_device_id);

impl DeviceId {
    /// Makes the id of devices with this among their `compatible` strings. It has 1 to 127 bytes;
    /// the build checks that.
    #[inline(always)]
    pub const fn new(compatible: &'static CStr) -> Self {
        Self(bindings::of_device_id {
            name: [0; _],
            type_: [0; _],
            compatible: name_field(compatible),
            // The value that belongs to an id is found by the position of the id (`device_id`).
            data: core::ptr::null(),
        })
    }
}

// SAFETY: the trait requires a transparent wrapper, and that zeroes end a table. `DeviceId` is such
// a wrapper, and C ends a table at an id without any string.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::of_device_id;
}

id_table!($ of_device_table, "of", of::DeviceId, "`Some(&NAME)` is the driver's `OF_ID_TABLE`");
