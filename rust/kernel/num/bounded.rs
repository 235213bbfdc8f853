// SPDX-License-Identifier: GPL-2.0

//! [`Bounded`]: an integer that is known to fit in a number of bits.
//!
//! No C header has this. In C, the width of a field lives in a mask (`FIELD_PREP()`,
//! `<linux/bitfield.h>`), and a value that is too large is cut. Here the width is part of the type.

mod convert;
mod ops;

pub use convert::{AtLeastXBits, FitsInXBits, TryIntoBounded};

use super::{Integer, fits_within};
use crate::{build_assert, const_assert};

/// A `T` whose value fits in `N` bits, `1 <= N <= T::BITS`.
///
/// For a signed `T` the sign counts: `Bounded<i8, 4>` holds -8 to 7. Arithmetic gives a plain `T`,
/// since its result may need more bits.
///
/// | made from | by | out of range |
/// |---|---|---|
/// | a constant | [`Bounded::new`] | fails compilation |
/// | an expression whose range the compiler sees | [`Bounded::from_expr`] | fails the build |
/// | anything | [`Bounded::try_new`] | `None` |
/// | anything | [`Bounded::from_low_bits`] | higher bits are cut off |
/// | a narrower primitive, `bool` | `From` | does not compile |
///
/// Context: any context, for all functions.
///
/// ```
/// use kernel::num::Bounded;
///
/// let len = Bounded::<u32, 12>::new::<0x800>();
/// assert_eq!(len.get(), 2048);
/// assert_eq!(Bounded::<u32, 12>::try_new(0x1000), None);
/// assert_eq!(len + 1, 2049u32);
/// ```
///
/// ```compile_fail,E0080
/// kernel::num::Bounded::<u8, 4>::new::<16>();
/// ```
///
/// ```compile_fail,E0080
/// kernel::num::Bounded::<u8, 9>::new::<0>();
/// ```
///
/// # Invariants
///
/// The value equals the one that its `N` low bits stand for in `T`.
#[derive(Clone, Copy, Hash)]
#[repr(transparent)]
pub struct Bounded<T: Integer, const N: u32>(T);

/// Implements `Bounded::new` for each type; a trait could not offer it in constants.
macro_rules! impl_const_new {
    ($($ty:ident)*) => {$(
        impl<const N: u32> Bounded<$ty, N> {
            /// Makes the constant `VALUE`. It does not compile unless the value fits in `N` bits.
            #[inline(always)]
            pub const fn new<const VALUE: $ty>() -> Self {
                let () = Self::VALID;
                const_assert!(
                    (VALUE << ($ty::BITS - N)) >> ($ty::BITS - N) == VALUE,
                    "the value does not fit in the number of bits"
                );
                // INVARIANT: the shift to the top and back kept the N low bits and extended them.
                Self(VALUE)
            }
        }
    )*};
}

impl_const_new!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

impl<T: Integer, const N: u32> Bounded<T, N> {
    /// This does not compile for an `N` that the type's documentation excludes.
    const VALID: () = assert!(
        N >= 1 && N <= T::BITS,
        "the number of bits does not suit the type"
    );

    /// Returns the value, or `None` if it does not fit in `N` bits.
    #[inline]
    pub fn try_new(value: T) -> Option<Self> {
        let () = Self::VALID;
        // INVARIANT: checked here.
        fits_within(value, N).then_some(Self(value))
    }

    /// Returns the value of `expr`. The build fails unless the optimiser sees that the value fits
    /// in `N` bits, as in `Bounded::<u8, 4>::from_expr(x & 0xf)`; see
    /// [`build_assert`](mod@crate::build_assert).
    #[inline(always)]
    pub fn from_expr(expr: T) -> Self {
        let () = Self::VALID;
        build_assert!(
            fits_within(expr, N),
            "the expression may not fit in the number of bits"
        );
        // INVARIANT: checked above.
        Self(expr)
    }

    /// Returns the value that the `N` low bits of `value` stand for; higher bits are cut off.
    ///
    /// Not in Linux 7.3.
    #[inline(always)]
    pub fn from_low_bits(value: T) -> Self {
        let () = Self::VALID;
        // INVARIANT: this is the definition of `keep_low_bits`.
        Self(value.keep_low_bits(N))
    }

    /// Returns the value as a plain integer.
    #[inline(always)]
    pub const fn get(self) -> T {
        self.0
    }

    /// Returns the same value in `M` bits. It does not compile unless `N <= M <= T::BITS`.
    #[inline(always)]
    pub const fn extend<const M: u32>(self) -> Bounded<T, M> {
        let () = Bounded::<T, M>::VALID;
        const_assert!(M >= N, "fewer bits than before: see `try_shrink`");
        // INVARIANT: a value that fits in N bits fits in more.
        Bounded(self.0)
    }

    /// Returns the same value in `M` bits, or `None` if it does not fit.
    #[inline]
    pub fn try_shrink<const M: u32>(self) -> Option<Bounded<T, M>> {
        Bounded::try_new(self.0)
    }

    /// Returns the same value in another integer type of the same signedness.
    ///
    /// It does not compile unless `N <= U::BITS`.
    #[inline(always)]
    pub fn cast<U>(self) -> Bounded<U, N>
    where
        U: TryFrom<T> + Integer<Signedness = T::Signedness>,
    {
        let () = Bounded::<U, N>::VALID;
        // INVARIANT: the value needs at most N <= U::BITS bits, extended alike in both types, so
        // the cut to U keeps it.
        Bounded(U::narrow(self.0.widen()))
    }

