// SPDX-License-Identifier: GPL-2.0

//! Registers by name: the traits behind [`register!`](crate::macros::register).
//!
//! For each register the macro makes a type for its value. For a fixed register it also makes a
//! constant for its place. Places of other registers come from functions:
//!
//! | register | place |
//! |---|---|
//! | fixed: `NAME(u32) @ 0x10` | `NAME` |
//! | array: `NAME(u32)[8] @ 0x10` | `NAME::at(i)`, `NAME::try_at(i)` by [`Array`] |
//! | relative: `NAME(u32) @ Base + 0x10` | `NAME::of::<B>()` by [`WithBase`] |
//! | relative array | `NAME::of::<B>().at(i)`, `.try_at(i)` |
//!
//! A place is an [`IoLoc`] for [`Io::read`](super::Io::read), `write` and `update`, and for their
//! `try_` twins. The compiler checks that a fixed or relative register lies in the region. For an
//! element of an array, the compiler's optimiser checks it (see
//! [`build_assert`](mod@crate::build_assert)).
//!
//! Context: any context. All functions here only compute.
//!
//! # Fields
//!
//! `HI:LO name` names bits, `HI` and `LO` included, counted from 0. Fields do not overlap. `update`
//! keeps bits without a name. A field's methods take and return these types:
//!
//! | field | `name()` | `with_name(v)` |
//! |---|---|---|
//! | `7:0 name` | [`Bounded<u32, 8>`](crate::num::Bounded) | what converts into it: it, `u8`, ... |
//! | `3:3 name` | `Bounded<u32, 1>`, with `into_bool()` | `bool` or `Bounded<u32, 1>` |
//! | `3:3 name => bool` | `bool` | `bool` |
//! | `7:0 name => Type` | `Type`, by `From` | `Type`, by `From` |
//! | `7:0 name ?=> Type` | `Result<Type, _>`, by `TryFrom` | `Type`, by `From` |
//!
//! `with_const_name::<V>()` takes a constant, and does not compile if the constant is too large. A
//! field without a type also has `try_with_name(v)` for any integer; it fails with `ERANGE` if the
//! integer does not fit. The constants `NAME_RANGE`, `NAME_SHIFT` and `NAME_MASK` of the type say
//! which bits a field has. A register's value comes from `NAME::zeroed()` or from an integer, and
//! `into_raw()` returns the integer.
//!
//! ```
//! use kernel::io::register::{Array, RegisterArray};
//! use kernel::io::{Io, Mmio, Region, register};
//! use kernel::num::Bounded;
//!
//! /// Link speed: a field's type converts from and into the field's bits.
//! #[derive(Debug, PartialEq)]
//! enum Speed {
//!     Slow,
//!     Fast,
//! }
//!
//! impl TryFrom<Bounded<u32, 2>> for Speed {
//!     type Error = u32;
//!
//!     fn try_from(bits: Bounded<u32, 2>) -> Result<Self, u32> {
//!         match bits.get() {
//!             0 => Ok(Self::Slow),
//!             1 => Ok(Self::Fast),
//!             reserved => Err(reserved),
//!         }
//!     }
//! }
//!
//! impl From<Speed> for Bounded<u32, 2> {
//!     fn from(speed: Speed) -> Self {
//!         match speed {
//!             Speed::Slow => Self::new::<0>(),
//!             Speed::Fast => Self::new::<1>(),
//!         }
//!     }
//! }
//!
//! register! {
//!     /// Configures the link.
//!     pub LINK(u32) @ 0x20 {
//!         /// Frame length in bytes.
//!         15:0 length => u16;
//!         17:16 speed ?=> Speed;
//!         31:31 up => bool;
//!     }
//!
//!     /// Queue heads, 8 bytes apart.
//!     QUEUE(u32)[4, stride = 8] @ 0x40 {
//!         11:0 head;
//!     }
//!
//!     /// The last queue has a meaning of its own.
//!     EVENTS(u32) => QUEUE[3] {
//!         0:0 pending => bool;
//!     }
//! }
//!
//! fn configure(io: Mmio<'_, Region<0x100>>) {
//!     io.write(LINK, LINK::zeroed().with_length(1500).with_speed(Speed::Fast));
//!     for i in 0..QUEUE::SIZE {
//!         if let Some(queue) = QUEUE::try_at(i) {
//!             io.update(queue, |queue| queue.with_const_head::<0>());
//!         }
//!     }
//!     if io.read(EVENTS).pending() {
//!         io.write(QUEUE::at(3), QUEUE::zeroed());
//!     }
//! }
//!
//! assert_eq!(LINK::from(0x8001_05dc).speed(), Ok(Speed::Fast));
//! assert_eq!(LINK::from(0x0003_0000).speed(), Err(3));
//! ```
//!
//! # What does not compile
//!
//! A register outside of the region's compile-time size:
//!
//! ```compile_fail,E0080
//! # use kernel::io::{Io, Mmio, Region, register};
//! register!(CONTROL(u32) @ 0x10 { 0:0 enable => bool; });
//! fn enabled(io: Mmio<'_, Region<0x10>>) -> bool {
//!     io.read(CONTROL).enable()
//! }
//! # let _ = enabled as fn(_) -> _;
//! ```
//!
//! A misaligned register, and an array whose elements would be misaligned:
//!
//! ```compile_fail,E0080
//! kernel::io::register!(CONTROL(u32) @ 0x12 { 0:0 enable => bool; });
//! ```
//!
//! ```compile_fail,E0080
//! kernel::io::register!(CONTROL(u32)[4, stride = 6] @ 0x10 { 0:0 enable => bool; });
//! ```
//!
//! Elements that overlap, and one that does not exist:
//!
//! ```compile_fail,E0080
//! kernel::io::register!(CONTROL(u64)[4, stride = 4] @ 0x10 { 0:0 enable => bool; });
//! ```
//!
//! ```compile_fail,E0080
//! # use kernel::io::register;
//! register!(CONTROL(u32)[4] @ 0x10 { 0:0 enable => bool; });
//! register!(LAST(u32) => CONTROL[4] { 0:0 enable => bool; });
//! ```
//!
//! An alias of another width:
//!
//! ```compile_fail,E0271
//! # use kernel::io::register;
//! register!(CONTROL(u32) @ 0x10 { 0:0 enable => bool; });
//! register!(WIDE(u64) => CONTROL { 0:0 enable => bool; });
//! ```
//!
//! Fields that overlap, end before they begin, leave the register, or share a name:
//!
//! ```compile_fail
//! kernel::io::register!(CONTROL(u32) @ 0x10 { 4:0 mode; 4:4 enable; });
//! ```
//!
//! ```compile_fail
//! kernel::io::register!(CONTROL(u32) @ 0x10 { 0:4 mode; });
//! ```
//!
//! ```compile_fail
//! kernel::io::register!(CONTROL(u32) @ 0x10 { 32:0 mode; });
//! ```
//!
//! ```compile_fail
//! kernel::io::register!(CONTROL(u32) @ 0x10 { 3:0 mode; 4:4 mode; });
//! ```
//!
//! A constant that is too large for its field, and a type that is too large for it:
//!
//! ```compile_fail,E0080
//! # use kernel::io::register;
//! register!(CONTROL(u32) @ 0x10 { 3:0 mode; });
//! let _ = CONTROL::zeroed().with_const_mode::<16>();
//! ```
//!
//! ```compile_fail,E0277
//! # use kernel::io::register;
//! register!(CONTROL(u32) @ 0x10 { 3:0 mode; });
//! let _ = CONTROL::zeroed().with_mode(3_u8);
//! ```
//!
//! A relative register without its base, or with a base of another family:
//!
//! ```compile_fail,E0277
//! # use kernel::io::{Io, Mmio, Region, register};
//! # use kernel::io::register::{RegisterBase, WithBase};
//! # struct Channel; struct Timer; struct Timer0;
//! # impl RegisterBase<Timer> for Timer0 { const BASE: usize = 0; }
//! register!(CONTROL(u32) @ Channel + 0x10 { 0:0 enable => bool; });
//! fn enabled(io: Mmio<'_, Region<0x100>>) -> bool {
//!     io.read(CONTROL::of::<Timer0>()).enable()
//! }
//! ```

