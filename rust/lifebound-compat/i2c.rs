// SPDX-License-Identifier: GPL-2.0

//! I2C: Linux's module, with SMBus transfers, and clients that driver data can keep.
//!
//! C header: `include/linux/i2c.h`

use core::{marker::PhantomData, ops::Deref, pin::Pin};

pub use ::kernel::i2c::*;
use ::kernel::{
    acpi, bindings,
    device::{self, Bound, Core, DeviceContext, Normal},
    error::to_result,
    of,
    prelude::*,
};

use crate::scope::{Attached, Scope};

shared_device!(i2c, I2cClient, i2c_client);

/// A set of an adapter's functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Functionality(u32);

impl Functionality {
    /// `smbus_read_byte`.
    pub const SMBUS_READ_BYTE: Self = Self(bindings::I2C_FUNC_SMBUS_READ_BYTE);
    /// `smbus_write_byte`.
    pub const SMBUS_WRITE_BYTE: Self = Self(bindings::I2C_FUNC_SMBUS_WRITE_BYTE);
    /// `smbus_read_byte_data`.
    pub const SMBUS_READ_BYTE_DATA: Self = Self(bindings::I2C_FUNC_SMBUS_READ_BYTE_DATA);
    /// `smbus_write_byte_data`.
    pub const SMBUS_WRITE_BYTE_DATA: Self = Self(bindings::I2C_FUNC_SMBUS_WRITE_BYTE_DATA);
    /// `smbus_read_word_data`.
    pub const SMBUS_READ_WORD_DATA: Self = Self(bindings::I2C_FUNC_SMBUS_READ_WORD_DATA);
    /// `smbus_write_word_data`.
    pub const SMBUS_WRITE_WORD_DATA: Self = Self(bindings::I2C_FUNC_SMBUS_WRITE_WORD_DATA);
    /// `smbus_write_i2c_block_data`.
    pub const SMBUS_WRITE_I2C_BLOCK: Self = Self(bindings::I2C_FUNC_SMBUS_WRITE_I2C_BLOCK);

    /// Whether this set has all functions of `other`.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl core::ops::BitOr for Functionality {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The adapter of a client.
pub struct ClientAdapter<'a>(
    *mut bindings::i2c_adapter,
    PhantomData<&'a I2cClient<Bound>>,
);

impl ClientAdapter<'_> {
    /// The number of the adapter's bus.
    pub fn index(&self) -> i32 {
        // SAFETY: the read requires a live adapter, whose number does not change: a bound client
        // keeps its adapter.
        unsafe { (*self.0).nr }
    }

    /// The adapter's functions.
    pub fn functionality(&self) -> Functionality {
        // SAFETY: the reads require a live adapter with an algorithm, and the call its own adapter.
        // A bound client keeps its adapter, and C refuses adapters without the function.
        let functions = unsafe {
            (*(*self.0).algo)
                .functionality
                .map(|functionality| functionality(self.0))
        };
        Functionality(functions.unwrap_or(0))
    }
}

/// Makes methods that read and write a number of one size.
macro_rules! smbus {
    ($($read:ident, $c_read:ident, $write:ident, $c_write:ident, $type:ty;)*) => {$(
        /// Reads the value at `command`.
        ///
        /// Context: process context; may sleep.
        ///
        /// # Errors
        ///
        /// Those of the adapter's driver, such as `ENXIO` if no device answers.
        pub fn $read(&self, command: u8) -> Result<$type> {
            // SAFETY: the function requires a live client: a bound one.
            let value = unsafe { bindings::$c_read(self.as_raw(), command) };
            to_result(value.min(0))?;
            Ok(<$type>::try_from(value)?)
        }

        /// Writes `value` at `command`.
        ///
        /// Context: process context; may sleep.
        ///
        /// # Errors
        ///
        /// Those of the adapter's driver, such as `ENXIO` if no device answers.
        pub fn $write(&self, command: u8, value: $type) -> Result {
            // SAFETY: the function requires a live client: a bound one.
            to_result(unsafe { bindings::$c_write(self.as_raw(), command, value) })
        }
    )*};
}

impl I2cClient<Bound> {
    /// The client's address.
    pub fn addr(&self) -> u16 {
        // SAFETY: the read requires a live client, whose address does not change: a bound one.
        unsafe { (*self.as_raw()).addr }
    }

