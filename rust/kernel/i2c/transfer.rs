// SPDX-License-Identifier: GPL-2.0

//! Transfers of messages. All of this is ours alone.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h) (`i2c_transfer()`)
//!
//! The adapter's driver decides on retries and timeouts. Buffers may lie anywhere, on the stack too: C is not told that
//! they are fit for DMA, so an adapter's driver that uses DMA copies them.

use core::marker::PhantomData;

use super::device::I2cClient;
use crate::{
    bindings, device::Bound, error::to_result, ffi::c_int, flag_set::flag_set, prelude::*,
};

/// What is unusual about a message, for devices that depart from the protocol.
///
/// An adapter that lacks the ability fails or, as some do, ignores the flag; see
/// [`Functionality`](super::Functionality).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageFlags(u16);

impl MessageFlags {
    /// In a reading message the adapter does not acknowledge bytes.
    pub const NO_READ_ACK: Self = Self(bindings::I2C_M_NO_RD_ACK as u16);
    /// A missing acknowledgement of the device counts as one.
    pub const IGNORE_NAK: Self = Self(bindings::I2C_M_IGNORE_NAK as u16);
    /// The direction bit in the address is turned round.
    pub const REVERSE_DIRECTION: Self = Self(bindings::I2C_M_REV_DIR_ADDR as u16);
    /// No repeated start, and no address, before this message.
    pub const NO_START: Self = Self(bindings::I2C_M_NOSTART as u16);
    /// A stop after this message, though others follow.
    pub const STOP: Self = Self(bindings::I2C_M_STOP as u16);
}

flag_set!(MessageFlags);

/// One part of a transfer: bytes to or from a buffer, in one direction.
///
/// # Invariants
///
/// MSG-BUFFER: `raw` names a buffer of its length that is borrowed for `'a`, mutably if C may write to it.
#[repr(transparent)]
pub struct Message<'a> {
    raw: bindings::i2c_msg,
    _buffer: PhantomData<&'a mut [u8]>,
}

// SAFETY: a message is a borrowed buffer and numbers.
unsafe impl Send for Message<'_> {}

// SAFETY: a shared message can only be looked at.
unsafe impl Sync for Message<'_> {}

impl<'a> Message<'a> {
    /// Fills `buffer` from the device.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is longer than 65535 bytes.
    pub fn read(buffer: &'a mut [u8]) -> Result<Self> {
        // INVARIANT: MSG-BUFFER: borrowed mutably.
        Self::new(buffer.as_mut_ptr(), buffer.len(), bindings::I2C_M_RD)
    }

    /// Sends `buffer` to the device.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is longer than 65535 bytes.
    pub fn write(buffer: &'a [u8]) -> Result<Self> {
        // INVARIANT: MSG-BUFFER: C does not write to the buffer of a message that is not to be read.
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

    /// Says whose message it is: the address, and whether it has ten bits.
    fn set_address(&mut self, address: u16, ten_bits: bool) {
        let ten = bindings::I2C_M_TEN as u16;
        self.raw.addr = address;
        // An earlier transfer may have been another client's.
        self.raw.flags &= !ten;
        if ten_bits {
            self.raw.flags |= ten;
        }
    }

    /// The same message with flags added.
    pub fn with_flags(mut self, flags: MessageFlags) -> Self {
        self.raw.flags |= flags.0;
        self
    }
}

impl I2cClient<Bound> {
    /// Sends and receives messages, with a repeated start between them and one stop at the end. May sleep.
    ///
    /// All of them go to this client's address, and nothing else to the bus in between.
    ///
    /// # Errors
    ///
    /// `EINVAL` without a message, and `EIO` if the adapter did only some of them; otherwise what C returns, such as
    /// `ENXIO` (nobody answers), `ETIMEDOUT`, `EAGAIN` (arbitration lost) or `EOPNOTSUPP` (the adapter cannot do it).
    /// What the buffers of reading messages contain is then unspecified, and the device may have had some of the
    /// messages.
    pub fn transfer(&self, messages: &mut [Message<'_>]) -> Result {
        let count = c_int::try_from(messages.len()).map_err(|_| EINVAL)?;
        if count == 0 {
            return Err(EINVAL);
        }
        for message in messages.iter_mut() {
            message.set_address(self.addr(), self.has_ten_bit_address());
        }
        let raw = messages.as_mut_ptr().cast::<bindings::i2c_msg>();
        // SAFETY: a bound client's adapter lives. `Message` is a transparent wrapper, and its buffer is that of its
        // length for the call (MSG-BUFFER).
        let done = unsafe { bindings::i2c_transfer(self.adapter().as_raw(), raw, count) };
        to_result(done.min(0))?;
        if done == count { Ok(()) } else { Err(EIO) }
    }

    /// Sends bytes to the device. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there are more than 65535; those of [`transfer`](Self::transfer).
    pub fn master_send(&self, bytes: &[u8]) -> Result {
        self.transfer(&mut [Message::write(bytes)?])
    }

    /// Fills `buffer` from the device. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is longer than 65535 bytes; those of [`transfer`](Self::transfer).
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
