// SPDX-License-Identifier: GPL-2.0

//! Ids by which firmware describes a device: the tables of a driver, and the entry that matches a
//! device.
//!
//! This file is written once for the buses whose devices firmware can describe.

use crate::{
    acpi, bindings,
    device::{Bound, Device},
    of,
};

/// A driver's tables of `compatible` strings and of ACPI ids.
pub(crate) struct FirmwareIds<U: 'static> {
    pub(crate) of: Option<of::IdTable<U>>,
    pub(crate) acpi: Option<acpi::IdTable<U>>,
}

impl<U> FirmwareIds<U> {
    /// Enters the tables into a driver.
    pub(crate) fn fill(&self, driver: &mut bindings::device_driver) {
        if let Some(of) = self.of {
            driver.of_match_table = of.as_ptr();
        }
        if let Some(acpi) = self.acpi {
            driver.acpi_match_table = acpi.as_ptr();
        }
    }

    /// The value beside the entry that matches the device. The tables are tried in C's order.
    ///
    /// The result is `None` if no entry matches: then the bus found the driver by another id or by
    /// its name, or `driver_override` forced it. Only the callback that binds the device may call
    /// this, since firmware may take the device away afterwards.
    pub(crate) fn info(&self, device: &Device<Bound>) -> Option<&'static U> {
        self.acpi_info(device).or_else(|| self.of_info(device))
    }

    fn acpi_info(&self, device: &Device<Bound>) -> Option<&'static U> {
        let table = self.acpi?;
        // SAFETY: `acpi_match_device()` requires a table with an end mark, which every `IdTable`
        // has, and a live device, which DEV-LIVE gives.
        let id = unsafe { bindings::lb_acpi_match_device(table.as_ptr(), device.as_raw()) };
        table.info(id)
    }

    fn of_info(&self, device: &Device<Bound>) -> Option<&'static U> {
        let table = self.of?;
        let acpi_too = self.acpi.is_some();
        // SAFETY: `of_match_device()` requires the same as `acpi_match_device()`; both hold as in
        // `acpi_info`.
        let id = unsafe { bindings::lb_of_match_device(table.as_ptr(), acpi_too, device.as_raw()) };
        table.info(id)
    }
}

/// The items of a `Driver` trait for devices that firmware can describe, which follow the bus' own
/// table: `firmware_items!(Device, "when `probe` gets no value")`.
macro_rules! firmware_items {
    ($device:ident, $none:literal) => {
        /// The devices that the driver serves, by `compatible` strings of a device tree or of ACPI.
        const OF_ID_TABLE: Option<$crate::of::IdTable<Self::IdInfo>> = None;

        /// The devices that the driver serves, by ACPI ids.
        const ACPI_ID_TABLE: Option<$crate::acpi::IdTable<Self::IdInfo>> = None;

        /// Takes a device into service.
        ///
        /// Returns an initialiser, which builds the data where it will stay. `id_info` is the value
        /// beside the matching id.
        #[doc = $none]
        ///
        /// Context: process context; may sleep. The device is powered.
        ///
        /// # Errors
        ///
        /// `ENODEV` and `ENXIO` say quietly that the device is not for this driver; other errors
        /// are logged. Whatever the initialiser has built is dropped, and the device left unbound.
        fn probe<'bound>(
            dev: &'bound $device<$crate::device::Core<'_>>,
            id_info: Option<&'bound Self::IdInfo>,
        ) -> impl $crate::prelude::PinInit<Self::Data<'bound>, $crate::error::Error> + 'bound;
    };
}
pub(crate) use firmware_items;

/// Defines the part of such a bus' `Adapter` that deals with the ids: `firmware_adapter!(Kind)`.
/// Its [`Ops`](super::Ops) has `firmware_ops!`.
macro_rules! firmware_adapter {
    ($kind:ident) => {
        impl<T: Driver> Adapter<T> {
            const FIRMWARE_IDS: $crate::driver::FirmwareIds<T::IdInfo> =
                $crate::driver::FirmwareIds {
                    of: T::OF_ID_TABLE,
                    acpi: T::ACPI_ID_TABLE,
                };

            unsafe extern "C" fn probe(
                device: *mut <$kind as $crate::device::Kind>::Raw,
            ) -> $crate::ffi::c_int {
                // SAFETY: `driver::probe` requires to be called by the bus' probe callback for its
                // device; this is that callback.
                unsafe { $crate::driver::probe::<Self>(device, ()) }
            }
        }
    };
}
pub(crate) use firmware_adapter;

/// The members of [`Ops`](super::Ops) on such a bus that are the same on each:
/// `firmware_ops!(Kind, Device)`. The adapter's `info` finds the value beside the matching id.
macro_rules! firmware_ops {
    ($kind:ident, $device:ident) => {
        type Bus = $kind;
        type Id = ();

        fn probe<'bound>(
            device: &'bound $device<$crate::device::Core<'_>>,
            (): (),
        ) -> impl $crate::prelude::PinInit<T::Data<'bound>, $crate::error::Error> + 'bound {
            T::probe(device, Self::info(device))
        }
    };
}
pub(crate) use firmware_ops;
