// SPDX-License-Identifier: GPL-2.0

//! Formatting: `core::fmt` with the kernel's own `{}` and `{:p}`.
//!
//! C header: [`include/linux/sprintf.h`](srctree/include/linux/sprintf.h) (`%p`).
//!
//! A driver writes `use kernel::prelude::*` and implements [`fmt::Display`](Display) or derives
//! `Debug` for its types. The macros of this crate (`pr_info!`, `dev_info!`, `fmt!`, ...) use the
//! traits of this module:
//!
//! - `{}` uses [`Display`] here, which also knows C strings. A type that has only `core`'s
//!   `Display` is not accepted.
//! - `{:p}` uses [`Pointer`] here and shows a pointer as C's `%p` does: as a hash, so that no
//!   kernel address gets into the log.
//! - `{:?}` is `core`'s `Debug`. For a pointer or a function, it shows the same hash, even where a
//!   derived `Debug` reaches it. A module is linked with a function of this crate where `core`
//!   would write the address (`tests/boot/safe_requests`).
//! - All other formats are those of `core`.
//!
//! Inside an implementation, `write!(f, "{}", x)` is `core`'s macro: it takes types with `core`'s
//! `Display`. For other types, write `f.write_fmt(fmt!("{}", x))`.
//!
//! # Examples
//!
//! ```
//! use kernel::prelude::*;
//!
//! struct Version(u8, u8);
//!
//! impl fmt::Display for Version {
//!     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
//!         write!(f, "{}.{}", self.0, self.1)
//!     }
//! }
//!
//! let (name, version) = (c"uart", Version(1, 2));
//! assert_eq!(std::fmt::format(fmt!("{name} v{version} {:?}", Some(3))), "uart v1.2 Some(3)");
//! ```

#[cfg(target_os = "none")]
mod address;
mod display;
mod pointer;

pub use core::fmt::{
    Alignment, Arguments, Binary, Debug, DebugList, DebugMap, DebugSet, DebugStruct, DebugTuple,
    Error, Formatter, LowerExp, LowerHex, Octal, Result, UpperExp, UpperHex, Write, write,
};

pub use self::{
    display::Display,
    pointer::{HashedPtr, Pointer},
};

/// The wrapper that `fmt!` puts around a reference to each argument, so that `{}` and `{:p}` reach
/// the traits of this module.
pub struct Adapter<T>(pub T);

/// Implements traits of `core` by those of the wrapped value.
macro_rules! impl_forward {
    ($($format:ident)*) => {$(
        impl<T: $format> $format for Adapter<T> {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                self.0.fmt(f)
            }
        }
    )*};
}

impl_forward!(Binary Debug LowerExp LowerHex Octal UpperExp UpperHex);

impl<T: ?Sized + Display> core::fmt::Display for Adapter<&T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.fmt(f)
    }
}

impl<T: Pointer> core::fmt::Pointer for Adapter<&T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Pointer::fmt(self.0, f)
    }
}
