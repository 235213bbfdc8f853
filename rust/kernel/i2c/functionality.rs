// SPDX-License-Identifier: GPL-2.0

//! The functions that an adapter has.
//!
//! C header: [`include/uapi/linux/i2c.h`](srctree/include/uapi/linux/i2c.h) (`I2C_FUNC_*`)

use crate::{bindings, flag_set::flag_set};

/// A set of an adapter's functions. Not in Linux 7.3.
///
/// ```
/// use kernel::i2c::Functionality;
///
/// let needed = Functionality::SMBUS_BYTE_DATA | Functionality::SMBUS_READ_BLOCK_DATA;
/// assert!(needed.contains(Functionality::SMBUS_READ_BYTE_DATA));
/// assert!(!needed.contains(Functionality::I2C));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Functionality(u32);

impl Functionality {
    /// The set for a number of C's. Unknown bits are kept.
    pub(super) const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// The number for C.
    ///
    /// Context: any context.
    pub const fn as_raw(self) -> u32 {
        self.0
    }

    /// Whether this set has all functions of `other`.
    ///
    /// Context: any context.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

flag_set!(Functionality);

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $raw:ident;)*) => {
        impl Functionality {
            $($(#[$doc])* pub const $name: Self = Self(bindings::$raw as u32);)*
        }
    };
}

functions! {
    /// Messages: [`transfer`](super::I2cClient::transfer), `master_send`, `master_recv`.
    I2C = I2C_FUNC_I2C;
    /// Ten-bit addresses.
    TEN_BIT_ADDRESS = I2C_FUNC_10BIT_ADDR;
    /// [`MessageFlags`](super::MessageFlags), except for
    /// [`NO_START`](super::MessageFlags::NO_START).
    PROTOCOL_MANGLING = I2C_FUNC_PROTOCOL_MANGLING;
    /// [`MessageFlags::NO_START`](super::MessageFlags::NO_START).
    NO_START = I2C_FUNC_NOSTART;
    /// Packet error checking.
    SMBUS_PEC = I2C_FUNC_SMBUS_PEC;
    /// `smbus_quick`.
    SMBUS_QUICK = I2C_FUNC_SMBUS_QUICK;
    /// `smbus_read_byte`.
    SMBUS_READ_BYTE = I2C_FUNC_SMBUS_READ_BYTE;
    /// `smbus_write_byte`.
    SMBUS_WRITE_BYTE = I2C_FUNC_SMBUS_WRITE_BYTE;
    /// `smbus_read_byte` and `smbus_write_byte`.
    SMBUS_BYTE = I2C_FUNC_SMBUS_BYTE;
    /// `smbus_read_byte_data`.
    SMBUS_READ_BYTE_DATA = I2C_FUNC_SMBUS_READ_BYTE_DATA;
    /// `smbus_write_byte_data`.
    SMBUS_WRITE_BYTE_DATA = I2C_FUNC_SMBUS_WRITE_BYTE_DATA;
    /// `smbus_read_byte_data` and `smbus_write_byte_data`.
    SMBUS_BYTE_DATA = I2C_FUNC_SMBUS_BYTE_DATA;
    /// `smbus_read_word_data`.
    SMBUS_READ_WORD_DATA = I2C_FUNC_SMBUS_READ_WORD_DATA;
    /// `smbus_write_word_data`.
    SMBUS_WRITE_WORD_DATA = I2C_FUNC_SMBUS_WRITE_WORD_DATA;
    /// `smbus_read_word_data` and `smbus_write_word_data`.
    SMBUS_WORD_DATA = I2C_FUNC_SMBUS_WORD_DATA;
    /// `smbus_read_block_data`.
    SMBUS_READ_BLOCK_DATA = I2C_FUNC_SMBUS_READ_BLOCK_DATA;
    /// `smbus_write_block_data`.
    SMBUS_WRITE_BLOCK_DATA = I2C_FUNC_SMBUS_WRITE_BLOCK_DATA;
    /// `smbus_read_block_data` and `smbus_write_block_data`.
    SMBUS_BLOCK_DATA = I2C_FUNC_SMBUS_BLOCK_DATA;
    /// `smbus_read_i2c_block_data`.
    SMBUS_READ_I2C_BLOCK = I2C_FUNC_SMBUS_READ_I2C_BLOCK;
    /// `smbus_write_i2c_block_data`.
    SMBUS_WRITE_I2C_BLOCK = I2C_FUNC_SMBUS_WRITE_I2C_BLOCK;
    /// `smbus_read_i2c_block_data` and `smbus_write_i2c_block_data`.
    SMBUS_I2C_BLOCK = I2C_FUNC_SMBUS_I2C_BLOCK;
}
