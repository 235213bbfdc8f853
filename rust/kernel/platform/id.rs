// SPDX-License-Identifier: GPL-2.0

//! Ids of platform drivers: names of devices.
//!
//! C header: [`include/linux/mod_devicetable.h`](srctree/include/linux/mod_devicetable.h)

use crate::{
    bindings,
    device_id::{NamedId, RawDeviceId, id_table, name_field},
    prelude::*,
};

/// An entry of a driver's table: the name of a device, without the number of the instance.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::platform_device_id);

impl DeviceId {
    /// Matches devices of this name. The name has 1 to 19 bytes, which the build checks.
    #[inline(always)]
    pub const fn new(name: &'static CStr) -> Self {
        Self(bindings::platform_device_id {
            name: name_field(name),
            // The place of an id gives its value (`device_id`).
            driver_data: 0,
        })
    }
}

// SAFETY: `RawDeviceId` requires a transparent wrapper of an id whose zeroed form ends a table; C
// ends a table at an id with an empty name.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::platform_device_id;
}

impl NamedId for DeviceId {
    fn name(&self) -> &[u8] {
        &self.0.name
    }
}

id_table!($ platform_device_table, "platform", platform::DeviceId, "`Some(&NAME)` is the driver's `ID_TABLE`");
