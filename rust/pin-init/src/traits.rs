// SPDX-License-Identifier: GPL-2.0

//! [`PinInit`] and [`Init`], and the values that are initialisers by themselves.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::pin::Pin;

use crate::__internal::Guard;

/// A recipe for a pinned `T`, or an error `E`.
///
/// [`pin_init!`](macro@crate::pin_init) makes it, and the owner of some memory runs it. Dropping an
/// initialiser that was not run drops the values that it has captured, and initialises nothing.
///
/// # Safety
///
/// Whatever it was called on, [`__pinned_init`](Self::__pinned_init) must
///
/// - have initialised `*slot` on `Ok(())`,
/// - have left nothing to drop in `*slot` on `Err(_)` or a panic, so that its memory can be freed
///   or reused,
/// - not move `*slot` once some code relies on its being pinned.
#[must_use = "an initialiser does nothing until it is run on some memory"]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no initialiser of a pinned `{T}` with error `{E}`",
    note = "a value initialises a field of its own type: `field: value`",
    note = "`field <- initialiser` needs an `impl PinInit<Field, E>` for a `#[pin]` field"
)]
pub unsafe trait PinInit<T: ?Sized, E = Infallible>: Sized {
    /// Initialises `*slot`.
    ///
    /// # Errors
    ///
    /// The errors of the initialiser. `*slot` is not initialised then.
    ///
    /// # Safety
    ///
    /// - `slot` must point to memory for a `T`, aligned and writable, that nobody else accesses
    ///   meanwhile. Its old content is overwritten without being dropped.
    /// - After `Ok(())` the value must be treated as pinned: not moved, and dropped before the
    ///   memory is reused.
    unsafe fn __pinned_init(self, slot: *mut T) -> Result<(), E>;

    /// Returns an initialiser that runs this one, and then calls `f` on the value.
    ///
    /// # Errors
    ///
    /// The errors of `self` and `f`. If `f` fails, the value is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use pin_init::{PinInit, pin_init, pin_data, stack_try_pin_init};
    ///
    /// #[pin_data]
    /// struct Counter {
    ///     count: u32,
    /// }
    ///
    /// let init = pin_init!(Counter { count: 1 }? &'static str);
    /// let init = init.pin_chain(|counter| {
    ///     *counter.project().count += 1;
    ///     Ok(())
    /// });
    /// stack_try_pin_init!(let counter: Counter = init);
    /// assert_eq!(counter.unwrap().count, 2);
    /// ```
    fn pin_chain<F>(self, f: F) -> ChainPinInit<Self, F, T, E>
    where
        F: FnOnce(Pin<&mut T>) -> Result<(), E>,
    {
        ChainPinInit(Chain::new(self, f))
    }
}

/// A recipe for a `T` that may be moved afterwards, or an error `E`.
///
/// [`init!`](macro@crate::init) makes it. Every value is an initialiser of its own type that cannot
/// fail. A `Result` is one that fails with its own error.
///
/// # Safety
///
/// Whatever it was called on, [`__init`](Self::__init) must
///
/// - do the same as [`__pinned_init`](PinInit::__pinned_init),
/// - not rely on `*slot` being pinned: the value may be moved once it is initialised.
#[must_use = "an initialiser does nothing until it is run on some memory"]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no initialiser of a movable `{T}` with error `{E}`",
    note = "only a `#[pin]` field, and only in `pin_init!`, takes an `impl PinInit`",
    note = "other fields take `field: value` or `field <- initialiser`, an `impl Init<Field, E>`"
)]
pub unsafe trait Init<T: ?Sized, E = Infallible>: PinInit<T, E> {
    /// Initialises `*slot`.
    ///
    /// # Errors
    ///
    /// The errors of the initialiser. `*slot` is not initialised then.
    ///
    /// # Safety
    ///
    /// `slot` must point to memory for a `T`, aligned and writable, that nobody else accesses
    /// meanwhile. Its old content is overwritten without being dropped.
    unsafe fn __init(self, slot: *mut T) -> Result<(), E>;

    /// Returns an initialiser that runs this one, and then calls `f` on the value.
    ///
    /// # Errors
    ///
    /// The errors of `self` and `f`. If `f` fails, the value is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use pin_init::{Init, init_array_from_fn, stack_try_pin_init};
    ///
    /// let init = init_array_from_fn::<_, 4, u8, &str>(|i| Ok(i as u8)).chain(|array| {
    ///     array.reverse();
    ///     Ok(())
    /// });
    /// stack_try_pin_init!(let array: [u8; 4] = init);
    /// assert_eq!(*array.unwrap(), [3, 2, 1, 0]);
    /// ```
    fn chain<F>(self, f: F) -> ChainInit<Self, F, T, E>
    where
        F: FnOnce(&mut T) -> Result<(), E>,
    {
        ChainInit(Chain::new(self, f))
    }
}

/// The initialiser that [`PinInit::pin_chain`] returns.
#[must_use = "an initialiser does nothing until it is run on some memory"]
pub struct ChainPinInit<I, F, T: ?Sized, E>(Chain<I, F, T, E>);

