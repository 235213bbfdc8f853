// SPDX-License-Identifier: GPL-2.0

//! Single bits and contiguous masks (`<linux/bits.h>`: `BIT()`, `GENMASK()`).
//!
//! For each of `u8`, `u16`, `u32` and `u64` there are four functions, named after the type:
//!
//! | function | value | out of range |
//! |---|---|---|
//! | [`bit_u32`] | bit `n` | fails the build |
//! | [`checked_bit_u32`] | bit `n` | `None` |
//! | [`genmask_u32`] | bits `low..=high` | fails the build |
//! | [`genmask_checked_u32`] | bits `low..=high` | `None` |
//!
//! Bits count from 0, the least significant. A mask takes `low..=high`, where `GENMASK()` takes
//! high before low.
//!
//! Context: any context.
//!
//! ```
//! use kernel::bits::{bit_u32, genmask_u8};
//!
//! const ENABLE: u32 = bit_u32(31);
//! assert_eq!(ENABLE, 0x8000_0000);
//! assert_eq!(genmask_u8(4..=6), 0b0111_0000);
//! ```
//!
//! ```compile_fail,E0080
//! const ENABLE: u32 = kernel::bits::bit_u32(32);
//! ```

use core::ops::RangeInclusive;

use crate::build_assert;

/// Defines the functions of one integer type.
macro_rules! impl_bit_fns {
    ($ty:ident, $bit:ident, $checked_bit:ident, $genmask:ident, $genmask_checked:ident) => {
        #[doc = concat!("The `", stringify!($ty), "` in which only bit `n` is set.")]
        ///
        /// Fails the build unless `n` is known to be less than the type's number of bits.
        #[inline(always)]
        pub const fn $bit(n: u32) -> $ty {
            build_assert!(n < $ty::BITS, "bit number is too large for the type");
            1 << n
        }

        #[doc = concat!("The `", stringify!($ty), "` in which only bit `n` is set,")]
        /// or `None` if the type has no such bit.
        #[inline]
        pub fn $checked_bit(n: u32) -> Option<$ty> {
            <$ty>::checked_shl(1, n)
        }

        #[doc = concat!("The `", stringify!($ty), "` in which only the bits of `range` are set.")]
        ///
        /// Fails the build unless `range` is known to be ascending and within the type's bits.
        #[inline(always)]
        pub const fn $genmask(range: RangeInclusive<u32>) -> $ty {
            let (low, high) = (*range.start(), *range.end());
            build_assert!(low <= high, "the range is empty");
            build_assert!(high < $ty::BITS, "the range is too large for the type");
            // OVERFLOW: low <= high < BITS by the checks above, so neither difference wraps and
            // both shifts are less than BITS.
            ($ty::MAX >> ($ty::BITS - 1 - high)) & ($ty::MAX << low)
        }

        #[doc = concat!("The `", stringify!($ty), "` in which only the bits of `range` are set,")]
        /// or `None` if `range` is empty or reaches past the type's bits.
        #[inline]
        pub fn $genmask_checked(range: RangeInclusive<u32>) -> Option<$ty> {
            let (low, above) = (*range.start(), ($ty::BITS - 1).checked_sub(*range.end())?);
            (!range.is_empty()).then_some(($ty::MAX >> above) & <$ty>::MAX.checked_shl(low)?)
        }
    };
}

impl_bit_fns! { u8, bit_u8, checked_bit_u8, genmask_u8, genmask_checked_u8 }
impl_bit_fns! { u16, bit_u16, checked_bit_u16, genmask_u16, genmask_checked_u16 }
impl_bit_fns! { u32, bit_u32, checked_bit_u32, genmask_u32, genmask_checked_u32 }
impl_bit_fns! { u64, bit_u64, checked_bit_u64, genmask_u64, genmask_checked_u64 }

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! check_type {
        ($test:ident, $ty:ident, $bit:ident, $checked_bit:ident, $mask:ident, $checked:ident) => {
            #[test]
            fn $test() {
                let (first, last) = (0, $ty::BITS - 1);
                for n in 0..$ty::BITS {
                    let expected = (2 as $ty).pow(n);
                    assert_eq!($bit(n), expected);
                    assert_eq!($checked_bit(n), Some(expected));
                    for low in 0..=n {
                        let mask = (low..=n).fold(0, |mask, i| mask | (2 as $ty).pow(i));
                        assert_eq!($mask(low..=n), mask);
                        assert_eq!($checked(low..=n), Some(mask));
                    }
                }
                for n in [$ty::BITS, $ty::BITS + 1, u32::MAX] {
                    assert_eq!($checked_bit(n), None);
                    assert_eq!($checked(0..=n), None);
                    assert_eq!($checked(n..=n), None);
                    assert_eq!($checked(n..=last), None);
                }
                for high in [first + 1, last] {
                    assert_eq!($checked(high..=first), None);
                }
            }
        };
    }

    check_type! { eight, u8, bit_u8, checked_bit_u8, genmask_u8, genmask_checked_u8 }
    check_type! { sixteen, u16, bit_u16, checked_bit_u16, genmask_u16, genmask_checked_u16 }
    check_type! { thirty_two, u32, bit_u32, checked_bit_u32, genmask_u32, genmask_checked_u32 }
    check_type! { sixty_four, u64, bit_u64, checked_bit_u64, genmask_u64, genmask_checked_u64 }

    #[test]
    fn usable_in_constants() {
        const BIT: u64 = bit_u64(63);
        const MASK: u16 = genmask_u16(0..=15);
        assert_eq!((BIT, MASK), (1 << 63, 0xffff));
    }

    #[test]
    #[should_panic(expected = "the range is empty")]
    fn an_empty_mask_fails_the_build() {
        genmask_u8(core::hint::black_box(3)..=2);
    }

    #[test]
    #[should_panic(expected = "the range is too large for the type")]
    fn a_mask_past_the_end_fails_the_build() {
        genmask_u8(0..=core::hint::black_box(8));
    }

    #[test]
    #[should_panic(expected = "bit number is too large for the type")]
    fn a_bit_past_the_end_fails_the_build() {
        bit_u8(core::hint::black_box(8));
    }
}
