// SPDX-License-Identifier: GPL-2.0

//! The I2C bus, and SMBus on it.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h)
//!
//! A driver implements [`Driver`], names the device types that it serves with
//! [`i2c_device_table!`](crate::i2c_device_table) and registers with [`module_i2c_driver!`](crate::module_i2c_driver).
//! The device is an [`I2cClient`], whose methods do the transfers; the bus is an [`I2cAdapter`].
//!
//! ```
//! use kernel::{device::{Bound, Core}, i2c, prelude::*};
//!
//! struct Thermometer;
//!
//! /// Lives until the device is unbound, and may use it for that long.
//! struct Data<'bound> {
//!     client: &'bound i2c::I2cClient<Bound>,
//! }
//!
//! impl Data<'_> {
//!     /// The temperature, in 1/256 of a degree.
//!     fn temperature(&self) -> Result<i16> {
//!         Ok(self.client.smbus_read_word_data(0)?.swap_bytes().cast_signed())
//!     }
//! }
//!
//! kernel::i2c_device_table!(TABLE, (), [(i2c::DeviceId::new(c"lm75"), ())]);
//!
//! impl i2c::Driver for Thermometer {
//!     type IdInfo = ();
//!     type Data<'bound> = Data<'bound>;
//!     const I2C_ID_TABLE: Option<i2c::IdTable<()>> = Some(&TABLE);
//!
//!     fn probe<'bound>(
//!         dev: &'bound i2c::I2cClient<Core<'_>>,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Data<'bound>, Error> + 'bound {
//!         pin_init::pin_init_scope(move || {
//!             let data = Data { client: dev };
//!             dev_info!(dev, "{} / 256 degrees\n", data.temperature()?);
//!             Ok(data)
//!         })
//!     }
//! }
//! ```
//!
//! # Errors of transfers
//!
//! All from C and unchanged: `ENXIO` (nobody answers), `ETIMEDOUT`, `EIO`, `EAGAIN` (arbitration lost), `EOPNOTSUPP` (the
//! adapter cannot do it, see [`Functionality`]), `EPROTO` (the device sent an impossible length), `EBADMSG` (wrong
//! checksum).

use core::{marker::PhantomData, pin::Pin};

use crate::{
    acpi, bindings,
    device::{self, Kind},
    device_id::FirmwareIds,
    dma,
    driver::{self, Bus, Ops},
    ffi::c_int,
    of, pm,
    prelude::*,
};

mod adapter;
mod client;
mod functionality;
mod id;
mod registration;
mod smbus;
mod transfer;

pub use adapter::{AdapterKind, I2cAdapter};
pub use functionality::Functionality;
pub use id::{DeviceId, IdTable};
pub use registration::{I2cBoardInfo, Registration};
pub use smbus::{Direction, SMBUS_BLOCK_MAX};
pub use transfer::{Message, MessageFlags};

/// The [`Kind`] of an I2C client.
pub enum I2c {}

/// A device on an I2C bus, `struct i2c_client`.
pub type I2cClient<Ctx = device::Normal> = device::Device<Ctx, I2c>;

// SAFETY: `dev` is the embedded device; its release function frees the `i2c_client`.
unsafe impl Kind for I2c {
    type Raw = bindings::i2c_client;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::i2c_client, dev);
}

// SAFETY: `driver` is the embedded driver; all fields are pointers and numbers. `i2c_del_driver()` unbinds every device
// and waits. The driver core calls probe, remove and shutdown of a bus under the device lock, remove after a successful
// probe alone. The I2C core releases managed resources right after remove, which is why the data is dropped before.
unsafe impl Bus for I2c {
    type RawDriver = bindings::i2c_driver;
    type Parts = (pm::Power, dma::Masks);
    const DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::i2c_driver, driver);
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::i2c_driver) = bindings::i2c_del_driver;
    const DROP_IN_REMOVE: bool = true;

    unsafe fn register(
        driver: *mut bindings::i2c_driver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> c_int {
        // SAFETY: the caller owns the driver.
        unsafe { (*driver).driver.name = name.as_char_ptr() };
        // SAFETY: the driver is filled in and stays in place (the caller); name and module outlive it.
        unsafe { bindings::i2c_register_driver(module.as_ptr(), driver) }
    }
}

