// SPDX-License-Identifier: GPL-2.0

//! SMBus transfers. Not in Linux 7.3.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h) (`i2c_smbus_*`)
//!
//! Each method makes one transfer. The adapter's driver decides on retries and timeouts. If an
//! adapter only sends messages, the I2C core builds the transfer from messages. All methods sleep,
//! so none may be called in an interrupt handler or under a spinlock.
//! [`i2c`](crate::i2c#errors-of-transfers) lists their errors.

use super::device::I2cClient;
use crate::{
    bindings::{self, i2c_smbus_data},
    device::Bound,
    error::to_result,
    prelude::*,
};

/// The longest block that SMBus transfers, in bytes.
pub const SMBUS_BLOCK_MAX: usize = bindings::I2C_SMBUS_BLOCK_MAX as usize;

/// The direction of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the device.
    Read,
    /// To the device.
    Write,
}

/// The data of one transfer: a byte, a word, or a length and that many bytes. All bytes of the
/// union are initialised.
struct SmbusPayload(i2c_smbus_data);

impl SmbusPayload {
    fn empty() -> Self {
        Self(i2c_smbus_data {
            block: [0; SMBUS_BLOCK_MAX + 2],
        })
    }

    fn byte(value: u8) -> Self {
        let mut payload = Self::empty();
        payload.0.byte = value;
        payload
    }

    fn word(value: u16) -> Self {
        let mut payload = Self::empty();
        payload.0.word = value;
        payload
    }

    /// A block of this length, which begins with `bytes`. Errors: `EINVAL` unless `length` is 1 to
    /// 32.
    fn block(length: usize, bytes: &[u8]) -> Result<Self> {
        let length = u8::try_from(length).map_err(|_| EINVAL)?;
        if !(1..=SMBUS_BLOCK_MAX).contains(&usize::from(length)) {
            return Err(EINVAL);
        }
        let mut block = [length; SMBUS_BLOCK_MAX + 2];
        for (to, from) in block.iter_mut().skip(1).zip(bytes) {
            *to = *from;
        }
        Ok(Self(i2c_smbus_data { block }))
    }

    fn as_byte(&self) -> u8 {
        // SAFETY: a union's field requires valid bytes for its type; all bytes are initialised, and
        // any bytes are a number.
        unsafe { self.0.byte }
    }

    fn as_word(&self) -> u16 {
        // SAFETY: the same holds as in `as_byte`.
        unsafe { self.0.word }
    }

    /// The block. Errors: `EPROTO` if its length is more than 32.
    fn as_block(&self) -> Result<&[u8]> {
        // SAFETY: the same holds as in `as_byte`.
        let block = unsafe { &self.0.block };
        let (length, bytes) = block.split_first().ok_or(EPROTO)?;
        let length = usize::from(*length);
        bytes
            .get(..length)
            .filter(|_| length <= SMBUS_BLOCK_MAX)
            .ok_or(EPROTO)
    }
}

impl I2cClient<Bound> {
    fn smbus(
        &self,
        direction: Direction,
        command: u8,
        protocol: i32,
        data: *mut i2c_smbus_data,
    ) -> Result {
        let direction = match direction {
            Direction::Read => bindings::I2C_SMBUS_READ,
            Direction::Write => bindings::I2C_SMBUS_WRITE,
        };
        // SAFETY: `i2c_smbus_xfer` requires (1) a live adapter, (2) data as long as the protocol
        // needs. (1) A bound client's adapter lives. (2) `data` is null if the protocol has no
        // data. Otherwise it is the caller's own, and long enough for any protocol.
        let error = unsafe {
            bindings::i2c_smbus_xfer(
                self.adapter().as_raw(),
                self.addr(),
                self.flags(),
                direction as _,
                command,
                protocol,
                data,
            )
        };
        to_result(error.min(0))
    }

    fn smbus_get(
        &self,
        command: u8,
        protocol: i32,
        mut data: SmbusPayload,
    ) -> Result<SmbusPayload> {
        self.smbus(Direction::Read, command, protocol, &raw mut data.0)?;
        Ok(data)
    }

    fn smbus_put(&self, command: u8, protocol: i32, mut data: SmbusPayload) -> Result {
        self.smbus(Direction::Write, command, protocol, &raw mut data.0)
    }

    /// Sends the address and the direction bit, and nothing else. Some devices act on the
    /// direction.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers).
    pub fn smbus_quick(&self, direction: Direction) -> Result {
        let protocol = bindings::I2C_SMBUS_QUICK;
        self.smbus(direction, 0, protocol, core::ptr::null_mut())
    }

    /// Receives one byte, without sending a command.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_read_byte")]
    pub fn smbus_read_byte(&self) -> Result<u8> {
        let data = self.smbus_get(0, bindings::I2C_SMBUS_BYTE, SmbusPayload::empty())?;
        Ok(data.as_byte())
    }

    /// Sends one byte.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_write_byte")]
    pub fn smbus_write_byte(&self, value: u8) -> Result {
        // The byte takes the place of other transfers' command.
        self.smbus_put(value, bindings::I2C_SMBUS_BYTE, SmbusPayload::empty())
    }

