// SPDX-License-Identifier: GPL-2.0

//! The parts of a message, and their memory. Not in Linux 7.3.
//!
//! C header: [`include/linux/spi/spi.h`](srctree/include/linux/spi/spi.h)

use super::limits::Shape;
use crate::{
    alloc::{Flags, allocator::dma::DmaKmalloc},
    bindings,
    ffi::c_uint,
    prelude::*,
    time::Delta,
};

/// The flags of memory on the way to or from a device. The device may be one to which memory is
/// written back, so an allocation must not wait for that.
pub(super) const FLAGS: Flags = GFP_NOIO;

/// The source and the destination of the bytes of a transfer.
enum Bytes<'a> {
    None,
    To(&'a [u8]),
    From(&'a mut [u8]),
    Both(&'a [u8], &'a mut [u8]),
    Exchange(&'a mut [u8]),
}

/// One part of a message: bytes to the device, from it, or both at the same time.
///
/// ```
/// # use kernel::{device::Bound, prelude::*};
/// use kernel::{spi::{self, Transfer}, time::Delta};
///
/// /// Starts a conversion, and reads its result 20 microseconds later, in one message.
/// fn convert(dev: &spi::Device<Bound>) -> Result<[u8; 2]> {
///     let mut result = [0; 2];
///     dev.sync_transfer(&mut [
///         Transfer::write(&[0x80]).with_delay(Delta::from_micros(20))?,
///         Transfer::read(&mut result).with_speed_hz(1_000_000),
///     ])?;
///     Ok(result)
/// }
/// ```
pub struct Transfer<'a> {
    bytes: Bytes<'a>,
    speed_hz: Option<u32>,
    bits_per_word: Option<u8>,
    deselect: bool,
    delay: bindings::spi_delay,
}

/// The memory of a transfer for C: each buffer is from `kmalloc()` and shares no cache line, so
/// that DMA hits nothing else. A transfer's own buffers may lie anywhere.
pub(super) struct Bounce {
    to: Vec<u8, DmaKmalloc>,
    from: Vec<u8, DmaKmalloc>,
}

/// A buffer for C. C takes an empty buffer for a mistake unless it is null.
fn buffer(bytes: &mut Vec<u8, DmaKmalloc>) -> *mut u8 {
    if bytes.is_empty() {
        core::ptr::null_mut()
    } else {
        bytes.as_mut_ptr()
    }
}

impl Bounce {
    /// A copy of the bytes to send, and zeroes to receive over.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new(to: &[u8], from: usize) -> Result<Self> {
        let mut copy = Vec::with_capacity(to.len(), FLAGS | __GFP_NOWARN)?;
        copy.extend_from_slice(to, FLAGS)?;
        Ok(Self {
            to: copy,
            from: Vec::zeroed(from, FLAGS | __GFP_NOWARN)?,
        })
    }
}

/// C's form of a delay.
///
/// # Errors
///
/// `EINVAL` if the time is negative or above 65535 microseconds.
fn delay_of(time: Delta) -> Result<bindings::spi_delay> {
    if time.is_negative() {
        return Err(EINVAL);
    }
    let nanos = u16::try_from(time.as_nanos());
    let (value, unit) = match nanos {
        Ok(nanos) => (nanos, bindings::SPI_DELAY_UNIT_NSECS),
        Err(_) => {
            let micros = u16::try_from(time.as_micros_ceil()).map_err(|_| EINVAL)?;
            (micros, bindings::SPI_DELAY_UNIT_USECS)
        }
    };
    Ok(bindings::spi_delay {
        value,
        unit: unit as u8,
    })
}

impl<'a> Transfer<'a> {
    fn new(bytes: Bytes<'a>) -> Self {
        Self {
            bytes,
            speed_hz: None,
            bits_per_word: None,
            deselect: false,
            delay: bindings::spi_delay::default(),
        }
    }

    /// Sends `bytes`.
    pub fn write(bytes: &'a [u8]) -> Self {
        Self::new(Bytes::To(bytes))
    }

