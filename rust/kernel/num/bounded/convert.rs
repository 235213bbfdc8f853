// SPDX-License-Identifier: GPL-2.0

//! Conversions between [`Bounded`] and primitive types, each checked by the compiler.

use super::Bounded;
use crate::num::{Integer, Unsigned};

/// Conversion of any integer into a [`Bounded`] that may be too small for it.
pub trait TryIntoBounded<T: Integer, const N: u32> {
    /// Returns the value, or `None` if it does not fit in `T` or in `N` bits.
    ///
    /// Context: any context.
    fn try_into_bounded(self) -> Option<Bounded<T, N>>;
}

impl<T: Integer, U: TryInto<T>, const N: u32> TryIntoBounded<T, N> for U {
    #[inline]
    fn try_into_bounded(self) -> Option<Bounded<T, N>> {
        self.try_into().ok().and_then(Bounded::try_new)
    }
}

/// A [`Bounded`] of at least `X` bits: every integer of `X` bits converts into it by `From`.
#[diagnostic::on_unimplemented(message = "`{Self}` has fewer than {X} bits")]
pub trait AtLeastXBits<const X: u32> {}

/// A [`Bounded`] of at most `X` bits: it converts into every integer of `X` bits by `From`.
#[diagnostic::on_unimplemented(message = "`{Self}` has more than {X} bits")]
pub trait FitsInXBits<const X: u32> {}

/// Implements a size trait for each listed number of bits.
macro_rules! impl_size_rule {
    ($rule:ty: $($bits:literal)*) => {
        $(impl<T: Integer> $rule for Bounded<T, $bits> {})*
    };
}

/// Lists, for each group of widths, the rule that holds from there on.
macro_rules! impl_size_rules {
    ($($x:literal: up to [$($upto:literal)*] and from [$($from:literal)*];)*) => {$(
        impl_size_rule!(FitsInXBits<$x>: $($upto)*);
        impl_size_rule!(AtLeastXBits<$x>: $($from)*);
    )*};
}

impl_size_rules! {
    8: up to [1 2 3 4 5 6 7 8] and from [8 9 10 11 12 13 14 15];
    16: up to [9 10 11 12 13 14 15 16]
        and from [16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31];
    32: up to [17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32]
        and from [32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47
                  48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63];
    64: up to [33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48
               49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64]
        and from [64];
}

impl<T: AtLeastXBits<64>> AtLeastXBits<32> for T {}
impl<T: AtLeastXBits<32>> AtLeastXBits<16> for T {}
impl<T: AtLeastXBits<16>> AtLeastXBits<8> for T {}
impl<T: FitsInXBits<8>> FitsInXBits<16> for T {}
impl<T: FitsInXBits<16>> FitsInXBits<32> for T {}
impl<T: FitsInXBits<32>> FitsInXBits<64> for T {}

/// Implements the conversions between `Bounded` and primitives of the given number of bits.
macro_rules! impl_primitive {
    ($($ty:ident: $bits:literal)*) => {$(
        impl<T, const N: u32> From<$ty> for Bounded<T, N>
        where
            T: Integer<Signedness = <$ty as Integer>::Signedness> + From<$ty>,
            Self: AtLeastXBits<$bits>,
        {
            #[inline(always)]
            fn from(value: $ty) -> Self {
                // INVARIANT: the primitive has at most N bits, and `From` keeps the value.
                Self(T::from(value))
            }
        }

        impl<T, const N: u32> From<Bounded<T, N>> for $ty
        where
            $ty: TryFrom<T>,
            T: Integer<Signedness = <$ty as Integer>::Signedness>,
            Bounded<T, N>: FitsInXBits<$bits>,
        {
            #[inline(always)]
            fn from(value: Bounded<T, N>) -> $ty {
                // The value has at most as many bits as the primitive, so the cut keeps it.
                <$ty as Integer>::narrow(value.get().widen())
            }
        }
    )*};
}

// A pointer-sized integer has 64 bits on every supported target.
impl_primitive! {
    u8: 8 u16: 16 u32: 32 u64: 64 usize: 64
    i8: 8 i16: 16 i32: 32 i64: 64 isize: 64
}
crate::static_assert!(usize::BITS == 64);

impl<T> Bounded<T, 1>
where
    T: Integer<Signedness = Unsigned>,
{
    /// Returns whether the bit is set.
    ///
    /// Context: any context.
    #[inline(always)]
    pub fn into_bool(self) -> bool {
        self.get() != T::ZERO
    }
}

impl<T> From<Bounded<T, 1>> for bool
where
    T: Integer<Signedness = Unsigned>,
{
    #[inline(always)]
    fn from(value: Bounded<T, 1>) -> bool {
        value.into_bool()
    }
}

impl<T, const N: u32> From<bool> for Bounded<T, N>
where
    T: Integer<Signedness = Unsigned> + From<bool>,
{
    #[inline(always)]
    fn from(value: bool) -> Self {
        let () = Self::VALID;
        // INVARIANT: 0 and 1 fit in one bit of an unsigned type.
        Self(T::from(value))
    }
}

#[macros::kunit_tests(lifebound_bounded_convert)]
mod tests {
    use super::*;

    #[test]
    fn primitives_convert_into_wider_fields() {
        assert_eq!(Bounded::<u32, 8>::from(255_u8).get(), 255);
        assert_eq!(
            Bounded::<u64, 63>::from(u32::MAX).get(),
            u64::from(u32::MAX)
        );
        assert_eq!(
            Bounded::<i32, 17>::from(i16::MIN).get(),
            i32::from(i16::MIN)
        );
        assert_eq!(Bounded::<usize, 64>::from(usize::MAX).get(), usize::MAX);
    }

    #[test]
    fn fields_convert_into_primitives_with_room() {
        assert_eq!(u8::from(Bounded::<u32, 8>::new::<255>()), 255);
        assert_eq!(u64::from(Bounded::<u8, 3>::new::<7>()), 7);
        assert_eq!(i16::from(Bounded::<i64, 9>::new::<-256>()), -256);
        assert_eq!(
            usize::from(Bounded::<u32, 32>::new::<{ u32::MAX }>()),
            0xffff_ffff
        );
    }

    #[test]
    fn one_bit_is_a_bool() {
        assert_eq!(Bounded::<u32, 1>::from(true).get(), 1);
        assert_eq!(Bounded::<u16, 5>::from(false).get(), 0);
        assert!(bool::from(Bounded::<u8, 1>::new::<1>()));
        assert!(!Bounded::<u64, 1>::new::<0>().into_bool());
    }

    #[test]
    fn any_integer_may_try() {
        let fits: Option<Bounded<u8, 4>> = 15_i64.try_into_bounded();
        assert_eq!(fits.unwrap(), 15);
        for too_large in [16_i64, 256, -1, i64::MAX, i64::MIN] {
            let none: Option<Bounded<u8, 4>> = too_large.try_into_bounded();
            assert_eq!(none, None, "{too_large}");
        }
    }
}
