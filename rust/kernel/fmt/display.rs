// SPDX-License-Identifier: GPL-2.0

//! [`Display`], and its implementations for the types of `core`.

use core::{convert::Infallible, net, num, panic, pin::Pin, str};

use super::{Arguments, Formatter, Result};

/// How `{}` shows a value in the macros of this crate.
///
/// # Examples
///
/// ```
/// use kernel::fmt;
///
/// struct Celsius(i32);
///
/// impl fmt::Display for Celsius {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         write!(f, "{} C", self.0)
///     }
/// }
///
/// assert_eq!(format!("{}", fmt::Adapter(&Celsius(21))), "21 C");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shown with `{{}}`",
    label = "has no `kernel::fmt::Display`",
    note = "implement `kernel::fmt::Display` for it, or use `{{:?}}`"
)]
pub trait Display {
    /// Writes the value to `f`.
    ///
    /// # Errors
    ///
    /// The errors of `f`, and no other: formatting itself does not fail.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result;
}

/// Implements the trait as `core` does.
macro_rules! impl_display_forward {
    ($($ty:ty)*) => {$(
        impl Display for $ty {
            #[inline]
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                core::fmt::Display::fmt(self, f)
            }
        }
    )*};
}

impl_display_forward! {
    bool char str Arguments<'_> Infallible
    i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize
    num::NonZero<i8> num::NonZero<i16> num::NonZero<i32> num::NonZero<i64> num::NonZero<isize>
    num::NonZero<u8> num::NonZero<u16> num::NonZero<u32> num::NonZero<u64> num::NonZero<usize>
    num::ParseIntError num::TryFromIntError str::Utf8Error core::fmt::Error core::alloc::LayoutError
    panic::Location<'_> panic::PanicInfo<'_> panic::PanicMessage<'_>
    net::IpAddr net::Ipv4Addr net::Ipv6Addr net::SocketAddr
}

/// Implements the trait as the value behind or inside does it.
macro_rules! impl_display_inner {
    ($([$($bound:tt)*] $ty:ty, $self:ident => $inner:expr;)*) => {$(
        impl<T: $($bound)*> Display for $ty {
            fn fmt(&$self, f: &mut Formatter<'_>) -> Result {
                $inner.fmt(f)
            }
        }
    )*};
}

impl_display_inner! {
    [?Sized + Display] &T, self => (**self);
    [?Sized + Display] &mut T, self => (**self);
    [Display] num::Wrapping<T>, self => self.0;
    [Display] num::Saturating<T>, self => self.0;
    [core::ops::Deref<Target: Display>] Pin<T>, self => (**self);
}

#[cfg(test)]
mod tests {
    use crate::fmt::Adapter;

    #[test]
    fn passed_expressions_stay_together() {
        macro_rules! twice {
            ($e:expr) => {
                crate::macros::fmt!("{}", $e * 2)
            };
        }
        let mut buffer = [0; 4];
        let mut out = crate::str::Formatter::new(&mut buffer);
        assert!(core::fmt::write(&mut out, twice!(1 + 2)).is_ok());
        assert_eq!(buffer[0], b'6');
    }

    #[test]
    fn keeps_the_options_of_the_placeholder() {
        assert_eq!(
            format!(
                "{:>5}|{:<4}|{:+}",
                Adapter(&"ab"),
                Adapter(&true),
                Adapter(&3_i8)
            ),
            "   ab|true|+3"
        );
        assert_eq!(
            format!(
                "{:#06x} {:08b} {:#?}",
                Adapter(&10),
                Adapter(&5_u8),
                Adapter(&None::<u8>)
            ),
            "0x000a 00000101 None"
        );
    }

    #[test]
    fn goes_through_references_and_wrappers() {
        let number = core::num::NonZero::new(7_u32).unwrap();
        assert_eq!(format!("{}", Adapter(&&&mut &number)), "7");
        assert_eq!(format!("{}", Adapter(&core::pin::Pin::new(&"x"))), "x");
        assert_eq!(format!("{}", Adapter(&format_args!("{}-{}", 1, 2))), "1-2");
        assert_eq!(format!("{}", Adapter(c"name")), "name");
    }
}
