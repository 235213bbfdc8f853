// SPDX-License-Identifier: GPL-2.0

//! The names by which a driver knows its devices.

use super::device::I2cClient;
use crate::{
    bindings,
    device::Bound,
    device_id::{NamedId, RawDeviceId, id_table, name_field},
    of,
    prelude::*,
};

/// An entry of a driver's table: the name of a device type.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::i2c_device_id);

impl DeviceId {
    /// Devices of the type `id`, such as `24c02`: 1 to 19 bytes, which is checked while building.
    #[inline(always)]
    pub const fn new(id: &'static CStr) -> Self {
        // `driver_data` stays 0: the value of an id is found by the id's place (`device_id`).
        Self(bindings::i2c_device_id {
            name: name_field(id),
            driver_data: 0,
        })
    }
}

// SAFETY: a transparent wrapper; an empty name ends a table.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::i2c_device_id;
}

impl NamedId for DeviceId {
    fn name(&self) -> &[u8] {
        &self.0.name
    }
}

/// The value beside the `compatible` string that is the client's name, with the vendor's name before it or not: so C
/// matches clients that users have made, if it knows device trees.
pub(super) fn of_info<U>(table: of::IdTable<U>, client: &I2cClient<Bound>) -> Option<&'static U> {
    // SAFETY: the shim requires a table with an end mark (`IdTable`) and a live client (DEV-LIVE), whose name is constant.
    let id = unsafe { bindings::lb_i2c_of_match_device(table.as_ptr(), client.as_raw()) };
    table.info(id)
}

id_table!($ i2c_device_table, "i2c", i2c::DeviceId, "`Some(&NAME)` is the driver's `I2C_ID_TABLE`");