mod array;
mod relative;

use core::marker::PhantomData;

pub use array::{Array, RegisterArray, RegisterArrayLoc};
pub use relative::{
    RegisterBase, RelativeRegister, RelativeRegisterArray, RelativeRegisterArrayLoc,
    RelativeRegisterLoc, WithBase,
};

use super::{IoLoc, Region};

/// The value of a register, with the register's offset.
pub trait Register: Sized {
    /// The integer that is read or written.
    type Storage: Into<Self> + From<Self>;

    /// The offset in bytes from the start of the region, or from the base if the register is
    /// relative. The offset of an array is that of its first element.
    const OFFSET: usize;
}

/// A register at a fixed offset of its region.
pub trait FixedRegister: Register {}

/// The place of a fixed register. `register!` defines a constant of this type for each fixed
/// register.
pub struct FixedRegisterLoc<T: FixedRegister>(PhantomData<fn() -> T>);

impl<T: FixedRegister> FixedRegisterLoc<T> {
    /// The place of `T`.
    #[inline(always)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: FixedRegister> Default for FixedRegisterLoc<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: FixedRegister> Copy for FixedRegisterLoc<T> {}

impl<T: FixedRegister> Clone for FixedRegisterLoc<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Implements `IoLoc` for the types that stand for a fixed register's place.
macro_rules! impl_fixed_loc {
    ($($(#[$doc:meta])* $loc:ty;)*) => {$(
        $(#[$doc])*
        impl<const SIZE: usize, T: FixedRegister> IoLoc<Region<SIZE>, T> for $loc {
            type IoType = T::Storage;

            const CONST_OFFSET: Option<usize> = Some(T::OFFSET);

            #[inline(always)]
            fn offset(self) -> usize {
                T::OFFSET
            }
        }
    )*};
}

impl_fixed_loc! {
    /// `()` is the place of the register to which the value's type belongs:
    /// `let status: STATUS = io.read(());`
    ();
    /// A register's value names its place.
    T;
    FixedRegisterLoc<T>;
}

/// A register value that knows its place: see [`Io::write_reg`](super::Io::write_reg).
pub trait LocatedRegister<Base: ?Sized> {
    /// The register's type.
    type Value: Register;

    /// The type of the register's place.
    type Location: IoLoc<Base, Self::Value>;

    /// The place and the value.
    fn into_io_op(self) -> (Self::Location, Self::Value);
}

impl<const SIZE: usize, T: FixedRegister> LocatedRegister<Region<SIZE>> for T {
    type Value = T;
    type Location = FixedRegisterLoc<T>;

    #[inline(always)]
    fn into_io_op(self) -> (FixedRegisterLoc<T>, T) {
        (FixedRegisterLoc::new(), self)
    }
}

#[cfg(test)]
mod tests;
