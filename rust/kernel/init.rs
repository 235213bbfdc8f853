// SPDX-License-Identifier: GPL-2.0

//! Values that are made where they stay: initialisers with the kernel's errors, and memory for
//! them.
//!
//! C header: none.
//!
//! An initialiser (`impl PinInit<T, E>`, from the crate `pin_init`) is a recipe for a `T`.
//! [`try_pin_init!`](crate::try_pin_init) and [`try_init!`](crate::try_init) make an initialiser
//! for a struct; [`InPlaceInit`] runs one in new memory.
//!
//! # Examples
//!
//! ```
//! use kernel::{error::Error, prelude::*, try_init};
//!
//! struct Limits {
//!     low: u8,
//!     high: u8,
//! }
//!
//! impl Limits {
//!     fn new(low: u32, high: u32) -> impl Init<Self, Error> {
//!         try_init!(Self {
//!             low: u8::try_from(low)?,
//!             high: u8::try_from(high)?,
//!         })
//!     }
//! }
//!
//! let limits = KBox::init(Limits::new(3, 200), GFP_KERNEL)?;
//! assert_eq!((limits.low, limits.high), (3, 200));
//! assert!(KBox::init(Limits::new(3, 300), GFP_KERNEL).is_err());
//! # Ok::<(), Error>(())
//! ```

use core::pin::Pin;

use pin_init::{InPlaceWrite as _, Init, PinInit, init_from_closure, pin_init_from_closure};

use crate::{
    alloc::{AllocError, Allocator, Box, Flags},
    error::{self, Error},
};

#[doc(hidden)]
pub use pin_init as __pin_init;

/// Returns an initialiser with the crate's error.
pub(crate) fn into_error<T, E>(init: impl PinInit<T, E>) -> impl PinInit<T, Error>
where
    Error: From<E>,
{
    let f = move |slot| {
        // SAFETY: `__pinned_init` requires the memory that the caller of `f` has to grant.
        unsafe { init.__pinned_init(slot) }.map_err(Error::from)
    };
    // SAFETY: the function requires that `f` initialises `*slot` or leaves nothing; `init` does so.
    unsafe { pin_init_from_closure(f) }
}

/// An initialiser that cannot fail, with any error: for use beside one that can.
pub(crate) fn never_fails<T, E>(init: impl PinInit<T>) -> impl PinInit<T, E> {
    let f = |slot| {
        // SAFETY: `__pinned_init` requires a slot as the caller of this closure has to grant it.
        let Ok(()) = unsafe { init.__pinned_init(slot) };
        Ok(())
    };
    // SAFETY: `pin_init_from_closure` requires that `f` initialises the slot and does not move it:
    // `init` does so.
    unsafe { pin_init_from_closure(f) }
}

/// A smart pointer that can be made with new memory, in which an initialiser then makes the value.
///
/// Each method first allocates, then runs the initialiser. If the initialiser fails, the memory is
/// freed.
///
/// Context: as the flags and the initialiser allow.
pub trait InPlaceInit<T>: Sized {
    /// The pointer to a value that is pinned.
    type PinnedSelf;

    /// Makes a pinned value.
    ///
    /// # Errors
    ///
    /// [`AllocError`] as an `E`: no memory. Otherwise the error of `init`.
    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self::PinnedSelf, E>
    where
        E: From<AllocError>;

    /// Makes a pinned value; errors become an [`Error`].
    ///
    /// # Errors
    ///
    /// `ENOMEM`: no memory. Otherwise the error of `init`.
    fn pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> error::Result<Self::PinnedSelf>
    where
        Error: From<E>,
    {
        let run = |slot| {
            // SAFETY: `__pinned_init` requires memory for a `T` that stays where it is; the
            // initialiser that `pin_init_from_closure` makes of this closure requires the same.
            unsafe { init.__pinned_init(slot) }.map_err(Error::from)
        };
        // SAFETY: `pin_init_from_closure` requires that the slot is initialised on `Ok`, and needs
        // no drop on `Err`; `__pinned_init` leaves it so.
        let init = unsafe { pin_init_from_closure(run) };
        Self::try_pin_init(init, flags)
    }

