// SPDX-License-Identifier: GPL-2.0

//! The platform bus: devices that no bus can find, and that firmware or board code describes.
//!
//! C header: [`include/linux/platform_device.h`](srctree/include/linux/platform_device.h)
//!
//! A driver implements [`Driver`], names the devices that it serves with [`acpi_device_table!`](crate::acpi_device_table),
//! [`of_device_table!`](crate::of_device_table) or [`platform_device_table!`](crate::platform_device_table), and registers
//! with [`module_platform_driver!`](crate::module_platform_driver):
//!
//! ```
//! use kernel::{acpi, device::Core, io::mem::ExclusiveIoMem, platform, prelude::*};
//!
//! struct Blinker;
//!
//! /// Lives until the device is unbound, and may borrow from it for that long.
//! struct Data<'bound> {
//!     registers: ExclusiveIoMem<'bound, 0x10>,
//! }
//!
//! kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"ACME0001"), ())]);
//!
//! impl platform::Driver for Blinker {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);
//!
//!     fn probe<'bound>(
//!         pdev: &'bound platform::Device<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             let request = pdev.io_request_by_index(0).ok_or(ENODEV)?;
//!             Ok(Data { registers: request.iomap_exclusive_sized()? })
//!         })
//!     }
//! }
//! ```

use core::{marker::PhantomData, pin::Pin};

use crate::{
    acpi, bindings,
    device::{self, Bound, Kind},
    device_id::FirmwareIds,
    dma,
    driver::{self, Bus, Ops},
    ffi::{c_int, c_uint},
    io::{Resource, mem::IoRequest},
    of, pm,
    prelude::*,
};

mod id;
mod irq;

pub use id::{DeviceId, IdTable};

/// The [`Kind`] of a platform device.
pub enum Platform {}

/// A platform device, `struct platform_device`.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Platform>;

// SAFETY: `dev` is the embedded device; its release function frees the `platform_device`.
unsafe impl Kind for Platform {
    type Raw = bindings::platform_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::platform_device, dev);
}

// SAFETY: `driver` is the embedded driver; all fields are pointers, numbers and flags. `platform_driver_unregister()`
// unbinds every device and waits. The driver core calls probe and remove of a bus under the device lock, remove after a
// probe alone. The data is dropped in the remove callback.
unsafe impl Bus for Platform {
    type RawDriver = bindings::platform_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::platform_driver, driver);
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::platform_driver) =
        bindings::platform_driver_unregister;

    // `platform_remove()` detaches the device from its power domain after the driver's callback, and so may switch it
    // off, before the core gets to its hook.
    const DROP_IN_REMOVE: bool = true;

    unsafe fn register(
        driver: *mut bindings::platform_driver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> c_int {
        // SAFETY: the caller owns the driver.
        unsafe { (*driver).driver.name = name.as_char_ptr() };
        // SAFETY: the driver is filled in and stays in place (the caller); name and module outlive it.
        unsafe {
            bindings::lb_platform_driver_register(driver, module.as_ptr(), name.as_char_ptr())
        }
    }
}

/// A platform driver.
///
/// A device is the driver's if it has an id of one of the tables. Without [`ID_TABLE`](Self::ID_TABLE), also a device
/// of the driver's own name is.
pub trait Driver: Sized + 'static {
    /// What the driver knows about each id of its tables.
    type IdInfo: Sync + 'static;

    /// The driver's data for one device. It is dropped when the device is unbound, so it may borrow from the device
    /// for all of `'bound`.
    type Data<'bound>: Send + 'bound;

    /// The devices that the driver serves, by `compatible` strings of a device tree or of ACPI.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by ACPI ids.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by the names that code gives to devices. Ours alone.
    const ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management. Ours alone.
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
        dev: &'bound Device<device::Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(Device, unbind);
    driver::shutdown_method!(Device, unbind);

    /// Takes a device out of service, right before its data is dropped. May sleep; the device is powered.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the device is removed. What can be
    /// undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound Device<device::Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// What a [`Driver`] wants to be called for by power management. Ours alone.
