// SPDX-License-Identifier: GPL-2.0

//! Transfers of messages. Not in Linux 7.3.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h) (`i2c_transfer()`)
//!
//! The adapter's driver decides on retries and timeouts. Buffers may lie anywhere, even on the
//! stack. This crate does not tell C that they are fit for DMA, so an adapter's driver that uses
//! DMA copies them.

use core::marker::PhantomData;

use super::device::I2cClient;
use crate::{
    bindings, device::Bound, error::to_result, ffi::c_int, flag_set::flag_set, prelude::*,
};

/// Deviations of a message from the protocol, for devices that need them.
///
/// An adapter that lacks the function fails the transfer, or ignores the flag, as some do; see
/// [`Functionality`](super::Functionality).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageFlags(u16);

impl MessageFlags {
    /// The adapter does not acknowledge the bytes of a reading message.
    pub const NO_READ_ACK: Self = Self(bindings::I2C_M_NO_RD_ACK as u16);
    /// The adapter treats a missing acknowledgement by the device as an acknowledgement.
    pub const IGNORE_NAK: Self = Self(bindings::I2C_M_IGNORE_NAK as u16);
    /// The adapter inverts the direction bit in the address.
    pub const REVERSE_DIRECTION: Self = Self(bindings::I2C_M_REV_DIR_ADDR as u16);
    /// The adapter sends neither a repeated start nor an address before this message.
    pub const NO_START: Self = Self(bindings::I2C_M_NOSTART as u16);
    /// The adapter sends a stop after this message, even if others follow.
    pub const STOP: Self = Self(bindings::I2C_M_STOP as u16);
}

flag_set!(MessageFlags);

/// One part of a transfer: bytes to or from a buffer, in one direction.
///
/// # Invariants
///
/// MSG-BUFFER: `raw` has the address and length of a buffer that is borrowed for `'a`, mutably if C
/// may write to it.
#[repr(transparent)]
pub struct Message<'a> {
    raw: bindings::i2c_msg,
    _buffer: PhantomData<&'a mut [u8]>,
}

// SAFETY: `Send` requires that any thread may use the value; a message is a borrowed buffer and
// numbers.
unsafe impl Send for Message<'_> {}

// SAFETY: `Sync` requires that threads may share the value; a shared message gives no access to its
// buffer.
unsafe impl Sync for Message<'_> {}

impl<'a> Message<'a> {
    /// Fills `buffer` from the device.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `buffer` is longer than 65535 bytes.
    pub fn read(buffer: &'a mut [u8]) -> Result<Self> {
        // INVARIANT: MSG-BUFFER: `buffer` is borrowed mutably for `'a`.
        Self::new(buffer.as_mut_ptr(), buffer.len(), bindings::I2C_M_RD)
    }

    /// Sends `buffer` to the device.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `buffer` is longer than 65535 bytes.
    pub fn write(buffer: &'a [u8]) -> Result<Self> {
        // INVARIANT: MSG-BUFFER: `buffer` is borrowed for `'a`, and C does not write to the buffer
        // of a message without `I2C_M_RD`.
        Self::new(buffer.as_ptr().cast_mut(), buffer.len(), 0)
    }

    fn new(buf: *mut u8, length: usize, flags: i32) -> Result<Self> {
        Ok(Self {
            raw: bindings::i2c_msg {
                addr: 0,
                flags: flags as u16,
                len: u16::try_from(length).map_err(|_| EINVAL)?,
                buf,
            },
            _buffer: PhantomData,
        })
    }

    /// Sets the address of the message's client, and whether the address has ten bits.
    fn set_address(&mut self, address: u16, ten_bits: bool) {
        let ten = bindings::I2C_M_TEN as u16;
        self.raw.addr = address;
        // The flag may be left from a transfer to another client.
        self.raw.flags &= !ten;
        if ten_bits {
            self.raw.flags |= ten;
        }
    }

    /// Adds flags to the message.
    pub fn with_flags(mut self, flags: MessageFlags) -> Self {
        self.raw.flags |= flags.0;
        self
    }
}

impl I2cClient<Bound> {
    /// Sends and receives messages, with a repeated start between them and one stop at the end.
    ///
    /// Context: process context; may sleep.
    ///
    /// All messages go to this client's address. Nothing else goes over the bus in between.
    ///
    /// # Errors
    ///
    /// `EINVAL` without a message; `EIO` if the adapter transferred only some of the messages;
    /// errors of C, such as `ENXIO` (no device answers), `ETIMEDOUT`, `EAGAIN` (arbitration lost)
    /// or `EOPNOTSUPP` (the adapter lacks the function). The content of the buffers of reading
    /// messages is then unspecified, and the device may have got some of the messages.
    #[doc(alias = "i2c_transfer")]
    pub fn transfer(&self, messages: &mut [Message<'_>]) -> Result {
        let count = c_int::try_from(messages.len()).map_err(|_| EINVAL)?;
        if count == 0 {
            return Err(EINVAL);
        }
        for message in messages.iter_mut() {
            message.set_address(self.addr(), self.has_ten_bit_address());
        }
        let raw = messages.as_mut_ptr().cast::<bindings::i2c_msg>();
        // SAFETY: `i2c_transfer` requires (1) a live adapter, (2) `count` messages, each with a
        // buffer of its length. (1) A bound client's adapter lives. (2) `Message` is a transparent
        // wrapper, and MSG-BUFFER gives the buffers.
        let done = unsafe { bindings::i2c_transfer(self.adapter().as_raw(), raw, count) };
        to_result(done.min(0))?;
        if done == count { Ok(()) } else { Err(EIO) }
    }

    /// Sends bytes to the device.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there are more than 65535 bytes; errors of [`transfer`](Self::transfer).
    #[doc(alias = "i2c_master_send")]
    pub fn master_send(&self, bytes: &[u8]) -> Result {
        self.transfer(&mut [Message::write(bytes)?])
    }

    /// Fills `buffer` from the device.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `buffer` is longer than 65535 bytes; errors of [`transfer`](Self::transfer).
    #[doc(alias = "i2c_master_recv")]
    pub fn master_recv(&self, buffer: &mut [u8]) -> Result {
        self.transfer(&mut [Message::read(buffer)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_have_up_to_65535_bytes() {
        let mut buffer = [0; 65536];
        assert!(Message::write(&buffer).is_err());
        assert!(Message::read(&mut buffer).is_err());
        assert_eq!(Message::write(&buffer[1..]).unwrap().raw.len, 65535);
        assert_eq!(Message::write(&[]).unwrap().raw.len, 0);
    }

    #[test]
    fn flags_are_added() {
        let mut byte = [0];
        let message = Message::read(&mut byte).unwrap();
        assert_eq!(message.raw.flags, 1);
        let message = message.with_flags(MessageFlags::STOP | MessageFlags::IGNORE_NAK);
        assert_eq!(message.raw.flags, 0x9001);
    }

    #[test]
    fn the_address_is_that_of_the_last_client() {
        let mut message = Message::write(&[1]).unwrap().with_flags(MessageFlags::STOP);
        message.set_address(0x150, true);
        assert_eq!((message.raw.addr, message.raw.flags), (0x150, 0x8010));
        message.set_address(0x50, false);
        assert_eq!((message.raw.addr, message.raw.flags), (0x50, 0x8000));
    }
}
