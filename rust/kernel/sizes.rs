// SPDX-License-Identifier: GPL-2.0

//! Powers of two by name, in bytes (`<linux/sizes.h>`).
//!
//! [`SZ_4K`] and its siblings are `usize`. [`SizeConstants`] has the same names for other types:
//!
//! ```
//! use kernel::sizes::{SZ_4K, SizeConstants};
//!
//! assert_eq!(SZ_4K, 4096);
//! assert_eq!(u64::SZ_4K, 4096u64);
//! ```

/// Defines each size as a `usize` constant and as a constant of [`SizeConstants`].
macro_rules! define_sizes {
    (for $types:tt: $($name:ident = $bytes:literal,)*) => {
        $(
            #[doc = concat!(stringify!($bytes), " bytes.")]
            pub const $name: usize = $bytes;
        )*

        /// The sizes of this module as constants of an integer type with at least 32 bits.
        pub trait SizeConstants {
            $(
                #[doc = concat!(stringify!($bytes), " bytes.")]
                const $name: Self;
            )*
        }

        define_sizes!(@impl $types $($name = $bytes,)*);
    };
    (@impl [$first:ty $(, $rest:ty)*] $($name:ident = $bytes:literal,)*) => {
        impl SizeConstants for $first {
            $(const $name: Self = $bytes;)*
        }
        define_sizes!(@impl [$($rest),*] $($name = $bytes,)*);
    };
    (@impl [] $($name:ident = $bytes:literal,)*) => {};
}

define_sizes! {
    for [u32, u64, usize]:
    SZ_1 = 0x1,
    SZ_2 = 0x2,
    SZ_4 = 0x4,
    SZ_8 = 0x8,
    SZ_16 = 0x10,
    SZ_32 = 0x20,
    SZ_64 = 0x40,
    SZ_128 = 0x80,
    SZ_256 = 0x100,
    SZ_512 = 0x200,
    SZ_1K = 0x400,
    SZ_2K = 0x800,
    SZ_4K = 0x1000,
    SZ_8K = 0x2000,
    SZ_16K = 0x4000,
    SZ_32K = 0x8000,
    SZ_64K = 0x1_0000,
    SZ_128K = 0x2_0000,
    SZ_256K = 0x4_0000,
    SZ_512K = 0x8_0000,
    SZ_1M = 0x10_0000,
    SZ_2M = 0x20_0000,
    SZ_4M = 0x40_0000,
    SZ_8M = 0x80_0000,
    SZ_16M = 0x100_0000,
    SZ_32M = 0x200_0000,
    SZ_64M = 0x400_0000,
    SZ_128M = 0x800_0000,
    SZ_256M = 0x1000_0000,
    SZ_512M = 0x2000_0000,
    SZ_1G = 0x4000_0000,
    SZ_2G = 0x8000_0000,
}

#[macros::kunit_tests(lifebound_sizes)]
mod tests {
    use super::*;

    /// Returns the byte count that a name of the form `SZ_<n><unit>` promises.
    fn promised(name: &str) -> u64 {
        let text = name.strip_prefix("SZ_").unwrap();
        let digits = text.trim_end_matches(char::is_alphabetic);
        let shift = match &text[digits.len()..] {
            "" => 0,
            "K" => 10,
            "M" => 20,
            "G" => 30,
            unit => panic!("unknown unit {unit}"),
        };
        digits.parse::<u64>().unwrap() << shift
    }

    macro_rules! check {
        ($($name:ident)*) => {$(
            assert_eq!($name as u64, promised(stringify!($name)));
            assert_eq!(u32::$name as u64, promised(stringify!($name)));
            assert_eq!(u64::$name, promised(stringify!($name)));
            assert_eq!(usize::$name, $name);
        )*};
    }

    #[test]
    fn each_value_is_what_its_name_says() {
        check!(SZ_1 SZ_2 SZ_4 SZ_8 SZ_16 SZ_32 SZ_64 SZ_128 SZ_256 SZ_512);
        check!(SZ_1K SZ_2K SZ_4K SZ_8K SZ_16K SZ_32K SZ_64K SZ_128K SZ_256K SZ_512K);
        check!(SZ_1M SZ_2M SZ_4M SZ_8M SZ_16M SZ_32M SZ_64M SZ_128M SZ_256M SZ_512M SZ_1G SZ_2G);
    }
}
