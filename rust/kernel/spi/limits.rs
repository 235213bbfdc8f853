// SPDX-License-Identifier: GPL-2.0

//! The limits of a controller. This crate checks them before it calls C.
//!
//! C header: [`include/linux/spi/spi.h`](srctree/include/linux/spi/spi.h)

use super::settings::{Mode, Settings};
use crate::{bindings, prelude::*};

/// The limits of a device's controller. Not in Linux 7.3.
#[derive(Clone, Copy)]
pub struct Limits(bindings::lb_spi_limits);

/// The demands of a transfer on the controller.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) length: usize,
    /// Whether the transfer sends bytes to the device, and whether it receives some.
    pub(super) sends: bool,
    pub(super) receives: bool,
    /// The transfer's own clock rate and word length, if it has them.
    pub(super) speed_hz: Option<u32>,
    pub(super) bits_per_word: Option<u8>,
}

/// The size of a word in memory.
const fn word_size(bits_per_word: u8) -> usize {
    match bits_per_word {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

impl Limits {
    pub(super) const fn from_raw(raw: bindings::lb_spi_limits) -> Self {
        Self(raw)
    }

    /// The number of bytes that one transfer may have.
    ///
    /// Context: any context.
    #[doc(alias = "spi_max_transfer_size")]
    pub fn max_transfer_size(&self) -> usize {
        self.0.max_transfer_size
    }

    /// The number of bytes that the transfers of one message may have together.
    ///
    /// Context: any context.
    #[doc(alias = "spi_max_message_size")]
    pub fn max_message_size(&self) -> usize {
        self.0.max_message_size
    }

    /// The highest clock rate, in hertz, if the controller names one.
    ///
    /// Context: any context.
    pub fn max_speed_hz(&self) -> Option<u32> {
        Some(self.0.max_speed_hz).filter(|&hz| hz != 0)
    }

    /// The lowest clock rate, in hertz, if the controller names one.
    ///
    /// Context: any context.
    pub fn min_speed_hz(&self) -> Option<u32> {
        Some(self.0.min_speed_hz).filter(|&hz| hz != 0)
    }

    /// Whether the controller has everything that `mode` asks for.
    ///
    /// Context: any context.
    pub fn has_mode(&self, mode: Mode) -> bool {
        // The SPI core does what these ask for without the controller.
        let core = Mode::CS_WORD | Mode::NO_TX | Mode::NO_RX;
        (core | Mode::from_raw(self.0.mode_bits)).contains(mode)
    }

    /// Whether the controller has words of that many bits. A controller that does not name its word
    /// lengths has words of 8 bits.
    ///
    /// Context: any context.
    pub fn has_bits_per_word(&self, bits: u8) -> bool {
        match self.0.bits_per_word_mask {
            0 => bits == 8,
            mask => u32::from(bits)
                .checked_sub(1)
                .and_then(|bit| mask.checked_shr(bit))
                .is_some_and(|mask| mask & 1 == 1),
        }
    }

    /// Whether the controller has that clock rate, in hertz.
    ///
    /// Context: any context.
    pub fn has_speed_hz(&self, hz: u32) -> bool {
        let min = self.min_speed_hz().unwrap_or(1);
        let max = self.max_speed_hz().unwrap_or(u32::MAX);
        (min..=max).contains(&hz)
    }

    fn has_flag(&self, flag: u32) -> bool {
        self.0.flags & flag != 0
    }

    /// Whether the controller sends and receives at the same time to a device of this mode.
    ///
    /// Context: any context.
    pub fn is_full_duplex(&self, mode: Mode) -> bool {
        !self.has_flag(bindings::LB_SPI_CONTROLLER_HALF_DUPLEX) && !mode.contains(Mode::THREE_WIRE)
    }

    /// Whether the controller can send to a device of this mode.
    fn sends(&self, mode: Mode) -> bool {
        !self.has_flag(bindings::LB_SPI_CONTROLLER_NO_TX) && !mode.contains(Mode::NO_TX)
    }

    /// Whether the controller can receive from a device of this mode.
    fn receives(&self, mode: Mode) -> bool {
        !self.has_flag(bindings::LB_SPI_CONTROLLER_NO_RX) && !mode.contains(Mode::NO_RX)
    }

    /// Checks settings of a device.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the controller does not have them.
    pub(super) fn check_settings(&self, settings: Settings) -> Result {
        let speed = settings.max_speed_hz;
        let has_all = self.has_mode(settings.mode)
            && self.has_bits_per_word(settings.bits_per_word)
            && (speed == 0 || self.has_speed_hz(speed));
        if has_all { Ok(()) } else { Err(EINVAL) }
    }

    /// Checks one message to a device with these settings.
    ///
    /// # Errors
    ///
    /// - `EMSGSIZE` if a transfer or the message is too long.
    /// - `EINVAL` if the controller does not have what a transfer asks for.
    pub(super) fn check_message(
        &self,
        settings: Settings,
        transfers: impl Iterator<Item = Shape>,
    ) -> Result {
        let mut bytes: usize = 0;
        for transfer in transfers {
            self.check_transfer(settings, transfer)?;
            bytes = bytes.checked_add(transfer.length).ok_or(EMSGSIZE)?;
        }
        // C counts the bytes of a message in 32 bits.
        let max = self.max_message_size().min(u32::MAX as usize);
        if bytes <= max { Ok(()) } else { Err(EMSGSIZE) }
    }

    fn check_transfer(&self, settings: Settings, transfer: Shape) -> Result {
        let bits = transfer.bits_per_word.unwrap_or(settings.bits_per_word);
        let speed = transfer.speed_hz.unwrap_or(settings.max_speed_hz);
        let mode = settings.mode;
        if transfer.length > self.max_transfer_size() {
            return Err(EMSGSIZE);
        }
        let allowed = self.has_bits_per_word(bits)
            && transfer.length.is_multiple_of(word_size(bits))
            && (self.has_speed_hz(speed) || (speed == 0 && transfer.speed_hz.is_none()))
            && (!transfer.sends || self.sends(mode))
            && (!transfer.receives || self.receives(mode))
            && (!(transfer.sends && transfer.receives) || self.is_full_duplex(mode));
        if allowed { Ok(()) } else { Err(EINVAL) }
    }
}

#[macros::kunit_tests(lifebound_spi_limits)]
mod tests {
    use super::*;

    /// A controller with limits of all kinds.
    fn limits() -> Limits {
        Limits(bindings::lb_spi_limits {
            max_transfer_size: 64,
            max_message_size: 100,
            mode_bits: Mode::MODE_3.as_raw() | Mode::THREE_WIRE.as_raw(),
            bits_per_word_mask: 1 << 7 | 1 << 11 | 1 << 31,
            min_speed_hz: 1_000,
            max_speed_hz: 1_000_000,
            flags: 0,
        })
    }

    fn unlimited() -> Limits {
        Limits(bindings::lb_spi_limits {
            max_transfer_size: usize::MAX,
            max_message_size: usize::MAX,
            ..bindings::lb_spi_limits::default()
        })
    }

    const SETTINGS: Settings = Settings {
        mode: Mode::MODE_0,
        max_speed_hz: 1_000_000,
        bits_per_word: 8,
    };

    #[test]
    fn modes_are_the_controllers() {
        let with = |mode| limits().check_settings(Settings { mode, ..SETTINGS });
        for mode in [Mode::MODE_0, Mode::MODE_1, Mode::MODE_2, Mode::MODE_3] {
            assert_eq!(with(mode), Ok(()));
        }
        assert_eq!(with(Mode::CS_WORD | Mode::NO_RX), Ok(()), "the core's");
        assert_eq!(with(Mode::MODE_1 | Mode::CS_HIGH), Err(EINVAL));
        let unknown = Mode::from_raw(1 << 20);
        assert_eq!(with(unknown), Err(EINVAL), "a bit without a name");
        assert_eq!(with(unknown.without(unknown)), Ok(()));
    }

    #[test]
    fn words_have_lengths_of_the_controllers() {
        let lengths = |limits: Limits| {
            (0..=255).filter(move |&bits| {
                let settings = Settings {
                    bits_per_word: bits,
                    ..SETTINGS
                };
                limits.check_settings(settings).is_ok()
            })
        };
        assert!(lengths(limits()).eq([8, 12, 32]));
        assert!(lengths(unlimited()).eq([8]));
    }

    #[test]
    fn speeds_have_two_ends() {
        let with = |limits: Limits, max_speed_hz| {
            limits.check_settings(Settings {
                max_speed_hz,
                ..SETTINGS
            })
        };
        for speed in [0, 1_000, 1_000_000] {
            assert_eq!(with(limits(), speed), Ok(()));
        }
        for speed in [1, 999, 1_000_001, u32::MAX] {
            assert_eq!(with(limits(), speed), Err(EINVAL));
            assert_eq!(with(unlimited(), speed), Ok(()));
        }
    }

    const WRITE: Shape = Shape {
        length: 1,
        sends: true,
        receives: false,
        speed_hz: None,
        bits_per_word: None,
    };

    fn check(limits: Limits, settings: Settings, transfers: &[Shape]) -> Result {
        limits.check_message(settings, transfers.iter().copied())
    }

    #[test]
    fn sizes_are_limited() {
        let with = |limits, lengths: &[usize]| {
            let shapes = lengths.iter().map(|&length| Shape { length, ..WRITE });
            Limits::check_message(&limits, SETTINGS, shapes)
        };
        assert_eq!(with(limits(), &[65]), Err(EMSGSIZE));
        assert_eq!(with(limits(), &[64]), Ok(()));
        assert_eq!(with(limits(), &[50, 50]), Ok(()));
        assert_eq!(with(limits(), &[50, 50, 1]), Err(EMSGSIZE));
        assert_eq!(with(unlimited(), &[50, 50, 1]), Ok(()));
        assert_eq!(with(unlimited(), &[usize::MAX, 1]), Err(EMSGSIZE));
        assert_eq!(with(unlimited(), &[u32::MAX as usize, 1]), Err(EMSGSIZE));
    }

    #[test]
    fn transfers_have_whole_words() {
        let six = Shape { length: 6, ..WRITE };
        let with = |bits| {
            let bits_per_word = Some(bits);
            let shape = Shape {
                bits_per_word,
                ..six
            };
            check(limits(), SETTINGS, &[shape])
        };
        assert_eq!(with(8), Ok(()));
        assert_eq!(with(12), Ok(()));
        assert_eq!(with(32), Err(EINVAL), "one and a half words");
        assert_eq!(with(9), Err(EINVAL), "no such words");
        let wide = Settings {
            bits_per_word: 32,
            ..SETTINGS
        };
        assert_eq!(check(limits(), wide, &[six]), Err(EINVAL));
    }

    #[test]
    fn transfers_have_speeds_of_the_controllers() {
        let with = |max_speed_hz, speed_hz| {
            let settings = Settings {
                max_speed_hz,
                ..SETTINGS
            };
            check(limits(), settings, &[Shape { speed_hz, ..WRITE }])
        };
        assert_eq!(with(1_000_000, Some(5_000)), Ok(()));
        assert_eq!(with(1_000_000, Some(0)), Err(EINVAL));
        assert_eq!(with(1_000_000, Some(1_000_001)), Err(EINVAL));
        assert_eq!(with(999, None), Err(EINVAL), "the device's own");
        assert_eq!(with(0, None), Ok(()), "the device has none");
    }

    #[test]
    fn directions_are_the_lines() {
        let with = |flags, mode| {
            let mut limits = limits();
            limits.0.flags = flags;
            let settings = Settings { mode, ..SETTINGS };
            [(true, false), (false, true), (true, true)].map(|(sends, receives)| {
                let shape = Shape {
                    sends,
                    receives,
                    ..WRITE
                };
                check(limits, settings, &[shape]).is_ok()
            })
        };
        let none = Mode::MODE_0;
        assert_eq!(with(0, none), [true, true, true]);
        assert_eq!(with(0, Mode::THREE_WIRE), [true, true, false]);
        assert_eq!(with(0, Mode::NO_TX), [false, true, false]);
        assert_eq!(with(0, Mode::NO_RX), [true, false, false]);
        let half = bindings::LB_SPI_CONTROLLER_HALF_DUPLEX;
        assert_eq!(with(half, none), [true, true, false]);
        let half_out = half | bindings::LB_SPI_CONTROLLER_NO_RX;
        assert_eq!(with(half_out, none), [true, false, false]);
        assert_eq!(with(half_out, Mode::NO_TX), [false, false, false]);
    }
}
