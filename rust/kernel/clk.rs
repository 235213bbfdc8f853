// SPDX-License-Identifier: GPL-2.0

//! Clocks.
//!
//! C header: [`include/linux/clk.h`](srctree/include/linux/clk.h)
//!
//! A [`Clk`] is a device's share of a clock. It counts what it has prepared and enabled, and undoes
//! that when it is dropped. A kernel without `CONFIG_COMMON_CLK` has [`Hertz`] alone.

use crate::ffi::c_ulong;

#[cfg(not(lifebound_without_clk))]
mod common_clk;

#[cfg(not(lifebound_without_clk))]
pub use common_clk::{Clk, OptionalClk};

/// A frequency in hertz.
///
/// The constructors of larger units stop at the largest number that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hertz(pub c_ulong);

impl Hertz {
    const KHZ: c_ulong = 1_000;
    const MHZ: c_ulong = 1_000_000;
    const GHZ: c_ulong = 1_000_000_000;

    /// Makes a frequency from kilohertz.
    pub const fn from_khz(khz: c_ulong) -> Self {
        Self(khz.saturating_mul(Self::KHZ))
    }

    /// Makes a frequency from megahertz.
    pub const fn from_mhz(mhz: c_ulong) -> Self {
        Self(mhz.saturating_mul(Self::MHZ))
    }

    /// Makes a frequency from gigahertz.
    pub const fn from_ghz(ghz: c_ulong) -> Self {
        Self(ghz.saturating_mul(Self::GHZ))
    }

    /// Returns the frequency in hertz.
    pub const fn as_hz(&self) -> c_ulong {
        self.0
    }

    /// Returns the frequency in whole kilohertz, rounded down.
    pub const fn as_khz(&self) -> c_ulong {
        self.0 / Self::KHZ
    }

    /// Returns the frequency in whole megahertz, rounded down.
    pub const fn as_mhz(&self) -> c_ulong {
        self.0 / Self::MHZ
    }

    /// Returns the frequency in whole gigahertz, rounded down.
    pub const fn as_ghz(&self) -> c_ulong {
        self.0 / Self::GHZ
    }
}

impl From<Hertz> for c_ulong {
    fn from(frequency: Hertz) -> Self {
        frequency.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(Hertz::from_khz(2), Hertz(2_000));
        assert_eq!(Hertz::from_mhz(3), Hertz(3_000_000));
        assert_eq!(Hertz::from_ghz(1), Hertz(1_000_000_000));
        let frequency = Hertz(1_999_999_999);
        assert_eq!(frequency.as_hz(), 1_999_999_999);
        assert_eq!(frequency.as_khz(), 1_999_999);
        assert_eq!(frequency.as_mhz(), 1_999);
        assert_eq!(frequency.as_ghz(), 1);
        assert_eq!(c_ulong::from(Hertz(7)), 7);
    }

    #[test]
    fn units_that_do_not_fit() {
        assert_eq!(Hertz::from_khz(c_ulong::MAX), Hertz(c_ulong::MAX));
        assert_eq!(Hertz::from_ghz(c_ulong::MAX / 2), Hertz(c_ulong::MAX));
    }
}
