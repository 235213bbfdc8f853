// SPDX-License-Identifier: GPL-2.0

//! Types for sets of flags: [`impl_flags!`](crate::impl_flags!).

/// Makes a type for a set of flags, and an enum of the flags.
///
/// The set is a structure around an unsigned integer, the flags are an enum of constants of it.
/// Both may have attributes, such as `#[derive(Clone, Copy)]`.
///
/// - `|`, `&`, `^` combine sets and flags with sets and flags, `|=`, `&=`, `^=` change a set.
/// - `!` gives all flags that a set does not have: only bits that have names.
/// - `contains` says whether a set has a flag, `contains_any` and `contains_all` whether it has
///   some or all flags of another set. Every set has all flags of the empty one.
/// - `From` makes a set of a flag, and the integer of a set.
///
/// Context: any context.
///
/// # Examples
///
/// ```
/// use kernel::impl_flags;
///
/// impl_flags! {
///     /// What a queue can do.
///     #[derive(Clone, Copy, Default, PartialEq, Debug)]
///     pub struct Features(u32);
///
///     /// Something that a queue can do.
///     #[derive(Clone, Copy, Debug)]
///     pub enum Feature {
///         /// It counts.
///         Counts = 1 << 0,
///         /// It waits.
///         Waits = 1 << 1,
///         /// It sorts.
///         Sorts = 1 << 4,
///     }
/// }
///
/// let mut features = Feature::Counts | Feature::Sorts;
/// assert!(features.contains(Feature::Sorts));
/// assert!(features.contains_any(Feature::Waits | Feature::Sorts));
/// assert!(!features.contains_all(Feature::Waits | Feature::Sorts));
/// features ^= Feature::Sorts;
/// assert_eq!(features, Features::from(Feature::Counts));
/// assert_eq!(u32::from(!features), 0x12);
/// ```
#[macro_export]
macro_rules! impl_flags {
    (
        $(#[$set_attribute:meta])*
        $set_vis:vis struct $set:ident($int:ty);

        $(#[$flag_attribute:meta])*
        $flag_vis:vis enum $flag:ident {
            $($(#[$attribute:meta])* $name:ident = $value:expr),+ $(,)?
        }
    ) => {
        $(#[$set_attribute])*
        #[repr(transparent)]
        $set_vis struct $set($int);

        $(#[$flag_attribute])*
        #[repr($int)]
        $flag_vis enum $flag {
            $($(#[$attribute])* $name = $value),+
        }

        #[allow(dead_code, reason = "a driver may use less of it")]
        impl $set {
            /// All bits that have names.
            const NAMED: $int = 0 $(| $flag::$name as $int)+;

            /// The set without flags.
            #[inline(always)]
            $set_vis const fn empty() -> Self {
                Self(0)
            }

            /// Whether the set has `flag`.
            #[inline(always)]
            $set_vis fn contains(self, flag: $flag) -> bool {
                let flag = flag as $int;
                self.0 & flag == flag
            }

            /// Whether the set has at least one flag of `flags`.
            #[inline(always)]
            $set_vis fn contains_any(self, flags: $set) -> bool {
                self.0 & flags.0 != 0
            }

            /// Whether the set has all flags of `flags`.
            #[inline(always)]
            $set_vis fn contains_all(self, flags: $set) -> bool {
                self.0 & flags.0 == flags.0
            }
        }

        impl $crate::__core::convert::From<$flag> for $set {
            #[inline(always)]
            fn from(flag: $flag) -> Self {
                Self(flag as $int)
            }
        }

        impl $crate::__core::convert::From<$set> for $int {
            #[inline(always)]
            fn from(flags: $set) -> Self {
                flags.0
            }
        }

        impl $crate::__core::ops::Not for $set {
            type Output = $set;

            #[inline(always)]
            fn not(self) -> $set {
                $set(!self.0 & Self::NAMED)
            }
        }

        impl $crate::__core::ops::Not for $flag {
            type Output = $set;

            #[inline(always)]
            fn not(self) -> $set {
                !$set::from(self)
            }
        }

        $crate::impl_flags!(@operators $set, $flag,
            (BitOr bitor BitOrAssign bitor_assign),
            (BitAnd bitand BitAndAssign bitand_assign),
            (BitXor bitxor BitXorAssign bitxor_assign));
    };
    (@operators $set:ident, $flag:ident, $($operator:tt),+) => {
        $(
            $crate::impl_flags!(@operator $set $set $set $operator);
            $crate::impl_flags!(@operator $set $set $flag $operator);
            $crate::impl_flags!(@operator $set $flag $set $operator);
            $crate::impl_flags!(@operator $set $flag $flag $operator);
            $crate::impl_flags!(@assign $set $set $operator);
            $crate::impl_flags!(@assign $set $flag $operator);
        )+
    };
    (@operator $set:ident $left:ident $right:ident
        ($trait:ident $method:ident $assign:ident $assign_method:ident)) => {
        impl $crate::__core::ops::$trait<$right> for $left {
            type Output = $set;

            #[inline(always)]
            fn $method(self, other: $right) -> $set {
                $set($crate::__core::ops::$trait::$method(
                    $set::from(self).0,
                    $set::from(other).0,
                ))
            }
        }
    };
    (@assign $set:ident $right:ident
        ($trait:ident $method:ident $assign:ident $assign_method:ident)) => {
        impl $crate::__core::ops::$assign<$right> for $set {
            #[inline(always)]
            fn $assign_method(&mut self, other: $right) {
                self.0 = $crate::__core::ops::$trait::$method(self.0, $set::from(other).0);
            }
        }
    };
}

#[macros::kunit_tests(lifebound_impl_flags)]
mod tests {
    impl_flags! {
        #[derive(Clone, Copy, PartialEq, Debug)]
        struct Modes(u8);

        #[derive(Clone, Copy)]
        enum Mode {
            Read = 1,
            Write = 1 << 1,
            Last = 1 << 7,
        }
    }

    #[test]
    fn sets_and_flags_combine() {
        let mut modes = Mode::Read | Mode::Last;
        assert_eq!(u8::from(modes), 0x81);
        assert_eq!(modes & Mode::Last, Modes::from(Mode::Last));
        assert_eq!(Mode::Last ^ modes, Modes::from(Mode::Read));
        modes |= Mode::Write;
        modes &= !Mode::Read;
        modes ^= Mode::Last | Mode::Read;
        assert_eq!(u8::from(modes), 3);
    }

    #[test]
    fn a_complement_has_named_bits_only() {
        assert_eq!(u8::from(!Modes::empty()), 0x83);
        assert_eq!(u8::from(!Mode::Write), 0x81);
    }

    #[test]
    fn a_set_contains() {
        let modes = Mode::Read | Mode::Write;
        assert!(modes.contains(Mode::Write) && !modes.contains(Mode::Last));
        assert!(modes.contains_any(Mode::Write | Mode::Last));
        assert!(!modes.contains_all(Mode::Write | Mode::Last));
        assert!(modes.contains_all(Modes::empty()) && !modes.contains_any(Modes::empty()));
    }
}
