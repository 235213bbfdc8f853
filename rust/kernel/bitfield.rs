// SPDX-License-Identifier: GPL-2.0

//! Integers with named bit fields (`FIELD_GET()`, `FIELD_PREP()`, `<linux/bitfield.h>`).
//!
//! [`bitfield!`] makes a type of an unsigned integer whose bits have names. A register is such a
//! type with a place, see [`register!`](crate::macros::register).
//!
//! Context: any context.
//!
//! ```
//! use kernel::bitfield::bitfield;
//!
//! bitfield! {
//!     /// One entry of a ring in memory.
//!     pub struct Descriptor(u64) {
//!         /// Number of bytes.
//!         15:0 len => u16;
//!         /// The device owns the entry.
//!         63:63 owned => bool;
//!     }
//! }
//!
//! let descriptor = Descriptor::zeroed().with_len(64).with_owned(true);
//! assert_eq!(descriptor.into_raw(), 0x8000_0000_0000_0040);
//! assert!(descriptor.owned());
//! ```
//!
//! The expansions of the macros call the functions of this module. `N` is the width of a field,
//! `LOW` its lowest bit.

#[doc(inline)]
pub use crate::macros::bitfield;

use core::ops::BitXor;

use crate::const_assert;
use crate::num::{Bounded, Integer, Unsigned};

/// Returns the field of `N` bits from bit `LOW` on.
#[inline(always)]
pub fn get<T, const N: u32, const LOW: u32>(raw: T) -> Bounded<T, N>
where
    T: Integer<Signedness = Unsigned>,
{
    const_assert!(LOW + N <= T::BITS, "the field reaches past the integer");
    Bounded::from_low_bits(raw.shift_right(LOW))
}

/// Returns `raw` with the field of `N` bits from bit `LOW` on replaced by `value`.
#[inline(always)]
pub fn set<T, const N: u32, const LOW: u32>(raw: T, value: Bounded<T, N>) -> T
where
    T: Integer<Signedness = Unsigned> + BitXor<Output = T>,
{
    // The bits of the field that differ are flipped, all others stay.
    raw ^ (get::<T, N, LOW>(raw) ^ value).shift_left(LOW)
}

#[macros::kunit_tests(lifebound_bitfield)]
mod tests {
    use super::*;

    #[test]
    fn get_takes_exactly_the_field() {
        assert_eq!(get::<u8, 8, 0>(0xa5).get(), 0xa5);
        assert_eq!(get::<u32, 1, 31>(0x8000_0000).get(), 1);
        assert_eq!(get::<u32, 1, 31>(0x7fff_ffff).get(), 0);
        assert_eq!(get::<u64, 12, 4>(0xffff_ffff_ffff_abcd).get(), 0xabc);
    }

    #[test]
    fn set_changes_exactly_the_field() {
        for raw in [0_u16, 0xffff, 0xa5c3] {
            for value in 0..16 {
                let field = Bounded::<u16, 4>::try_new(value).unwrap();
                let expected = (raw & 0xff0f) | (value << 4);
                assert_eq!(set::<u16, 4, 4>(raw, field), expected);
            }
        }
        let all = Bounded::<u64, 64>::new::<{ u64::MAX }>();
        assert_eq!(set::<u64, 64, 0>(0, all), u64::MAX);
        assert_eq!(set::<u32, 1, 31>(0, Bounded::from(true)), 0x8000_0000);
    }
}