/// The initialiser that [`Init::chain`] returns.
#[must_use = "an initialiser does nothing until it is run on some memory"]
pub struct ChainInit<I, F, T: ?Sized, E>(Chain<I, F, T, E>);

// SAFETY: `PinInit` requires an initialised `*slot` on `Ok` and nothing to drop otherwise. On `Ok`
// the inner initialiser has run. If it or the function fails or panics, the initialiser or the
// guard leaves nothing. The function gets a pinned reference, and nothing moves the value.
unsafe impl<I, F, T: ?Sized, E> PinInit<T, E> for ChainPinInit<I, F, T, E>
where
    I: PinInit<T, E>,
    F: FnOnce(Pin<&mut T>) -> Result<(), E>,
{
    #[inline]
    unsafe fn __pinned_init(self, slot: *mut T) -> Result<(), E> {
        // SAFETY: `__pinned_init` requires exactly the same as this function; the caller promises
        // it.
        unsafe { self.0.init.__pinned_init(slot) }?;
        // SAFETY: `new` requires an initialised value that nobody else drops. The initialiser has
        // just returned `Ok`, and the caller only owns the value once this function returns `Ok`.
        let mut guard = unsafe { Guard::new(slot) };
        // SAFETY: `new_unchecked` requires a pinned value; it is pinned from `Ok` above on, by this
        // function's contract.
        (self.0.then)(unsafe { Pin::new_unchecked(guard.as_mut()) })?;
        core::mem::forget(guard);
        Ok(())
    }
}

// SAFETY: `PinInit` requires the same as `Init`, whose implementation below does the work.
unsafe impl<I, F, T: ?Sized, E> PinInit<T, E> for ChainInit<I, F, T, E>
where
    I: Init<T, E>,
    F: FnOnce(&mut T) -> Result<(), E>,
{
    #[inline]
    unsafe fn __pinned_init(self, slot: *mut T) -> Result<(), E> {
        // SAFETY: `__init` requires less than this function does; the caller promises it.
        unsafe { self.__init(slot) }
    }
}

// SAFETY: `Init` requires an initialised `*slot` on `Ok` and nothing to drop otherwise. On `Ok` the
// inner initialiser has run. If it or the function fails or panics, the initialiser or the guard
// leaves nothing.
unsafe impl<I, F, T: ?Sized, E> Init<T, E> for ChainInit<I, F, T, E>
where
    I: Init<T, E>,
    F: FnOnce(&mut T) -> Result<(), E>,
{
    #[inline]
    unsafe fn __init(self, slot: *mut T) -> Result<(), E> {
        // SAFETY: `__init` requires exactly the same as this function; the caller promises it.
        unsafe { self.0.init.__init(slot) }?;
        // SAFETY: `new` requires an initialised value that nobody else drops. The initialiser has
        // just returned `Ok`, and the caller only owns the value once this function returns `Ok`.
        let mut guard = unsafe { Guard::new(slot) };
        (self.0.then)(guard.as_mut())?;
        core::mem::forget(guard);
        Ok(())
    }
}

// SAFETY: `PinInit` requires an initialised `*slot` on `Ok`; `self` is moved there.
unsafe impl<T> PinInit<T> for T {
    #[inline]
    unsafe fn __pinned_init(self, slot: *mut T) -> Result<(), Infallible> {
        // SAFETY: `__init` requires less than this function does; the caller promises it.
        unsafe { self.__init(slot) }
    }
}

// SAFETY: `Init` requires an initialised `*slot` on `Ok`; `self` is moved there.
unsafe impl<T> Init<T> for T {
    #[inline]
    unsafe fn __init(self, slot: *mut T) -> Result<(), Infallible> {
        // SAFETY: `write` requires aligned, writable memory; it is that by this function's
        // contract.
        unsafe { slot.write(self) };
        Ok(())
    }
}

// SAFETY: `PinInit` requires an initialised `*slot` on `Ok`, and nothing in it otherwise; a value
// is moved there, and an error is returned.
unsafe impl<T, E> PinInit<T, E> for Result<T, E> {
    #[inline]
    unsafe fn __pinned_init(self, slot: *mut T) -> Result<(), E> {
        // SAFETY: `__init` requires less than this function does; the caller promises it.
        unsafe { self.__init(slot) }
    }
}

// SAFETY: `Init` requires an initialised `*slot` on `Ok`, and nothing in it otherwise; a value is
// moved there, and an error is returned.
unsafe impl<T, E> Init<T, E> for Result<T, E> {
    #[inline]
    unsafe fn __init(self, slot: *mut T) -> Result<(), E> {
        let value = self?;
        // SAFETY: `write` requires aligned, writable memory; it is that by this function's
        // contract.
        unsafe { slot.write(value) };
        Ok(())
    }
}

/// An initialiser and the function to call afterwards.
struct Chain<I, F, T: ?Sized, E> {
    init: I,
    then: F,
    /// `T` and `E` are inputs and outputs of `then`, never stored.
    phantom: PhantomData<fn(*mut T) -> E>,
}

impl<I, F, T: ?Sized, E> Chain<I, F, T, E> {
    /// Joins the two.
    fn new(init: I, then: F) -> Self {
        Self {
            init,
            then,
            phantom: PhantomData,
        }
    }
}
