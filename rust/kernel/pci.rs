// SPDX-License-Identifier: GPL-2.0

//! The PCI bus.
//!
//! C header: [`include/linux/pci.h`](srctree/include/linux/pci.h)
//!
//! A driver implements [`Driver`], names the devices that it serves with [`pci_device_table!`](crate::pci_device_table)
//! and registers with [`module_pci_driver!`](crate::module_pci_driver):
//!
//! ```
//! use kernel::{device::Core, pci, prelude::*};
//!
//! struct Blinker;
//!
//! /// Lives until the device is unbound, and may borrow from it for that long.
//! struct Data<'bound> {
//!     registers: pci::Bar<'bound, 0x10>,
//! }
//!
//! kernel::pci_device_table!(
//!     TABLE,
//!     (),
//!     [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
//! );
//!
//! impl pci::Driver for Blinker {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const ID_TABLE: pci::IdTable<()> = &TABLE;
//!
//!     fn probe<'bound>(
//!         pdev: &'bound pci::Device<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             pdev.enable_device_mem()?;
//!             Ok(Data { registers: pdev.iomap_region_sized(0, c"blinker")? })
//!         })
//!     }
//! }
//! ```

use core::{marker::PhantomData, num::NonZero, pin::Pin};

use crate::{
    bindings,
    device::{self, Kind},
    dma,
    driver::{self, Bus, Ops},
    error::to_result,
    ffi::c_int,
    pm,
    prelude::*,
};

mod bar;
mod config;
mod error;
mod id;
mod irq;
mod master;
mod resource;

pub use bar::{Bar, DevresBar};
pub use config::{ConfigSpace, ConfigSpaceBackend, ConfigSpaceSize, Extended, Normal};
pub use error::{ChannelState, ErrorHandlers, Recovery};
pub use id::{Class, ClassMask, DeviceId, IdTable, Vendor};
pub use irq::{IrqType, IrqTypes, IrqVector, IrqVectorRegistration};
pub use master::BusMaster;

/// The [`Kind`] of a PCI device.
pub enum Pci {}

/// A PCI function, `struct pci_dev`.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Pci>;

// SAFETY: `dev` is the embedded device; its release function frees the `pci_dev`.
unsafe impl Kind for Pci {
    type Raw = bindings::pci_dev;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::pci_dev, dev);
}

// SAFETY: `driver` is the embedded driver; all fields are pointers and numbers. `pci_unregister_driver()` unbinds every
// device and waits. The driver core calls probe and remove of a bus under the device lock, remove after a probe alone.
unsafe impl Bus for Pci {
    type RawDriver = bindings::pci_driver;
    type Parts = (
        pm::Power,
        dma::Masks,
        master::Masters,
        irq::Vectors,
        resource::Enabled,
    );
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::pci_driver, driver);
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::pci_driver) =
        bindings::pci_unregister_driver;
    // C copies the `groups` of the PCI driver to those of the driver in it.
    const GROUPS_OFFSET: usize = core::mem::offset_of!(bindings::pci_driver, groups);

    unsafe fn register(
        driver: *mut bindings::pci_driver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> c_int {
        // SAFETY: the caller owns the driver.
        unsafe { (*driver).name = name.as_char_ptr() };
        // SAFETY: the driver is filled in and stays in place (the caller); name and module outlive it.
        unsafe { bindings::lb_pci_register_driver(driver, module.as_ptr(), name.as_char_ptr()) }
    }
}

/// A PCI driver.
pub trait Driver: Sized + 'static {
    /// What the driver knows about each id of its table.
    type IdInfo: Sync + 'static;

    /// The driver's data for one device. It is dropped when the device is unbound, so it may borrow from the device
    /// for all of `'bound`.
    type Data<'bound>: Send + 'bound;

    /// The devices that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Callbacks for power management. Ours alone.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Callbacks for errors on the bus and resets. Ours alone.
    const ERROR_HANDLERS: ErrorHandlers<Self> = ErrorHandlers::<Self>::NONE;

    /// Takes a device into service. May sleep; the device is powered.
    ///
    /// Returns an initialiser, which builds the data where it will stay. `id_info` is the value beside the matching
    /// id, or `None` if the id came from sysfs (`new_id`) or the device was bound by `driver_override`.
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
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the device is removed. In the last
    /// case its registers may read as all ones. What can be undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound Device<device::Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// What a [`Driver`] wants to be called for by power management. Ours alone.
pub type PmCallbacks<T> = pm::Callbacks<Adapter<T>>;

/// Makes a [`Driver`] known to the [`driver`] machinery.
pub struct Adapter<T: Driver>(PhantomData<T>);

impl<T: Driver> Adapter<T> {
    unsafe extern "C" fn probe(
        pdev: *mut bindings::pci_dev,
        id: *const bindings::pci_device_id,
    ) -> c_int {
        let info = T::ID_TABLE.info(id);
        // SAFETY: called by the PCI core to probe `pdev`.
        unsafe { driver::probe::<Self>(pdev, info) }
    }
}

