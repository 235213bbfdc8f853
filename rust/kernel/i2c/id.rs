// SPDX-License-Identifier: GPL-2.0

//! Ids of I2C drivers: names of device types.

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
    /// Matches devices of the type `id`, such as `24c02`. The name has 1 to 19 bytes, which the
    /// build checks.
    #[inline(always)]
    pub const fn new(id: &'static CStr) -> Self {
        // `driver_data` stays 0: the place of an id gives its value (`device_id`).
        Self(bindings::i2c_device_id {
            name: name_field(id),
            driver_data: 0,
        })
    }
}

// SAFETY: `RawDeviceId` requires a transparent wrapper of an id whose zeroed form ends a table; C
// ends a table at an id with an empty name.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::i2c_device_id;
}

impl NamedId for DeviceId {
    fn name(&self) -> &[u8] {
        &self.0.name
    }
}

/// The value beside the `compatible` string that is the client's name, with or without the vendor's
/// name before it. A kernel that knows device trees matches in this way the clients that users have
/// made.
pub(super) fn of_info<U>(table: of::IdTable<U>, client: &I2cClient<Bound>) -> Option<&'static U> {
    // SAFETY: the shim requires (1) a table with an end mark, (2) a live client, (3) a name that
    // does not change. (1) Every `IdTable` has an end mark. (2) DEV-LIVE. (3) The I2C core does not
    // change a client's name.
    let id = unsafe { bindings::lb_i2c_of_match_device(table.as_ptr(), client.as_raw()) };
    table.info(id)
}

id_table!($ i2c_device_table, "i2c", i2c::DeviceId, "`Some(&NAME)` is the driver's `I2C_ID_TABLE`");
