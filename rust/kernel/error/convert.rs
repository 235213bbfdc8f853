// SPDX-License-Identifier: GPL-2.0

//! The conversions of the errors of `core` and of this crate to an [`Error`], which `?` uses.

use core::{
    alloc::LayoutError,
    array::TryFromSliceError,
    convert::Infallible,
    ffi::{FromBytesUntilNulError, FromBytesWithNulError},
    num::{IntErrorKind, ParseIntError, TryFromIntError},
    str::Utf8Error,
};

use super::{Error, code};

/// Implements the conversions that do not look at the value.
macro_rules! impl_from {
    ($($source:ty => $code:ident;)*) => {$(
        #[doc = concat!("Always `", stringify!($code), "`.")]
        impl From<$source> for Error {
            fn from(_: $source) -> Error {
                code::$code
            }
        }
    )*};
}

impl_from! {
    LayoutError => ENOMEM;
    TryFromIntError => EINVAL;
    TryFromSliceError => EINVAL;
    Utf8Error => EINVAL;
    FromBytesWithNulError => EINVAL;
    FromBytesUntilNulError => EINVAL;
    core::fmt::Error => EINVAL;
}

/// `ERANGE` if the number does not fit into the type, `EINVAL` for other text.
impl From<ParseIntError> for Error {
    fn from(error: ParseIntError) -> Error {
        match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => code::ERANGE,
            _ => code::EINVAL,
        }
    }
}

/// Never runs: there is no value of the source type.
impl From<Infallible> for Error {
    fn from(error: Infallible) -> Error {
        match error {}
    }
}

#[macros::kunit_tests(lifebound_error_convert)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_its_errno() {
        let layout = core::alloc::Layout::from_size_align(usize::MAX, 1);
        assert_eq!(layout.map_err(Error::from), Err(code::ENOMEM));
        assert_eq!(u8::try_from(256).map_err(Error::from), Err(code::EINVAL));
        assert_eq!(Error::from(core::fmt::Error), code::EINVAL);
        let text = core::str::from_utf8(&[u8::MAX; 2][1..]);
        assert_eq!(text.map_err(Error::from), Err(code::EINVAL));
    }

    #[test]
    fn numbers_out_of_range_differ_from_rubbish() {
        assert_eq!("256".parse::<u8>().map_err(Error::from), Err(code::ERANGE));
        assert_eq!("-129".parse::<i8>().map_err(Error::from), Err(code::ERANGE));
        assert_eq!("x".parse::<u8>().map_err(Error::from), Err(code::EINVAL));
        assert_eq!("".parse::<u8>().map_err(Error::from), Err(code::EINVAL));
    }
}