    /// The adapter of the client's bus.
    pub fn adapter(&self) -> ClientAdapter<'_> {
        // SAFETY: the read requires a live client, whose adapter does not change: a bound one.
        ClientAdapter(unsafe { (*self.as_raw()).adapter }, PhantomData)
    }

    smbus! {
        smbus_read_byte_data, i2c_smbus_read_byte_data,
            smbus_write_byte_data, i2c_smbus_write_byte_data, u8;
        smbus_read_word_data, i2c_smbus_read_word_data,
            smbus_write_word_data, i2c_smbus_write_word_data, u16;
    }

    /// Writes 1 to 32 bytes at `command`. The length is not part of the message.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` for another number of bytes; those of the adapter's driver.
    pub fn smbus_write_i2c_block_data(&self, command: u8, bytes: &[u8]) -> Result {
        let length = match bytes.len() {
            length @ 1..=32 => length as u8,
            _ => return Err(EINVAL),
        };
        // SAFETY: the function requires (1) a live client, (2) `length` bytes, at most 32. (1) A
        // bound one. (2) Checked above.
        to_result(unsafe {
            bindings::i2c_smbus_write_i2c_block_data(self.as_raw(), command, length, bytes.as_ptr())
        })
    }
}

/// A driver for this bus: that of Linux's crate, for the clients of this one, with
/// [`attach`](Self::attach).
pub trait Driver: Sized + 'static {
    /// The value beside each id of the driver's tables.
    type IdInfo: Sync + 'static;

    /// The driver's data for one device.
    type Data<'bound>: Send + 'bound;

    /// Ids by the names of I2C.
    const I2C_ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// Ids of a device tree.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// Ids of ACPI.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// As Linux's `probe`.
    fn probe<'bound>(
        dev: &'bound I2cClient<Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// As [`attach`](crate::pci::Driver::attach) of PCI drivers.
    fn attach<'bound, 'x>(
        dev: &'bound I2cClient<Core<'_>>,
        data: Pin<&'x Self::Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let _ = (dev, data, scope);
        Ok(())
    }

    /// As Linux's `shutdown`.
    fn shutdown<'bound>(dev: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }

    /// As Linux's `unbind`.
    fn unbind<'bound>(dev: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// The driver that Linux's crate sees.
#[doc(hidden)]
pub struct WithAttach<T>(PhantomData<T>);

impl<T: Driver> ::kernel::i2c::Driver for WithAttach<T> {
    type IdInfo = T::IdInfo;
    type Data<'bound> = Attached<T::Data<'bound>>;
    const I2C_ID_TABLE: Option<IdTable<T::IdInfo>> = T::I2C_ID_TABLE;
    const OF_ID_TABLE: Option<of::IdTable<T::IdInfo>> = T::OF_ID_TABLE;
    const ACPI_ID_TABLE: Option<acpi::IdTable<T::IdInfo>> = T::ACPI_ID_TABLE;

    fn probe<'bound>(
        dev: &'bound ::kernel::i2c::I2cClient<Core<'_>>,
        id_info: Option<&'bound T::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let client = I2cClient::wrap(dev);
        let data = T::probe(client, id_info);
        Attached::new(dev.as_ref(), data, move |data, scope| {
            T::attach(client, data, scope)
        })
    }

    fn shutdown<'bound>(
        dev: &'bound ::kernel::i2c::I2cClient<Core<'_>>,
        this: Pin<&Self::Data<'bound>>,
    ) {
        T::shutdown(I2cClient::wrap(dev), this.data());
    }

    fn unbind<'bound>(
        dev: &'bound ::kernel::i2c::I2cClient<Core<'_>>,
        this: Pin<&Self::Data<'bound>>,
    ) {
        T::unbind(I2cClient::wrap(dev), this.data());
    }
}

/// What registers a driver `T` on this bus.
pub type Adapter<T> = ::kernel::i2c::Adapter<WithAttach<T>>;

/// As the macro of Linux's crate, for a [`Driver`] of this one.
#[macro_export]
macro_rules! module_i2c_driver {
    (type: $type:ty, $($rest:tt)*) => {
        $crate::linux::module_i2c_driver! {
            type: $crate::i2c::WithAttach<$type>,
            $($rest)*
        }
    };
}