pub type PmCallbacks<T> = pm::Callbacks<Adapter<T>>;

/// Makes a [`Driver`] known to the [`driver`] machinery.
pub struct Adapter<T: Driver>(PhantomData<T>);

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

    fn parts(_: &Device<device::Core<'_>>, _: &Self::Id) -> <Platform as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::platform_driver) {
        Self::FIRMWARE_IDS.fill(&mut driver.driver);
        if let Some(table) = T::ID_TABLE {
            driver.id_table = table.as_ptr();
        }
        driver.probe = Some(Self::probe);
        driver.shutdown = Some(driver::shutdown::<Self>);
        pm::fill::<Self>(driver);
        // SAFETY: the shim stores the callback in the driver.
        unsafe {
            bindings::lb_platform_driver_set_remove(driver, Some(driver::remove::<Self>));
        }
    }

    fn probe<'bound>(
        device: &'bound Device<device::Core<'_>>,
        _: (),
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        let info = Self::FIRMWARE_IDS.info(device.as_ref());
        T::probe(device, info.or_else(|| id::info(T::ID_TABLE?, device)))
    }

    driver::hand_on!(T: Device, unbind);
}

impl<T: Driver> pm::Ops for Adapter<T> {
    const PM: PmCallbacks<T> = T::PM;
}

/// Makes a module of one platform driver: `module_platform_driver! { type: Driver, name: "..", license: "GPL", .. }`.
///
/// The keys are those of [`module!`](macro@crate::prelude::module).
#[macro_export]
macro_rules! module_platform_driver {
    ($($input:tt)*) => {
        $crate::module_driver!(<T>, $crate::platform::Adapter<T>, { $($input)* });
    };
}

impl<Ctx: device::DeviceContext> device::Device<Ctx, Platform> {
    /// The memory resource number `index`, counted among the device's memory resources. Any context.
    pub fn resource_by_index(&self, index: u32) -> Option<&Resource> {
        let kind = bindings::IORESOURCE_MEM as c_uint;
        // SAFETY: `platform_get_resource()` wants a live device: DEV-LIVE.
        let resource = unsafe { bindings::platform_get_resource(self.as_raw(), kind, index) };
        self.resource(resource)
    }

    /// The memory resource of this name. Any context.
    pub fn resource_by_name(&self, name: &CStr) -> Option<&Resource> {
        let (kind, name) = (bindings::IORESOURCE_MEM as c_uint, name.as_char_ptr());
        // SAFETY: as in `resource_by_index`; the name is only read, until the call returns.
        let resource = unsafe { bindings::platform_get_resource_byname(self.as_raw(), kind, name) };
        self.resource(resource)
    }

    fn resource(&self, resource: *mut bindings::resource) -> Option<&Resource> {
        // SAFETY: a resource of the device, which is freed with it, and keeps its range, name and flags from before the
        // device was added.
        (!resource.is_null()).then(|| unsafe { Resource::from_raw(resource) })
    }
}

impl Device<Bound> {
    /// Asks for the memory resource number `index`, to be mapped. Any context.
    pub fn io_request_by_index(&self, index: u32) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_index(index)?;
        Some(IoRequest::new(self.as_ref(), resource))
    }

    /// Asks for the memory resource of this name, to be mapped. Any context.
    pub fn io_request_by_name(&self, name: &CStr) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_name(name)?;
        Some(IoRequest::new(self.as_ref(), resource))
    }
}

impl<'a> dma::Device<'a> for Device<device::Core<'a>> {}

impl<'a, Ctx: device::DeviceContext> TryFrom<&'a device::Device<Ctx>> for &'a Device<Ctx> {
    type Error = Error;

    /// The platform device around a plain one. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the device is not on the platform bus.
    fn try_from(device: &'a device::Device<Ctx>) -> Result<Self> {
        let bus = &raw const bindings::platform_bus_type;
        // SAFETY: all devices of the platform bus are embedded in a `struct platform_device`.
        unsafe { device.downcast(bus) }.ok_or(EINVAL)
    }
}
