// SPDX-License-Identifier: GPL-2.0

//! Ids of SPI devices by name.
//!
//! C header: [`include/linux/mod_devicetable.h`](srctree/include/linux/mod_devicetable.h)

use crate::{
    bindings,
    device_id::{NamedId, RawDeviceId, id_table, name_field},
    prelude::*,
};

/// An entry of a driver's table: the name of a type of device.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::spi_device_id);

impl DeviceId {
    /// Devices of the type `name`, such as `w25q32`. The name has 1 to 31 bytes, which the build
    /// checks.
    #[inline(always)]
    pub const fn new(name: &'static CStr) -> Self {
        Self(bindings::spi_device_id {
            name: name_field(name),
            // The value of an id is found by the id's place (`device_id`).
            driver_data: 0,
        })
    }
}

// SAFETY: `RawDeviceId` requires a transparent wrapper of the C type, of which zeroes end a table:
// `DeviceId` is one, and an empty name ends a table.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::spi_device_id;
}

impl NamedId for DeviceId {
    fn name(&self) -> &[u8] {
        &self.0.name
    }
}

id_table!($ spi_device_table, "spi", spi::DeviceId, "`Some(&NAME)` is the driver's `SPI_ID_TABLE`");
