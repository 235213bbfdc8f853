// SPDX-License-Identifier: GPL-2.0

//! The operators of types that are a set of C's flags: a structure around an integer.

/// Implements `|` and `&` for `$type`. With `not within $mask`, it also implements `!`, which gives
/// only bits of `$mask`.
///
/// A property of the bits of two values, e.g. that they have names, also holds for the results.
macro_rules! flag_set {
    ($type:ident) => {
        impl ::core::ops::BitOr for $type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                // INVARIANT: the result has the bits of both sides.
                Self(self.0 | other.0)
            }
        }

        impl ::core::ops::BitAnd for $type {
            type Output = Self;

            fn bitand(self, other: Self) -> Self {
                // INVARIANT: the result has a part of the bits of either side.
                Self(self.0 & other.0)
            }
        }
    };
    ($type:ident, not within $mask:expr) => {
        $crate::flag_set::flag_set!($type);

        /// Returns all flags that a value may have and this one does not have.
        impl ::core::ops::Not for $type {
            type Output = Self;

            fn not(self) -> Self {
                // INVARIANT: the mask leaves only bits that a value may have.
                Self(!self.0 & $mask)
            }
        }
    };
}

pub(crate) use flag_set;
