// SPDX-License-Identifier: GPL-2.0

//! Integers from text, by the rules of C's `kstrto*()` functions.
//!
//! C header: [`include/linux/kstrtox.h`](srctree/include/linux/kstrtox.h).
//!
//! A driver calls [`ParseInt::from_str`]. It takes the text of a module parameter, a sysfs write or
//! a firmware property. It gives a number of the wanted type, or an errno. Nothing in this module
//! allocates, sleeps or calls into C.
//!
//! Context: any context.

use crate::error::{Result, code};
use crate::str::BStr;

/// An integer type that can be read from text.
///
/// The text is, in this order: an optional sign (`-` for signed types only), an optional base
/// prefix, digits, and at most one newline at the end. Blanks and digit separators are not
/// accepted.
///
/// | prefix | base |
/// |---|---|
/// | `0x`, `0X` | 16 |
/// | `0o`, `0O` | 8 |
/// | `0b`, `0B` | 2 |
/// | `0` and another digit | 8 |
/// | none | 10 |
///
/// C knows neither `0o` nor `0b`; everything that C accepts means the same here.
///
/// # Examples
///
/// ```
/// use kernel::str::{BStr, parse_int::ParseInt};
///
/// assert_eq!(u8::from_str(BStr::from_bytes(b"0x1f")), Ok(31));
/// assert_eq!(i16::from_str(BStr::from_bytes(b"-010\n")), Ok(-8));
/// assert!(u8::from_str(BStr::from_bytes(b"256")).is_err());
/// assert!(u8::from_str(BStr::from_bytes(b"-1")).is_err());
/// ```
#[doc(alias(
    "kstrtoint",
    "kstrtouint",
    "kstrtol",
    "kstrtoul",
    "kstrtou8",
    "kstrtou16",
    "kstrtou32",
    "kstrtou64"
))]
pub trait ParseInt: private::Integer {
    /// Reads the whole of `src` as one integer.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `src` is no integer, has something after it, or has a minus sign that the type
    ///   cannot take.
    /// - `ERANGE`: the value does not fit into the type.
    fn from_str(src: &BStr) -> Result<Self> {
        let text: &[u8] = src;
        if let Some(rest) = text.strip_prefix(b"-") {
            if !Self::SIGNED {
                return Err(code::EINVAL);
            }
            Self::from_negated(magnitude(rest)?).ok_or(code::ERANGE)
        } else {
            let rest = text.strip_prefix(b"+").unwrap_or(text);
            Self::from_magnitude(magnitude(rest)?).ok_or(code::ERANGE)
        }
    }
}

/// Reads an unsigned number without sign.
///
/// As in C, digits are read to their end before a value that is too large is reported.
fn magnitude(text: &[u8]) -> Result<u64> {
    let (base, digits) = split_base(text);
    let digits = digits.strip_suffix(b"\n").unwrap_or(digits);
    let mut value = Some(0u64);
    let mut rest = digits;
    while let [first, tail @ ..] = rest {
        let Some(digit) = char::from(*first).to_digit(base) else {
            break;
        };
        value = value
            .and_then(|v| v.checked_mul(u64::from(base)))
            .and_then(|v| v.checked_add(u64::from(digit)));
        rest = tail;
    }
    let value = value.ok_or(code::ERANGE)?;
    if digits.is_empty() || !rest.is_empty() {
        return Err(code::EINVAL);
    }
    Ok(value)
}

/// Finds the base from the prefix; returns the base and the digits.
///
/// A `0x` without a digit behind it stays a zero with other text behind it, which [`magnitude`]
/// refuses.
fn split_base(text: &[u8]) -> (u32, &[u8]) {
    let (base, digits) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits),
        [b'0', ..] => (8, text),
        _ => (10, text),
    };
    match digits {
        [first, ..] if char::from(*first).is_digit(base) => (base, digits),
        _ => (base.min(8), text),
    }
}

mod private {
    /// The facts about a type that [`super::ParseInt`] uses; the set of types is closed.
    pub trait Integer: Sized {
        /// Whether the type holds values below zero.
        const SIGNED: bool;

