// SPDX-License-Identifier: GPL-2.0

//! Running an initialiser on memory.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::pin::Pin;

use crate::{Init, PinInit, cast_pin_init};

/// Initialises `*slot` with what cannot fail.
///
/// # Safety
///
/// - `slot` must point to memory for a `T`, aligned and writable, that nobody else accesses meanwhile. What
///   it holds is overwritten without being dropped.
/// - Afterwards the value must be treated as pinned.
pub unsafe fn raw_init<T>(slot: *mut T, init: impl PinInit<T>) {
    // SAFETY: `__pinned_init` demands exactly what this function demands.
    match unsafe { init.__pinned_init(slot) } {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

/// Initialises `*slot`.
///
/// # Errors
///
/// Whatever `init` fails with. `*slot` is not initialised then.
///
/// # Safety
///
/// - `slot` must point to memory for a `T`, aligned and writable, that nobody else accesses meanwhile. What
///   it holds is overwritten without being dropped.
/// - After `Ok(())` the value must be treated as pinned.
pub unsafe fn raw_try_init<T, E>(slot: *mut T, init: impl PinInit<T, E>) -> Result<(), E> {
    // SAFETY: `__pinned_init` demands exactly what this function demands.
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
    /// Whatever `init` fails with. The memory is given up as if `self` had been dropped.
    fn write_init<E>(self, init: impl Init<T, E>) -> Result<Self::Initialized, E>;

    /// Initialises a pinned value.
    ///
    /// # Errors
    ///
    /// Whatever `init` fails with. The memory is given up as if `self` had been dropped.
    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E>;
}

impl<T> InPlaceWrite<T> for &'static mut MaybeUninit<T> {
    type Initialized = &'static mut T;

    fn write_init<E>(self, init: impl Init<T, E>) -> Result<&'static mut T, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: `__init` demands memory for a `T` that nobody else accesses: an exclusive reference.
        unsafe { init.__init(slot) }?;
        // SAFETY: `assume_init_mut` demands an initialised value: `Ok` above.
        Ok(unsafe { self.assume_init_mut() })
    }

    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<&'static mut T>, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: `__pinned_init` demands memory for a `T` that nobody else accesses and that stays: the
        // reference is exclusive, it never ends, and nobody but the result has it.
        unsafe { init.__pinned_init(slot) }?;
        // SAFETY: `assume_init_mut` demands an initialised value: `Ok` above.
        let value = unsafe { self.assume_init_mut() };
        // SAFETY: `new_unchecked` demands that the value never move: the reference it was made through is
        // exclusive for ever, and consumed.
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
    /// The initialiser fails with what `value_init` fails with.
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E>;
}

impl<T> Wrapper<T> for UnsafeCell<T> {
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // SAFETY: `cast_pin_init` demands that an initialised `T` be an initialised `UnsafeCell<T>`, which is
        // `repr(transparent)` around it and drops it.
        unsafe { cast_pin_init(value_init) }
    }
}

/// Only for `Unpin`: a `MaybeUninit` does not drop its content, and what pins a value owes it a destructor
/// call before the memory is reused. An entry of an intrusive list would stay on the list.
impl<T: Unpin> Wrapper<T> for MaybeUninit<T> {
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // SAFETY: `cast_pin_init` demands that an initialised `T` be an initialised `MaybeUninit<T>`, which
        // is `repr(transparent)` around it and demands nothing of its bytes. It demands that `T` be dropped
        // if it relies on being pinned; an `Unpin` type does not.
        unsafe { cast_pin_init(value_init) }
    }
}

#[cfg(feature = "unsafe-pinned")]
impl<T> Wrapper<T> for core::pin::UnsafePinned<T> {
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // SAFETY: `cast_pin_init` demands that an initialised `T` be an initialised `UnsafePinned<T>`, which
        // is `repr(transparent)` around it and drops it.
        unsafe { cast_pin_init(value_init) }
    }
}
