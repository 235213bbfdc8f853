// SPDX-License-Identifier: GPL-2.0

//! The settings of a device: its clock, its selection and its words.
//!
//! C header: [`include/uapi/linux/spi/spi.h`](srctree/include/uapi/linux/spi/spi.h)

use crate::{bindings, flag_set::flag_set};

/// A set of properties of the clock, of the chip select line and of the data lines. Not in Linux
/// 7.3.
///
/// ```
/// use kernel::spi::Mode;
///
/// let mode = Mode::MODE_3 | Mode::CS_HIGH;
/// assert!(mode.contains(Mode::CLOCK_IDLE_HIGH));
/// assert_eq!(mode.without(Mode::CS_HIGH), Mode::MODE_3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(u32);

impl Mode {
    /// Bits are taken over at the second edge of each clock (`SPI_CPHA`).
    pub const SECOND_EDGE: Self = Self(bindings::LB_SPI_CPHA);
    /// The clock is high while it rests (`SPI_CPOL`).
    pub const CLOCK_IDLE_HIGH: Self = Self(bindings::LB_SPI_CPOL);
    /// The clock rests low, and bits are taken over at its first edge.
    pub const MODE_0: Self = Self(0);
    /// The clock rests low, and bits are taken over at its second edge.
    pub const MODE_1: Self = Self::SECOND_EDGE;
    /// The clock rests high, and bits are taken over at its first edge.
    pub const MODE_2: Self = Self::CLOCK_IDLE_HIGH;
    /// The clock rests high, and bits are taken over at its second edge.
    pub const MODE_3: Self = Self(Self::SECOND_EDGE.0 | Self::CLOCK_IDLE_HIGH.0);
    /// The device is selected while its line is high.
    pub const CS_HIGH: Self = Self(bindings::LB_SPI_CS_HIGH);
    /// The lowest bit of each word goes first.
    pub const LSB_FIRST: Self = Self(bindings::LB_SPI_LSB_FIRST);
    /// One line carries the data of both directions.
    pub const THREE_WIRE: Self = Self(bindings::LB_SPI_3WIRE);
    /// The controller receives what it sends.
    pub const LOOP: Self = Self(bindings::LB_SPI_LOOP);
    /// The device is the only one, and has no line that selects it.
    pub const NO_CS: Self = Self(bindings::LB_SPI_NO_CS);
    /// The device pulls its line low to make the controller wait.
    pub const READY: Self = Self(bindings::LB_SPI_READY);
    /// The device is deselected after each word.
    pub const CS_WORD: Self = Self(bindings::LB_SPI_CS_WORD);
    /// No line carries data to the device.
    pub const NO_TX: Self = Self(bindings::LB_SPI_NO_TX);
    /// No line carries data from the device.
    pub const NO_RX: Self = Self(bindings::LB_SPI_NO_RX);

    /// The set of a number of C's. Bits without a name are kept.
    pub(super) const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// C's number.
    ///
    /// Context: any context.
    pub const fn as_raw(self) -> u32 {
        self.0
    }

    /// Whether all of `other` is in this set.
    ///
    /// Context: any context.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// This set without the properties in `other`. Properties in the device's description that have
    /// no name in this type stay.
    ///
    /// Context: any context.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

flag_set!(Mode);

/// The settings that [`Device::setup`](super::Device::setup) changes. Not in Linux 7.3.
///
/// ```
/// # use kernel::{device::Bound, prelude::*};
/// use kernel::spi;
///
/// # fn slow_down(dev: &spi::Device<Bound>) -> Result {
/// dev.setup(spi::Settings {
///     max_speed_hz: 400_000,
///     ..dev.settings()
/// })
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The clock's and the chip select's properties.
    pub mode: Mode,
    /// The clock rate, in hertz, of transfers that have no rate of their own. 0 asks for the
    /// highest rate that the controller names.
    pub max_speed_hz: u32,
    /// The number of bits in a word. In memory, a word of more than 8 bits has 2 bytes, and one of
    /// more than 16 bits has 4, in the processor's order.
    pub bits_per_word: u8,
}