        /// Returns `magnitude` as this type, `None` if it does not fit.
        fn from_magnitude(magnitude: u64) -> Option<Self>;

        /// Returns `-magnitude` as this type, `None` if it does not fit.
        fn from_negated(magnitude: u64) -> Option<Self>;
    }
}

macro_rules! impl_parse_int {
    ($($int:ty)*) => {$(
        impl private::Integer for $int {
            const SIGNED: bool = <$int>::MIN != 0;

            fn from_magnitude(magnitude: u64) -> Option<Self> {
                Self::try_from(magnitude).ok()
            }

            fn from_negated(magnitude: u64) -> Option<Self> {
                0i64.checked_sub_unsigned(magnitude)
                    .and_then(|value| Self::try_from(value).ok())
            }
        }

        impl ParseInt for $int {}
    )*};
}

impl_parse_int!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

#[macros::kunit_tests(lifebound_parse_int)]
mod tests {
    use super::*;

    fn parse<T: ParseInt>(text: &str) -> Result<T> {
        T::from_str(BStr::from_bytes(text.as_bytes()))
    }

    #[test]
    fn each_base() {
        for (text, want) in [
            ("0", 0u32),
            ("7", 7),
            ("+42", 42),
            ("0x2A", 42),
            ("0X2a", 42),
            ("052", 42),
            ("0o52", 42),
            ("0b101010", 42),
            ("0B0", 0),
            ("00", 0),
            ("42\n", 42),
            ("0\n", 0),
        ] {
            assert_eq!(parse::<u32>(text), Ok(want), "{text:?}");
        }
    }

    #[test]
    fn rubbish_is_einval() {
        for text in [
            "", "\n", "+", "-", "+-1", "-+1", "--1", "0x", "0xg", "0o", "0o8", "0b", "0b2", "08",
            "1 ", " 1", "1_0", "42\n\n", "4\n2", "x", "1.0", "0x-1", "0x\n", "0b+1", "300z",
            "00x1",
        ] {
            assert_eq!(parse::<i8>(text), Err(code::EINVAL), "{text:?}");
        }
    }

    #[test]
    fn minus_needs_a_signed_type() {
        assert_eq!(parse::<u64>("-0"), Err(code::EINVAL));
        assert_eq!(parse::<i64>("-0"), Ok(0));
        assert_eq!(parse::<i64>("-0x10"), Ok(-16));
    }

    #[test]
    fn limits_of_each_width() {
        assert_eq!(parse::<u8>("255"), Ok(u8::MAX));
        assert_eq!(parse::<u8>("256"), Err(code::ERANGE));
        assert_eq!(parse::<i8>("-128"), Ok(i8::MIN));
        assert_eq!(parse::<i8>("-129"), Err(code::ERANGE));
        assert_eq!(parse::<i8>("128"), Err(code::ERANGE));
        assert_eq!(parse::<i16>("-0x8000"), Ok(i16::MIN));
        assert_eq!(parse::<u16>("0x10000"), Err(code::ERANGE));
        assert_eq!(parse::<i32>("2147483647"), Ok(i32::MAX));
        assert_eq!(parse::<u32>("037777777777"), Ok(u32::MAX));
        assert_eq!(parse::<i64>("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(parse::<i64>("-9223372036854775809"), Err(code::ERANGE));
        assert_eq!(parse::<i64>("9223372036854775808"), Err(code::ERANGE));
        assert_eq!(parse::<u64>("0xffffffffffffffff"), Ok(u64::MAX));
        assert_eq!(parse::<u64>("18446744073709551616"), Err(code::ERANGE));
        assert_eq!(parse::<usize>("18446744073709551615"), Ok(usize::MAX));
        assert_eq!(parse::<isize>("-1"), Ok(-1));
    }

    #[test]
    fn overflow_is_reported_before_rubbish_behind_it() {
        assert_eq!(parse::<u64>("99999999999999999999z"), Err(code::ERANGE));
    }
}