    /// Reads the byte that `command` (often a register's number) names.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_read_byte_data")]
    pub fn smbus_read_byte_data(&self, command: u8) -> Result<u8> {
        let data = self.smbus_get(
            command,
            bindings::I2C_SMBUS_BYTE_DATA,
            SmbusPayload::empty(),
        )?;
        Ok(data.as_byte())
    }

    /// Writes the byte that `command` names.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_write_byte_data")]
    pub fn smbus_write_byte_data(&self, command: u8, value: u8) -> Result {
        self.smbus_put(
            command,
            bindings::I2C_SMBUS_BYTE_DATA,
            SmbusPayload::byte(value),
        )
    }

    /// Reads the 16-bit word that `command` names; its low byte comes first on the bus.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_read_word_data")]
    pub fn smbus_read_word_data(&self, command: u8) -> Result<u16> {
        let data = self.smbus_get(
            command,
            bindings::I2C_SMBUS_WORD_DATA,
            SmbusPayload::empty(),
        )?;
        Ok(data.as_word())
    }

    /// Writes the 16-bit word that `command` names; its low byte goes first on the bus.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_write_word_data")]
    pub fn smbus_write_word_data(&self, command: u8, value: u16) -> Result {
        self.smbus_put(
            command,
            bindings::I2C_SMBUS_WORD_DATA,
            SmbusPayload::word(value),
        )
    }

    /// Reads the block that `command` names into `buffer`, and returns the part of `buffer` that
    /// was filled. The device decides on the length.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of C, see [there](crate::i2c#errors-of-transfers). `buffer` is unchanged then.
    #[doc(alias = "i2c_smbus_read_block_data")]
    pub fn smbus_read_block_data<'b>(
        &self,
        command: u8,
        buffer: &'b mut [u8; SMBUS_BLOCK_MAX],
    ) -> Result<&'b [u8]> {
        let data = self.smbus_get(
            command,
            bindings::I2C_SMBUS_BLOCK_DATA,
            SmbusPayload::empty(),
        )?;
        let block = data.as_block()?;
        // The block fits, because `as_block` returns no longer block.
        let (filled, _) = buffer.split_at_mut_checked(block.len()).ok_or(EPROTO)?;
        filled.copy_from_slice(block);
        Ok(filled)
    }

    /// Writes the block that `command` names, with its length.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL`, without a transfer, unless the block is 1 to 32 bytes long; errors of C, see
    /// [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_write_block_data")]
    pub fn smbus_write_block_data(&self, command: u8, block: &[u8]) -> Result {
        let data = SmbusPayload::block(block.len(), block)?;
        self.smbus_put(command, bindings::I2C_SMBUS_BLOCK_DATA, data)
    }

    /// Reads bytes from the place that `command` names, as I2C devices such as EEPROMs send them.
    /// No length goes over the bus: the length of `buffer` decides. The result is the number of
    /// bytes that were read, which may be smaller.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL`, without a transfer, unless `buffer` is 1 to 32 bytes long; errors of C, see
    /// [there](crate::i2c#errors-of-transfers). `buffer` is unchanged then.
    #[doc(alias = "i2c_smbus_read_i2c_block_data")]
    pub fn smbus_read_i2c_block_data(&self, command: u8, buffer: &mut [u8]) -> Result<usize> {
        let data = SmbusPayload::block(buffer.len(), &[])?;
        let data = self.smbus_get(command, bindings::I2C_SMBUS_I2C_BLOCK_DATA, data)?;
        let block = data.as_block()?;
        let (filled, _) = buffer.split_at_mut_checked(block.len()).ok_or(EPROTO)?;
        filled.copy_from_slice(block);
        Ok(block.len())
    }

    /// Writes bytes to the place that `command` names, without sending their number.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL`, without a transfer, unless the block is 1 to 32 bytes long; errors of C, see
    /// [there](crate::i2c#errors-of-transfers).
    #[doc(alias = "i2c_smbus_write_i2c_block_data")]
    pub fn smbus_write_i2c_block_data(&self, command: u8, block: &[u8]) -> Result {
        let data = SmbusPayload::block(block.len(), block)?;
        self.smbus_put(command, bindings::I2C_SMBUS_I2C_BLOCK_DATA, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_1_to_32_bytes() {
        for length in [0, 33, 256, usize::MAX] {
            assert_eq!(SmbusPayload::block(length, &[]).err(), Some(EINVAL));
        }
        for length in 1..=SMBUS_BLOCK_MAX {
            let bytes = [7; SMBUS_BLOCK_MAX];
            let payload = SmbusPayload::block(length, &bytes[..length]).unwrap();
            assert_eq!(payload.as_block().unwrap(), &bytes[..length]);
        }
    }

    #[test]
    fn blocks_of_impossible_length_are_refused() {
        for length in [33, 34, 255] {
            assert_eq!(SmbusPayload::byte(length).as_block().err(), Some(EPROTO));
        }
        assert_eq!(SmbusPayload::byte(0).as_block().unwrap(), &[0; 0]);
    }

    #[test]
    fn numbers_come_back() {
        assert_eq!(SmbusPayload::byte(0xa5).as_byte(), 0xa5);
        assert_eq!(SmbusPayload::word(0xa55a).as_word(), 0xa55a);
    }
}