/// An I2C driver. It serves the devices that have an id of one of its tables; none without a table.
pub trait Driver: Sized + 'static {
    /// What the driver knows about each id of its tables.
    type IdInfo: Sync + 'static;

    /// The driver's data for one device. It is dropped when the device is unbound, so it may borrow from the device
    /// for all of `'bound`.
    type Data<'bound>: Send + 'bound;

    /// The devices that the driver serves, by the names that code and users give to a type of device.
    const I2C_ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by `compatible` strings of a device tree or of ACPI.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// The devices that the driver serves, by ACPI ids.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// Callbacks for power management. Ours alone.
    const PM: PmCallbacks<Self> = PmCallbacks::<Self>::NONE;

    /// Takes a device into service. May sleep; the device is powered.
    ///
    /// Returns an initialiser, which builds the data where it will stay. `id_info` is the value beside the matching
    /// id.
    ///
    /// # Errors
    ///
    /// `ENODEV` and `ENXIO` say quietly that the device is not for this driver; other errors are logged. Whatever the
    /// initialiser has built is dropped, and the device left unbound.
    fn probe<'bound>(
        dev: &'bound I2cClient<device::Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    driver::attach_method!(I2cClient, unbind);

    /// Makes the device quiet before the machine is powered off or another kernel is started. May sleep.
    ///
    /// The device stays bound, and neither `unbind` nor the data's `Drop` follow. Without an implementation the
    /// device's interrupt is disabled, as it is for a driver in C without the callback.
    fn shutdown<'bound>(dev: &'bound I2cClient<device::Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = this;
        dev.disable_irq();
    }

    /// Takes a device out of service, right before its data is dropped. May sleep.
    ///
    /// Called on every unbinding: through sysfs, when the module is unloaded, when the device or its adapter is
    /// removed. In the last case transfers fail. What can be undone by dropping the data needs no code here.
    fn unbind<'bound>(dev: &'bound I2cClient<device::Core<'_>>, this: Pin<&Self::Data<'bound>>) {
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

    unsafe extern "C" fn probe(client: *mut bindings::i2c_client) -> c_int {
        // SAFETY: called by the I2C core to probe `client`.
        unsafe { driver::probe::<Self>(client, ()) }
    }
}

// SAFETY: probe, remove and shutdown end in the machinery's, for the same type; the tables are static.
unsafe impl<T: Driver> Ops for Adapter<T> {
    type Bus = I2c;
    type Id = ();

    fn parts(_: &I2cClient<device::Core<'_>>, _: &Self::Id) -> <I2c as Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::i2c_driver) {
        Self::FIRMWARE_IDS.fill(&mut driver.driver);
        if let Some(table) = T::I2C_ID_TABLE {
            driver.id_table = table.as_ptr();
        }
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        driver.shutdown = Some(driver::shutdown::<Self>);
        pm::fill::<Self>(driver);
    }

    fn probe<'bound>(
        device: &'bound I2cClient<device::Core<'_>>,
        _: (),
    ) -> impl PinInit<T::Data<'bound>, Error> + 'bound {
        let info = Self::FIRMWARE_IDS
            .info(device.as_ref())
            .or_else(|| id::of_info(T::OF_ID_TABLE?, device))
            .or_else(|| id::info(T::I2C_ID_TABLE?, device));
        T::probe(device, info)
    }

    driver::hand_on!(T: I2cClient, unbind);
}

impl<T: Driver> pm::Ops for Adapter<T> {
    const PM: PmCallbacks<T> = T::PM;
}

/// Makes a module of one I2C driver: `module_i2c_driver! { type: Driver, name: "..", license: "GPL", .. }`.
///
/// The keys are those of [`module!`](macro@crate::prelude::module).
#[macro_export]
macro_rules! module_i2c_driver {
    ($($input:tt)*) => {
        $crate::module_driver!(<T>, $crate::i2c::Adapter<T>, { $($input)* });
    };
}
