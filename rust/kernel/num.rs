// SPDX-License-Identifier: GPL-2.0

//! Integers: a trait over the primitive ones, and integers of fewer bits.
//!
//! - [`Bounded<T, N>`]: a `T` that fits in `N` bits, the type of a register's field.
//! - [`Integer`]: the ten primitive integer types, and whether each is [`Signed`] or [`Unsigned`].

mod bounded;

pub use bounded::*;

/// Marks the signed integers: `Integer<Signedness = Signed>`.
pub enum Signed {}

/// Marks the unsigned integers: `Integer<Signedness = Unsigned>`.
pub enum Unsigned {}

mod private {
    /// Keeps [`Integer`](super::Integer) to the types of this module.
    pub trait Sealed {}
}

/// A primitive integer type. The trait is sealed: it is implemented for `u8` to `u64`, `i8` to
/// `i64`, `usize`, `isize`.
pub trait Integer: private::Sealed + Copy + Ord + core::fmt::Debug + core::hash::Hash {
    /// [`Signed`] or [`Unsigned`].
    type Signedness;

    /// The number of bits, sign included.
    const BITS: u32;

    /// Zero.
    const ZERO: Self;

    /// Returns the value that the `bits` low bits stand for. The bits above are cleared in an
    /// unsigned type and copies of bit `bits - 1` in a signed one. `bits` is at most `BITS`; 0
    /// gives zero.
    fn keep_low_bits(self, bits: u32) -> Self;

    /// Returns the value in 64 bits, sign-extended if the type is signed.
    fn widen(self) -> u64;

    /// Returns the low `BITS` bits of `wide`; the inverse of [`widen`](Self::widen).
    fn narrow(wide: u64) -> Self;

    /// Returns `self << by`; bits that leave the type are lost. `by` is less than `BITS`.
    fn shift_left(self, by: u32) -> Self;

    /// Returns `self >> by`; the sign is kept. `by` is less than `BITS`.
    fn shift_right(self, by: u32) -> Self;
}

/// Implements [`Integer`] for the types of one signedness.
macro_rules! impl_integer {
    ($signedness:ident: $($ty:ident)*) => {$(
        impl private::Sealed for $ty {}

        impl Integer for $ty {
            type Signedness = $signedness;
            const BITS: u32 = $ty::BITS;
            const ZERO: Self = 0;

            #[inline(always)]
            fn keep_low_bits(self, bits: u32) -> Self {
                // OVERFLOW: none: the subtraction saturates. A shift by the full width gives
                // `None`, so zero.
                let unused = $ty::BITS.saturating_sub(bits);
                self.checked_shl(unused).map_or(0, |high| high >> unused)
            }

            #[inline(always)]
            fn widen(self) -> u64 {
                self as u64
            }

            #[inline(always)]
            fn narrow(wide: u64) -> Self {
                wide as $ty
            }

            #[inline(always)]
            fn shift_left(self, by: u32) -> Self {
                self.wrapping_shl(by)
            }

            #[inline(always)]
            fn shift_right(self, by: u32) -> Self {
                self.wrapping_shr(by)
            }
        }
    )*};
}

impl_integer!(Unsigned: u8 u16 u32 u64 usize);
impl_integer!(Signed: i8 i16 i32 i64 isize);

/// Returns whether `value` is unchanged when only its `bits` low bits are kept.
#[inline(always)]
pub(crate) fn fits_within<T: Integer>(value: T, bits: u32) -> bool {
    value.keep_low_bits(bits) == value
}

#[macros::kunit_tests(lifebound_num)]
mod tests {
    use super::*;

    #[test]
    fn low_bits_of_unsigned_are_zero_extended() {
        for (value, bits, kept) in [
            (0xff_u8, 8, 0xff),
            (0xff, 7, 0x7f),
            (0xff, 1, 1),
            (0xff, 0, 0),
            (0x80, 7, 0),
            (0, 3, 0),
        ] {
            assert_eq!(value.keep_low_bits(bits), kept, "{value:#x} to {bits} bits");
        }
        assert_eq!(u64::MAX.keep_low_bits(63), u64::MAX >> 1);
        assert_eq!(u64::MAX.keep_low_bits(64), u64::MAX);
    }

    #[test]
    fn low_bits_of_signed_are_sign_extended() {
        for (value, bits, kept) in [
            (-1_i8, 1, -1),
            (1, 1, -1),
            (7, 4, 7),
            (8, 4, -8),
            (-8, 4, -8),
            (-9, 4, 7),
            (i8::MIN, 8, i8::MIN),
            (5, 0, 0),
        ] {
            assert_eq!(value.keep_low_bits(bits), kept, "{value} to {bits} bits");
        }
        assert_eq!(i64::MIN.keep_low_bits(64), i64::MIN);
        assert_eq!(i64::MIN.keep_low_bits(63), 0);
    }

    #[test]
    fn wide_and_back() {
        assert_eq!((-2_i8).widen(), u64::MAX - 1);
        assert_eq!(i16::narrow((-2_i8).widen()), -2);
        assert_eq!(0xfe_u8.widen(), 0xfe);
        assert_eq!(u8::narrow(0x1_fe), 0xfe);
        assert_eq!(isize::narrow(isize::MIN.widen()), isize::MIN);
    }

    #[test]
    fn shifts_keep_the_sign_and_lose_the_top() {
        assert_eq!((-8_i8).shift_right(2), -2);
        assert_eq!(0x80_u8.shift_right(7), 1);
        assert_eq!(0x81_u8.shift_left(1), 2);
    }

    #[test]
    fn fitting_is_exact_at_the_borders() {
        assert!(fits_within(15_u32, 4) && !fits_within(16_u32, 4));
        assert!(fits_within(7_i32, 4) && !fits_within(8_i32, 4));
        assert!(fits_within(-8_i32, 4) && !fits_within(-9_i32, 4));
        assert!(fits_within(u8::MAX, 8) && fits_within(i8::MIN, 8));
        assert!(fits_within(0_usize, 0) && !fits_within(1_usize, 0));
    }
}