    /// Returns `self >> SHIFT`. It does not compile unless `SHIFT < T::BITS` and `RES >= N -
    /// SHIFT`.
    #[inline(always)]
    pub fn shr<const SHIFT: u32, const RES: u32>(self) -> Bounded<T, RES> {
        let () = Bounded::<T, RES>::VALID;
        const_assert!(SHIFT < T::BITS, "the shift is as wide as the type");
        const_assert!(RES >= N.saturating_sub(SHIFT), "the result needs more bits");
        // INVARIANT: SHIFT of the N bits are gone; if all are, one bit holds the rest, 0 or -1.
        Bounded(self.0.shift_right(SHIFT))
    }

    /// Returns `self >> SHIFT`, or `None` if that loses a set bit.
    ///
    /// It does not compile unless `SHIFT < T::BITS` and `RES >= N - SHIFT`.
    #[inline(always)]
    pub fn shr_exact<const SHIFT: u32, const RES: u32>(self) -> Option<Bounded<T, RES>> {
        let shifted = self.shr::<SHIFT, RES>();
        (shifted.0.shift_left(SHIFT) == self.0).then_some(shifted)
    }

    /// Returns `self << SHIFT`. It does not compile unless `SHIFT < T::BITS` and `RES >= N +
    /// SHIFT`.
    #[inline(always)]
    pub fn shl<const SHIFT: u32, const RES: u32>(self) -> Bounded<T, RES> {
        let () = Bounded::<T, RES>::VALID;
        const_assert!(SHIFT < T::BITS, "the shift is as wide as the type");
        const_assert!(RES >= N.saturating_add(SHIFT), "the result needs more bits");
        // INVARIANT: N + SHIFT bits hold the result, and RES is no less.
        Bounded(self.0.shift_left(SHIFT))
    }
}

impl<T: Integer, const N: u32> core::ops::Deref for Bounded<T, N> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}

#[macros::kunit_tests(lifebound_bounded)]
mod tests {
    use super::*;

    #[test]
    fn new_takes_the_whole_range() {
        const TOP: Bounded<u8, 4> = Bounded::<u8, 4>::new::<15>();
        assert_eq!(TOP.get(), 15);
        assert_eq!(Bounded::<u64, 64>::new::<{ u64::MAX }>().get(), u64::MAX);
        assert_eq!(Bounded::<i8, 4>::new::<-8>().get(), -8);
        assert_eq!(Bounded::<i8, 4>::new::<7>().get(), 7);
        assert_eq!(Bounded::<i64, 64>::new::<{ i64::MIN }>().get(), i64::MIN);
    }

    #[test]
    fn try_new_is_exact_at_the_borders() {
        for (value, fits) in [(0_u16, true), (511, true), (512, false), (u16::MAX, false)] {
            assert_eq!(Bounded::<u16, 9>::try_new(value).is_some(), fits, "{value}");
        }
        for (value, fits) in [(-257_i16, false), (-256, true), (255, true), (256, false)] {
            assert_eq!(Bounded::<i16, 9>::try_new(value).is_some(), fits, "{value}");
        }
        assert!(Bounded::<u8, 8>::try_new(u8::MAX).is_some());
        assert!(Bounded::<i8, 1>::try_new(1).is_none());
    }

    #[test]
    fn from_low_bits_cuts_and_extends() {
        assert_eq!(Bounded::<u8, 4>::from_low_bits(0xfa).get(), 0xa);
        assert_eq!(Bounded::<i8, 4>::from_low_bits(0x0a).get(), -6);
        assert_eq!(Bounded::<u64, 64>::from_low_bits(u64::MAX).get(), u64::MAX);
    }

    #[test]
    fn from_expr_accepts_what_fits() {
        let input: u32 = core::hint::black_box(0xabcd);
        assert_eq!(Bounded::<u32, 8>::from_expr(input & 0xff).get(), 0xcd);
    }

    #[cfg(test)]
    #[test]
    #[should_panic(expected = "may not fit")]
    fn from_expr_refuses_the_rest() {
        Bounded::<u32, 8>::from_expr(core::hint::black_box(0x100));
    }

    #[test]
    fn extend_shrink_and_cast_keep_the_value() {
        let small = Bounded::<i32, 5>::new::<-16>();
        assert_eq!(small.extend::<32>().get(), -16);
        assert_eq!(small.try_shrink::<4>(), None);
        assert_eq!(Bounded::<i32, 5>::new::<7>().try_shrink::<4>().unwrap(), 7);
        assert_eq!(small.cast::<i8>().get(), -16_i8);
        assert_eq!(small.cast::<i64>().get(), -16_i64);
        assert_eq!(Bounded::<u64, 8>::new::<255>().cast::<u8>().get(), 255_u8);
    }

    #[test]
    fn shifts_move_within_the_promised_width() {
        let value = Bounded::<u32, 8>::new::<0xb0>();
        assert_eq!(value.shr::<4, 4>().get(), 0xb);
        assert_eq!(value.shr::<12, 1>().get(), 0);
        assert_eq!(value.shr_exact::<4, 4>().unwrap().get(), 0xb);
        assert_eq!(value.shr_exact::<5, 3>(), None);
        assert_eq!(value.shl::<24, 32>().get(), 0xb000_0000);
        let negative = Bounded::<i8, 4>::new::<-8>();
        assert_eq!(negative.shr::<2, 2>().get(), -2);
        assert_eq!(negative.shr::<7, 1>().get(), -1);
        assert_eq!(negative.shl::<4, 8>().get(), i8::MIN);
        assert_eq!(negative.shr_exact::<3, 1>().unwrap().get(), -1);
    }
}
