// SPDX-License-Identifier: GPL-2.0

//! The operators of types that are a set of C's flags: a structure around an integer.

/// Implements `|` and `&` for `$type`, and with `not within $mask` also `!`, which gives no bits but those of `$mask`.
///
/// What holds for the bits of two values, e.g. that they have names, holds for what these give.
macro_rules! flag_set {
    ($type:ident) => {
        impl ::core::ops::BitOr for $type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                // INVARIANT: the bits of both sides.
                Self(self.0 | other.0)
            }
        }

        impl ::core::ops::BitAnd for $type {
            type Output = Self;

            fn bitand(self, other: Self) -> Self {
                // INVARIANT: a part of the bits of either side.
                Self(self.0 & other.0)
            }
        }
    };
    ($type:ident, not within $mask:expr) => {
        $crate::flag_set::flag_set!($type);

        /// All that a value may have and this one has not.
        impl ::core::ops::Not for $type {
            type Output = Self;

            fn not(self) -> Self {
                // INVARIANT: the mask leaves bits that a value may have.
                Self(!self.0 & $mask)
            }
        }
    };
}

pub(crate) use flag_set;
