// SPDX-License-Identifier: GPL-2.0

//! Platform drivers.

use core::pin::Pin;

use super::{
    device::{Device, Platform},
    id::IdTable,
};
use crate::{
    acpi, bindings,
    device::Core,
    device_id::info_by_name,
    dma,
    driver::{self, Bus, FirmwareIds, Ops},
    ffi::c_int,
    of, pm,
    prelude::*,
};

// SAFETY: `driver` is the embedded driver; all fields are pointers, numbers and flags. `platform_driver_unregister()`
// unbinds every device and waits. The driver core calls probe and remove of a bus under the device lock, remove after a
// probe alone. The data is dropped in the remove callback.
unsafe impl Bus for Platform {
    type RawDriver = bindings::platform_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::platform_driver, driver);
    const REGISTER: driver::Register<Self::RawDriver> = bindings::lb_platform_driver_register;
    const UNREGISTER: driver::Unregister<Self::RawDriver> = bindings::platform_driver_unregister;

    // `platform_remove()` detaches the device from its power domain after the driver's callback, and so may switch it
    // off, before the core gets to its hook.
    const DROP_IN_REMOVE: bool = true;
}

/// A platform driver.
///
/// A device is the driver's if it has an id of one of the tables. Without [`ID_TABLE`](Self::ID_TABLE), also a device
/// of the driver's own name is.
pub trait Driver: Sized + 'static {
    driver::driver_items!(Device);

    /// The devices that the driver serves, by `compatible` strings of a device tree or of ACPI.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by ACPI ids.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by the names that code gives to devices. Not in Linux 7.3.
    const ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management. Not in Linux 7.3.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Takes a device into service. May sleep; the device is powered.
    ///
    /// Returns an initialiser, which builds the data where it will stay. `id_info` is the value beside the matching
    /// id, or `None` if the device has none of them: then it was bound by `driver_override`, or has the driver's name.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say quietly that the device is not for this driver; other errors are logged. Whatever the
    /// initialiser has built is dropped, and the device left unbound.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, right before its data is dropped. May sleep; the device is powered.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the device is removed. What can be
    /// undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

driver::adapter!();
pm::adapter!();

impl<T: Driver> Adapter<T> {
    const FIRMWARE_IDS: FirmwareIds<T::IdInfo> = FirmwareIds {
        of: T::OF_ID_TABLE,
        acpi: T::ACPI_ID_TABLE,
    };

    unsafe extern "C" fn probe(pdev: *mut bindings::platform_device) -> c_int {
        // SAFETY: called by the platform bus to probe `pdev`.
        unsafe { driver::probe::<Self>(pdev, ()) }
    }
}

// SAFETY: probe, remove and shutdown end in the machinery's, for the same type; the tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = Platform;
    type Id = ();

    fn parts(_: &Device<Core<'_>>, (): &()) -> <Platform as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::platform_driver) {
        Self::FIRMWARE_IDS.fill(&mut driver.driver);
        if let Some(table) = T::ID_TABLE {
            driver.id_table = table.as_ptr();
        }
        driver.probe = Some(Self::probe);
        driver.shutdown = Some(driver::shutdown::<Self>);
        // SAFETY: the shim stores the callback in the driver.
        unsafe {
            bindings::lb_platform_driver_set_remove(driver, Some(driver::remove::<Self>));
        }
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound Device<Core<'_>>,
        (): (),
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        // The device's own pointer to an id is not looked at: it may be that of another driver, whose module is gone.
        let info = Self::FIRMWARE_IDS
            .info(device.as_ref())
            .or_else(|| info_by_name(T::ID_TABLE?, device.id_name()));
        T::probe(device, info)
    }

    driver::hand_on!(T: Device, unbind);
}

driver::module_macro!($ module_platform_driver, platform, "platform driver");
