// SPDX-License-Identifier: GPL-2.0

//! Ids by name.
//!
//! C header: [`include/linux/mod_devicetable.h`](srctree/include/linux/mod_devicetable.h)

use super::Device;
use crate::{
    bindings,
    device::Bound,
    device_id::{RawDeviceId, name_field},
    prelude::*,
};

/// An entry of a driver's table: the name of a device, without the number that its instances have.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::platform_device_id);

impl DeviceId {
    /// Devices of this name: 1 to 19 bytes, which is checked while building.
    #[inline(always)]
    pub const fn new(name: &'static CStr) -> Self {
        Self(bindings::platform_device_id {
            name: name_field(name),
            // The value of an id is found by the id's place (`device_id`).
            driver_data: 0,
        })
    }
}

// SAFETY: a transparent wrapper; an id without name ends a table.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::platform_device_id;
}

/// A table of ids with values of type `T`.
pub type IdTable<T> = &'static dyn crate::device_id::IdTable<DeviceId, T>;

/// The value beside the id that has the device's name. The device's own pointer to an id is not looked at: it may be
/// that of another driver, whose module is gone.
pub(super) fn info<U>(table: IdTable<U>, device: &Device<Bound>) -> Option<&'static U> {
    // SAFETY: the shim wants a table with an end mark (`IdTable`) and a live device (DEV-LIVE), whose name is constant.
    let id = unsafe { bindings::lb_platform_match_id(table.as_ptr(), device.as_raw()) };
    table.info(id)
}

/// Makes a table of names: `platform_device_table!(NAME, Info, [(DeviceId, info), ..])`. Ours alone.
///
/// `NAME` becomes a static; `Some(&NAME)` is the driver's `ID_TABLE`. The ids are exported for automatic loading.
#[macro_export]
macro_rules! platform_device_table {
    ($name:ident, $info:ty, $table:tt) => {
        $crate::module_device_table!("platform", $crate::platform::DeviceId, $name, $info, $table);
    };
}
