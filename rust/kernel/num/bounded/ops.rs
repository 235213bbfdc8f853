// SPDX-License-Identifier: GPL-2.0

//! Operators, comparison and formatting of [`Bounded`], all as for the plain integer.

use core::{cmp, fmt, ops};

use super::Bounded;
use crate::num::Integer;

impl<T, U, const N: u32, const M: u32> PartialEq<Bounded<U, M>> for Bounded<T, N>
where
    T: Integer + PartialEq<U>,
    U: Integer,
{
    #[inline(always)]
    fn eq(&self, other: &Bounded<U, M>) -> bool {
        **self == **other
    }
}

impl<T: Integer, const N: u32> Eq for Bounded<T, N> {}

impl<T, U, const N: u32, const M: u32> PartialOrd<Bounded<U, M>> for Bounded<T, N>
where
    T: Integer + PartialOrd<U>,
    U: Integer,
{
    #[inline(always)]
    fn partial_cmp(&self, other: &Bounded<U, M>) -> Option<cmp::Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Integer, const N: u32> Ord for Bounded<T, N> {
    #[inline(always)]
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Integer, const N: u32> PartialEq<T> for Bounded<T, N> {
    #[inline(always)]
    fn eq(&self, other: &T) -> bool {
        **self == *other
    }
}

impl<T: Integer, const N: u32> PartialOrd<T> for Bounded<T, N> {
    #[inline(always)]
    fn partial_cmp(&self, other: &T) -> Option<cmp::Ordering> {
        (**self).partial_cmp(other)
    }
}

/// Implements a binary operator with another `Bounded` and with a plain integer; the result is
/// plain.
macro_rules! impl_binary {
    ($($op:ident :: $method:ident)*) => {$(
        impl<T, const N: u32, const M: u32> ops::$op<Bounded<T, M>> for Bounded<T, N>
        where
            T: Integer + ops::$op<Output = T>,
        {
            type Output = T;

            #[inline(always)]
            fn $method(self, rhs: Bounded<T, M>) -> T {
                self.get().$method(rhs.get())
            }
        }

        impl<T, const N: u32> ops::$op<T> for Bounded<T, N>
        where
            T: Integer + ops::$op<Output = T>,
        {
            type Output = T;

            #[inline(always)]
            fn $method(self, rhs: T) -> T {
                self.get().$method(rhs)
            }
        }
    )*};
}

impl_binary! {
    Add::add
    BitAnd::bitand
    BitOr::bitor
    BitXor::bitxor
    Div::div
    Mul::mul
    Rem::rem
    Sub::sub
}

/// Implements a unary operator; the result is plain.
macro_rules! impl_unary {
    ($($op:ident :: $method:ident)*) => {$(
        impl<T, const N: u32> ops::$op for Bounded<T, N>
        where
            T: Integer + ops::$op<Output = T>,
        {
            type Output = T;

            #[inline(always)]
            fn $method(self) -> T {
                self.get().$method()
            }
        }
    )*};
}

impl_unary! {
    Neg::neg
    Not::not
}

/// Implements formatting traits by those of the plain integer.
macro_rules! impl_fmt {
    ($($format:ident)*) => {$(
        impl<T: Integer + fmt::$format, const N: u32> fmt::$format for Bounded<T, N> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::$format::fmt(&**self, f)
            }
        }
    )*};
}

impl_fmt!(Binary Debug Display LowerExp LowerHex Octal UpperExp UpperHex);

impl<T: Integer + crate::fmt::Display, const N: u32> crate::fmt::Display for Bounded<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::fmt::Display::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_give_plain_integers() {
        let (a, b) = (
            Bounded::<u32, 8>::new::<12>(),
            Bounded::<u32, 4>::new::<10>(),
        );
        let results: [u32; 8] = [a + b, a - b, a * b, a / b, a % b, a & b, a | b, a ^ b];
        assert_eq!(results, [22, 2, 120, 1, 2, 8, 14, 6]);
        let results: [u32; 8] = [
            a + 10,
            a - 10,
            a * 10,
            a / 10,
            a % 10,
            a & 10,
            a | 10,
            a ^ 10,
        ];
        assert_eq!(results, [22, 2, 120, 1, 2, 8, 14, 6]);
        assert_eq!(!Bounded::<u8, 4>::new::<0x0f>(), 0xf0);
        assert_eq!(-Bounded::<i8, 4>::new::<-8>(), 8);
    }

    #[test]
    fn comparison_ignores_the_width() {
        let (small, large) = (Bounded::<u8, 3>::new::<5>(), Bounded::<u8, 8>::new::<200>());
        assert!(small < large && small == 5 && large > 199 && small != large);
        assert_eq!(small, small.extend::<8>());
        assert_eq!(small.max(Bounded::<u8, 3>::new::<2>()), 5);
    }

    #[test]
    fn formats_as_the_plain_integer() {
        let value = Bounded::<u32, 12>::new::<0xabc>();
        assert_eq!(format!("{value} {value:?}"), "2748 2748");
        assert_eq!(
            format!("{:5}", crate::fmt::Adapter(&value)),
            " 2748",
            "in the macros of this crate"
        );
        assert_eq!(
            format!("{value:#x} {value:04X} {value:#o}"),
            "0xabc 0ABC 0o5274"
        );
        assert_eq!(
            format!("{value:b} {value:e} {value:E}"),
            "101010111100 2.748e3 2.748E3"
        );
    }
}