    /// Makes a value.
    ///
    /// # Errors
    ///
    /// [`AllocError`] as an `E`: no memory. Otherwise the error of `init`.
    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>;

    /// Makes a value; errors become an [`Error`].
    ///
    /// # Errors
    ///
    /// `ENOMEM`: no memory. Otherwise the error of `init`.
    fn init<E>(init: impl Init<T, E>, flags: Flags) -> error::Result<Self>
    where
        Error: From<E>,
    {
        let run = |slot| {
            // SAFETY: `__init` requires memory for a `T`; the initialiser that `init_from_closure`
            // makes of this closure requires the same.
            unsafe { init.__init(slot) }.map_err(Error::from)
        };
        // SAFETY: `init_from_closure` requires that the slot is initialised on `Ok`, and needs no
        // drop on `Err`; `__init` leaves it so.
        let init = unsafe { init_from_closure(run) };
        Self::try_init(init, flags)
    }
}

impl<T, A: Allocator + 'static> InPlaceInit<T> for Box<T, A> {
    type PinnedSelf = Pin<Self>;

    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Pin<Self>, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.write_pin_init(init)
    }

    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.write_init(init)
    }
}

/// Makes an `impl PinInit<T, E>` from a struct literal with initialisers; `E` is
/// [`Error`](crate::error::Error).
///
/// Write `? E` behind the braces for another error type. Within the braces, `?` takes errors that
/// convert to `E`.
///
/// # Examples
///
/// ```
/// use kernel::{alloc::AllocError, error::Error, try_pin_init};
/// use pin_init::{PinInit, pin_data};
///
/// #[pin_data]
/// struct Port {
///     number: u8,
///     #[pin]
///     state: u32,
/// }
///
/// fn port(number: u32) -> impl PinInit<Port, Error> {
///     try_pin_init!(Port {
///         number: number.try_into()?,
///         state <- Ok::<u32, Error>(7),
///     })
/// }
///
/// fn other() -> impl PinInit<Port, AllocError> {
///     try_pin_init!(Port { number: 1, state: 2 }? AllocError)
/// }
/// # let _ = (port(1), other());
/// ```
#[macro_export]
macro_rules! try_pin_init {
    ($($tokens:tt)*) => { $crate::__with_error!(try_pin_init [] $($tokens)*) };
}

/// Makes an `impl Init<T, E>` from a struct literal with initialisers; `E` is
/// [`Error`](crate::error::Error).
///
/// As [`try_pin_init!`](crate::try_pin_init), for values that may move.
#[macro_export]
macro_rules! try_init {
    ($($tokens:tt)*) => { $crate::__with_error!(try_init [] $($tokens)*) };
}

/// Calls the macro `$macro` of `pin_init`. The error type is the kernel's, unless another one
/// stands behind the braces.
#[doc(hidden)]
#[macro_export]
macro_rules! __with_error {
    ($macro:ident [$($head:tt)*] { $($fields:tt)* }) => {
        $crate::init::__pin_init::$macro!($($head)* { $($fields)* }? $crate::error::Error)
    };
    ($macro:ident [$($head:tt)*] { $($fields:tt)* } ? $error:ty) => {
        $crate::init::__pin_init::$macro!($($head)* { $($fields)* }? $error)
    };
    // Up to the last braces, all tokens belong to the name of the type.
    ($macro:ident [$($head:tt)*] $next:tt $($rest:tt)*) => {
        $crate::__with_error!($macro [$($head)* $next] $($rest)*)
    };
    ($macro:ident [$($head:tt)*]) => {
        $crate::__core::compile_error!("expected the fields of a struct in braces")
    };
}