    /// Fills `buffer` from the device. The controller decides which bytes it sends meanwhile.
    pub fn read(buffer: &'a mut [u8]) -> Self {
        Self::new(Bytes::From(buffer))
    }

    /// Sends `bytes`, and fills `buffer` with the bytes that the device sends at the same time.
    ///
    /// # Errors
    ///
    /// `EINVAL` unless both have the same length.
    pub fn write_and_read(bytes: &'a [u8], buffer: &'a mut [u8]) -> Result<Self> {
        if bytes.len() != buffer.len() {
            return Err(EINVAL);
        }
        Ok(Self::new(Bytes::Both(bytes, buffer)))
    }

    /// Sends the bytes in `buffer`, and fills it with the bytes that the device sends at the same
    /// time.
    pub fn exchange(buffer: &'a mut [u8]) -> Self {
        Self::new(Bytes::Exchange(buffer))
    }

    /// Sends and receives nothing. Its use is [`with_delay`](Self::with_delay).
    pub fn pause() -> Self {
        Self::new(Bytes::None)
    }

    /// The same transfer at a clock rate of its own.
    pub fn with_speed_hz(self, hz: u32) -> Self {
        Self {
            speed_hz: Some(hz),
            ..self
        }
    }

    /// The same transfer with a word length of its own.
    pub fn with_bits_per_word(self, bits: u8) -> Self {
        Self {
            bits_per_word: Some(bits),
            ..self
        }
    }

    /// The same transfer with `cs_change`: the device is deselected for a moment after it.
    ///
    /// The flag has another meaning on the last transfer of a message: the device stays selected
    /// until the next message, if that message is for the same device.
    pub fn with_cs_change(self) -> Self {
        Self {
            deselect: true,
            ..self
        }
    }

    /// The same transfer with a time to wait after it, before the device is deselected or the next
    /// transfer begins.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the time is negative or above 65535 microseconds.
    pub fn with_delay(self, time: Delta) -> Result<Self> {
        Ok(Self {
            delay: delay_of(time)?,
            ..self
        })
    }

    /// The bytes to send, and the number of bytes to receive.
    pub(super) fn parts(&self) -> (&[u8], usize) {
        match &self.bytes {
            Bytes::None => (&[], 0),
            Bytes::To(bytes) => (bytes, 0),
            Bytes::From(buffer) => (&[], buffer.len()),
            Bytes::Both(bytes, buffer) => (bytes, buffer.len()),
            Bytes::Exchange(buffer) => (buffer, buffer.len()),
        }
    }

    pub(super) fn shape(&self) -> Shape {
        let (to, from) = self.parts();
        Shape {
            length: to.len().max(from),
            sends: !to.is_empty(),
            receives: from > 0,
            speed_hz: self.speed_hz,
            bits_per_word: self.bits_per_word,
        }
    }

    /// C's form of the transfer, which names the buffers of `bounce`.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE` if C cannot count its bytes.
    pub(super) fn to_raw(&self, bounce: &mut Bounce) -> Result<bindings::spi_transfer> {
        let length = bounce.to.len().max(bounce.from.len());
        let mut raw = bindings::spi_transfer {
            tx_buf: buffer(&mut bounce.to).cast(),
            rx_buf: buffer(&mut bounce.from).cast(),
            len: c_uint::try_from(length).map_err(|_| EMSGSIZE)?,
            speed_hz: self.speed_hz.unwrap_or(0),
            bits_per_word: self.bits_per_word.unwrap_or(0),
            delay: self.delay,
            ..bindings::spi_transfer::default()
        };
        raw.set_cs_change(u32::from(self.deselect));
        Ok(raw)
    }

    /// Copies the received bytes to the transfer's own buffer.
    pub(super) fn receive(&mut self, bounce: &Bounce) {
        let to: &mut [u8] = match &mut self.bytes {
            Bytes::None | Bytes::To(_) => &mut [],
            Bytes::From(buffer) | Bytes::Both(_, buffer) | Bytes::Exchange(buffer) => buffer,
        };
        for (to, from) in to.iter_mut().zip(&bounce.from) {
            *to = *from;
        }
    }
}

