// SPDX-License-Identifier: GPL-2.0

//! Ids of auxiliary drivers: the name of the module that makes a device, and the device's own name.
//!
//! C header: [`include/linux/mod_devicetable.h`](srctree/include/linux/mod_devicetable.h)

use crate::{
    bindings,
    device_id::{RawDeviceId, id_table, joined_field},
    prelude::*,
};

/// An entry of a driver's table.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::auxiliary_device_id);

impl DeviceId {
    /// Matches devices that are registered under these names, whatever their number. The names have
    /// at most 30 bytes together, which the build checks.
    #[inline(always)]
    pub const fn new(modname: &'static CStr, name: &'static CStr) -> Self {
        Self(bindings::auxiliary_device_id {
            name: joined_field([modname.to_bytes(), b".", name.to_bytes()]),
            // The place of an id gives its value (`device_id`).
            driver_data: 0,
        })
    }
}

// SAFETY: `RawDeviceId` requires a transparent wrapper of an id whose zeroed form ends a table; C
// ends a table at an id with an empty name.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::auxiliary_device_id;
}

id_table!($ auxiliary_device_table, "auxiliary", auxiliary::DeviceId, "`&NAME` is the driver's `ID_TABLE`");