// SAFETY: probe, remove and shutdown end in the machinery's, for the same type; the table is static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = Pci;
    type Id = Option<&'static T::IdInfo>;

    fn parts(device: &Device<device::Core<'_>>, _: &Self::Id) -> <Pci as Bus>::Parts {
        (
            pm::Power::new(pm::RuntimePm::HeldByBus),
            dma::Masks::new(),
            master::Masters::new(device),
            irq::Vectors::new(),
            resource::Enabled::new(),
        )
    }

    fn fill(driver: &mut bindings::pci_driver) {
        driver.id_table = T::ID_TABLE.as_ptr();
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        driver.shutdown = Some(driver::shutdown::<Self>);
        driver.err_handler = error::table::<T>();
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound Device<device::Core<'_>>,
        id: Self::Id,
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        T::probe(device, id)
    }

    driver::hand_on!(T: Device, unbind);
}

impl<T: Driver> pm::Ops for Adapter<T> {
    const PM: PmCallbacks<T> = T::PM;
}

/// Makes a module of one PCI driver: `module_pci_driver! { type: Driver, name: "..", license: "GPL", .. }`.
///
/// The keys are those of [`module!`](macro@crate::prelude::module).
#[macro_export]
macro_rules! module_pci_driver {
    ($($input:tt)*) => {
        $crate::module_driver!(<T>, $crate::pci::Adapter<T>, { $($input)* });
    };
}

impl Device {
    /// The vendor's id. Any context.
    pub fn vendor_id(&self) -> Vendor {
        // SAFETY: DEV-LIVE; set before the device was added, and constant.
        Vendor::from_raw(unsafe { (*self.as_raw()).vendor })
    }

    /// The vendor's id of the device. Any context.
    pub fn device_id(&self) -> u16 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).device }
    }

    /// The revision. Any context.
    pub fn revision_id(&self) -> u8 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).revision }
    }

    /// Bus, device and function numbers: bus in bits 15:8, device in 7:3, function in 2:0. Any context.
    pub fn dev_id(&self) -> u16 {
        // SAFETY: DEV-LIVE; the bus lives while its device does.
        unsafe { bindings::lb_pci_dev_id(self.as_raw()) }
    }

    /// The subsystem's vendor id. Any context.
    pub fn subsystem_vendor_id(&self) -> u16 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_vendor }
    }

    /// The subsystem's id. Any context.
    pub fn subsystem_device_id(&self) -> u16 {
        // SAFETY: as in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_device }
    }

    /// Class, subclass and programming interface. Any context.
    pub fn pci_class(&self) -> Class {
        // SAFETY: as in `vendor_id`.
        Class::from_raw(unsafe { (*self.as_raw()).class })
    }

    /// The bus address at which a BAR starts; 0 if there is none. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `bar` is not 0 to 5.
    pub fn resource_start(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = resource::index(bar)?;
        // SAFETY: DEV-LIVE, and the index is that of a BAR.
        Ok(unsafe { bindings::lb_pci_resource_start(self.as_raw(), bar) })
    }

    /// The size of a BAR in bytes; 0 if there is none. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `bar` is not 0 to 5.
    pub fn resource_len(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = resource::index(bar)?;
        // SAFETY: DEV-LIVE, and the index is that of a BAR.
        Ok(unsafe { bindings::lb_pci_resource_len(self.as_raw(), bar) })
    }
}

impl Device<device::Core<'_>> {
    /// The number of virtual functions that the device can have. May sleep.
    pub fn sriov_get_totalvfs(&self) -> Option<NonZero<u16>> {
        // SAFETY: DEV-LIVE.
        let count = unsafe { bindings::pci_sriov_get_totalvfs(self.as_raw()) };
        u16::try_from(count).ok().and_then(NonZero::new)
    }

    /// Wakes the device and has it decode its memory BARs. May sleep.
    ///
    /// Undone when the binding ends, after the driver's data was dropped.
    ///
    /// # Errors
    ///
    /// What `pci_enable_device_mem()` returns, such as `EINVAL` for a BAR without address. The device is as before
    /// then.
    pub fn enable_device_mem(&self) -> Result {
        // SAFETY: DEV-LIVE, in a callback of the bus.
        to_result(unsafe { bindings::pci_enable_device_mem(self.as_raw()) })?;
        resource::disable_at_end(self);
        Ok(())
    }

    /// Lets the device start DMA. Any context in which configuration space may be written; does not sleep.
    ///
    /// Undone when the binding ends, after the driver's data was dropped and before memory for DMA is given back.
    pub fn set_master(&self) {
        // SAFETY: DEV-LIVE, in a callback of the bus.
        unsafe { bindings::pci_set_master(self.as_raw()) }
    }
}

impl<'a> dma::Device<'a> for Device<device::Core<'a>> {}

impl<'a, Ctx: device::DeviceContext> TryFrom<&'a device::Device<Ctx>> for &'a Device<Ctx> {
    type Error = Error;

    /// The PCI device around a plain one. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the device is not on the PCI bus.
    fn try_from(device: &'a device::Device<Ctx>) -> Result<Self> {
        let bus = &raw const bindings::pci_bus_type;
        // SAFETY: all devices of the PCI bus are embedded in a `struct pci_dev`.
        unsafe { device.downcast(bus) }.ok_or(EINVAL)
    }
}
