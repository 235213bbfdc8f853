// SPDX-License-Identifier: GPL-2.0

//! Functions and traits that run an initialiser on memory.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::pin::Pin;

use crate::{Init, PinInit, cast_pin_init};

/// Initialises `*slot` with an initialiser that cannot fail.
///
/// # Safety
///
/// - `slot` must point to memory for a `T`, aligned and writable, that nobody else accesses
///   meanwhile. Its old content is overwritten without being dropped.
/// - Afterwards the value must be treated as pinned.
pub unsafe fn raw_init<T>(slot: *mut T, init: impl PinInit<T>) {
    // SAFETY: `__pinned_init` requires exactly the same as this function; the caller promises it.
    match unsafe { init.__pinned_init(slot) } {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

/// Initialises `*slot`.
///
/// # Errors
///
/// The errors of `init`. `*slot` is not initialised then.
///
/// # Safety
///
/// - `slot` must point to memory for a `T`, aligned and writable, that nobody else accesses
///   meanwhile. Its old content is overwritten without being dropped.
/// - After `Ok(())` the value must be treated as pinned.
pub unsafe fn raw_try_init<T, E>(slot: *mut T, init: impl PinInit<T, E>) -> Result<(), E> {
    // SAFETY: `__pinned_init` requires exactly the same as this function; the caller promises it.
    unsafe { init.__pinned_init(slot) }
}

/// Owned memory for a `T` that an initialiser can be run on.
///
/// # Examples
///
/// ```
/// use pin_init::{InPlaceWrite, init};
/// use std::mem::MaybeUninit;
///
/// struct Config {
///     speed: u32,
/// }
///
/// let memory: &'static mut MaybeUninit<Config> = Box::leak(Box::new_uninit());
/// let Ok(config) = memory.write_init(init!(Config { speed: 9600 }));
/// assert_eq!(config.speed, 9600);
/// ```
pub trait InPlaceWrite<T> {
    /// The same memory with a `T` in it.
    type Initialized;

    /// Initialises a movable value.
    ///
    /// # Errors
    ///
    /// The errors of `init`. The memory is given up as if `self` had been dropped.
    fn write_init<E>(self, init: impl Init<T, E>) -> Result<Self::Initialized, E>;

    /// Initialises a pinned value.
    ///
    /// # Errors
    ///
    /// The errors of `init`. The memory is given up as if `self` had been dropped.
    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E>;
}

impl<T> InPlaceWrite<T> for &'static mut MaybeUninit<T> {
    type Initialized = &'static mut T;

    fn write_init<E>(self, init: impl Init<T, E>) -> Result<&'static mut T, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: `__init` requires memory for a `T` that nobody else accesses; it is borrowed
        // exclusively.
        unsafe { init.__init(slot) }?;
        // SAFETY: `assume_init_mut` requires an initialised value; `__init` returned `Ok`.
        Ok(unsafe { self.assume_init_mut() })
    }

    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<&'static mut T>, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: `__pinned_init` requires memory for a `T` that nobody else accesses and that
        // stays. The reference is exclusive, it never ends, and only the result has it.
        unsafe { init.__pinned_init(slot) }?;
        // SAFETY: `assume_init_mut` requires an initialised value; `__pinned_init` returned `Ok`.
        let value = unsafe { self.assume_init_mut() };
        // SAFETY: `new_unchecked` requires that the value never moves; the reference through which
        // it was made is exclusive for ever, and consumed.
        Ok(unsafe { Pin::new_unchecked(value) })
    }
}

/// A type that holds a `T` in place and can be initialised from an initialiser of it.
///
/// # Examples
///
/// ```
/// use pin_init::{PinInit, Wrapper, pin_data, pin_init, stack_pin_init};
/// use std::cell::UnsafeCell;
///
/// #[pin_data]
/// struct Cellar {
///     #[pin]
///     bottles: UnsafeCell<u32>,
/// }
///
/// fn cellar(bottles: impl PinInit<u32>) -> impl PinInit<Cellar> {
///     pin_init!(Cellar { bottles <- UnsafeCell::pin_init(bottles) })
/// }
///
/// stack_pin_init!(let cellar = cellar(12));
/// assert_eq!(*cellar.project().bottles.get_mut().get_mut(), 12);
/// ```
pub trait Wrapper<T> {
    /// Initialises the wrapper through its content.
    ///
    /// # Errors
    ///
    /// The errors of `value_init`.
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E>;
}

impl<T> Wrapper<T> for UnsafeCell<T> {
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // SAFETY: `cast_pin_init` requires that an initialised `T` is an initialised
        // `UnsafeCell<T>`, which drops it; `UnsafeCell` is `repr(transparent)` around it and drops
        // it.
        unsafe { cast_pin_init(value_init) }
    }
}

/// This impl is only for `Unpin` types. A `MaybeUninit` does not drop its content, but the
/// destructor of a pinned value must run before the memory is reused. An entry of an intrusive list
/// would stay on the list.
impl<T: Unpin> Wrapper<T> for MaybeUninit<T> {
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // SAFETY: `cast_pin_init` has these requirements.
        // 1. An initialised `T` is an initialised `MaybeUninit<T>`: it is `repr(transparent)`
        //    around it and requires nothing of its bytes.
        // 2. `T` is dropped if it relies on being pinned: an `Unpin` type does not rely on it.
        unsafe { cast_pin_init(value_init) }
    }
}

#[cfg(feature = "unsafe-pinned")]
impl<T> Wrapper<T> for core::pin::UnsafePinned<T> {
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // SAFETY: `cast_pin_init` requires that an initialised `T` is an initialised
        // `UnsafePinned<T>`, which drops it; `UnsafePinned` is `repr(transparent)` around it and
        // drops it.
        unsafe { cast_pin_init(value_init) }
    }
}