#[macros::kunit_tests(lifebound_spi_transfer)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_nanoseconds_or_microseconds() {
        let of = |nanos| delay_of(Delta::from_nanos(nanos)).map(|delay| (delay.value, delay.unit));
        assert_eq!(of(0), Ok((0, 1)));
        assert_eq!(of(65_535), Ok((65_535, 1)));
        assert_eq!(of(65_536), Ok((66, 0)), "rounded up");
        assert_eq!(of(65_535_000), Ok((65_535, 0)));
        assert_eq!(of(65_535_001), Err(EINVAL));
        assert_eq!(of(-1), Err(EINVAL));
        assert_eq!(of(-1_000_000), Err(EINVAL));
        assert_eq!(of(i64::MAX), Err(EINVAL));
    }

    #[test]
    fn both_directions_have_one_length() {
        let mut buffer = [0; 2];
        assert!(Transfer::write_and_read(&[1, 2, 3], &mut buffer).is_err());
        assert!(Transfer::write_and_read(&[1], &mut buffer).is_err());
        assert!(Transfer::write_and_read(&[1, 2], &mut buffer).is_ok());
    }

    /// C's form of a transfer, and the memory to which it refers.
    fn raw_of(transfer: &Transfer<'_>) -> Result<(Bounce, bindings::spi_transfer)> {
        let (to, from) = transfer.parts();
        let mut bounce = Bounce::new(to, from)?;
        let raw = transfer.to_raw(&mut bounce)?;
        Ok((bounce, raw))
    }

    #[test]
    fn buffers_are_copies() -> Result {
        let mut buffer = [7, 8];
        let bytes = [1, 2];
        for (transfer, sends, receives) in [
            (Transfer::write(&bytes), true, false),
            (Transfer::exchange(&mut buffer), true, true),
        ] {
            let (bounce, raw) = raw_of(&transfer)?;
            assert_eq!(raw.len, 2);
            assert_eq!(!raw.tx_buf.is_null(), sends);
            assert_eq!(!raw.rx_buf.is_null(), receives);
            assert_eq!(raw.tx_buf, bounce.to.as_ptr().cast());
            let own = transfer.parts().0;
            assert_ne!(raw.tx_buf, own.as_ptr().cast());
            assert_eq!(&bounce.to[..], own);
        }
        Ok(())
    }

    #[test]
    fn empty_buffers_are_null() -> Result {
        let mut nothing = [];
        for transfer in [
            Transfer::pause(),
            Transfer::write(&[]),
            Transfer::exchange(&mut nothing),
        ] {
            let (_bounce, raw) = raw_of(&transfer)?;
            assert_eq!((raw.len, raw.tx_buf.is_null()), (0, true));
            assert!(raw.rx_buf.is_null());
        }
        Ok(())
    }

    #[test]
    fn what_was_received_is_copied() -> Result {
        let mut buffer = [0; 3];
        let mut transfer = Transfer::read(&mut buffer);
        let (mut bounce, _) = raw_of(&transfer)?;
        assert_eq!(&bounce.from[..], &[0; 3]);
        bounce.from[1] = 5;
        transfer.receive(&bounce);
        assert_eq!(buffer, [0, 5, 0]);
        Ok(())
    }

    #[test]
    fn options_are_the_transfers_own() -> Result {
        let transfer = Transfer::write(&[1])
            .with_speed_hz(9)
            .with_bits_per_word(7)
            .with_cs_change()
            .with_delay(Delta::from_micros(5))?;
        let (_bounce, raw) = raw_of(&transfer)?;
        assert_eq!((raw.speed_hz, raw.bits_per_word), (9, 7));
        assert_eq!((raw.cs_change(), raw.delay.value), (1, 5000));
        let (_bounce, raw) = raw_of(&Transfer::write(&[1]))?;
        assert_eq!(
            (raw.speed_hz, raw.bits_per_word, raw.cs_change()),
            (0, 0, 0)
        );
        Ok(())
    }
}
