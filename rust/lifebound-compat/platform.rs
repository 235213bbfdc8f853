// SPDX-License-Identifier: GPL-2.0

//! Platform devices: Linux's module, and `attach`.

use core::{marker::PhantomData, pin::Pin};

pub use ::kernel::platform::*;
use ::kernel::{acpi, device::Core, of, prelude::*};

use crate::scope::{Attached, Scope};

driver_with_attach!(
    platform,
    { OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None },
    { ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None }
);

/// As the macro of Linux's crate, for a [`Driver`] of this one.
#[macro_export]
macro_rules! module_platform_driver {
    (type: $type:ty, $($rest:tt)*) => {
        $crate::linux::module_platform_driver! {
            type: $crate::platform::WithAttach<$type>,
            $($rest)*
        }
    };
}
