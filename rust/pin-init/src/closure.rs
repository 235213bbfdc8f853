// SPDX-License-Identifier: GPL-2.0

//! Initialisers made from closures and from other initialisers.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use crate::{Init, PinInit};

/// Makes an initialiser from a closure that works on raw memory.
///
/// It is meant for the implementers of pinned types; a driver uses
/// [`pin_init!`](macro@crate::pin_init).
///
/// # Safety
///
/// `f` is called with a `slot` that meets the requirements of [`PinInit::__pinned_init`].
///
/// - On `Ok(())`, `f` must have initialised `*slot`.
/// - On `Err(_)` or a panic, `f` must have left nothing to drop there.
/// - `f` must not move `*slot` once some code relies on its being pinned.
///
/// # Examples
///
/// ```
/// use pin_init::{PinInit, pin_init_from_closure, stack_pin_init};
/// use std::convert::Infallible;
///
/// fn seven() -> impl PinInit<u8> {
///     // SAFETY: `pin_init_from_closure` requires that the closure initialises `*slot`: it does.
///     unsafe {
///         pin_init_from_closure::<u8, Infallible>(|slot| {
///             slot.write(7);
///             Ok(())
///         })
///     }
/// }
///
/// stack_pin_init!(let value: u8 = seven());
/// assert_eq!(*value, 7);
/// ```
pub const unsafe fn pin_init_from_closure<T: ?Sized, E>(
    f: impl FnOnce(*mut T) -> Result<(), E>,
) -> impl PinInit<T, E> {
    PinClosure {
        f,
        phantom: PhantomData,
    }
}

/// Makes an initialiser of a movable value from a closure that works on raw memory.
///
/// # Safety
///
/// `f` is called with a `slot` that meets the requirements of [`Init::__init`].
///
/// - On `Ok(())`, `f` must have initialised `*slot`.
/// - On `Err(_)` or a panic, `f` must have left nothing to drop there.
/// - `f` must not rely on `*slot` being pinned.
pub const unsafe fn init_from_closure<T: ?Sized, E>(
    f: impl FnOnce(*mut T) -> Result<(), E>,
) -> impl Init<T, E> {
    Closure {
        f,
        phantom: PhantomData,
    }
}

/// Turns an initialiser of a `T` into one of a `U`.
///
/// # Safety
///
/// - Memory for a `U` must be memory for a `T`: at least as large and as aligned.
/// - A `*mut U` that points to an initialised, pinned `T` must point to an initialised, pinned `U`.
/// - Dropping the `U` must drop the `T`, unless `T` is `Unpin`: a pinned value may rely on its
///   destructor.
pub const unsafe fn cast_pin_init<T, U, E>(init: impl PinInit<T, E>) -> impl PinInit<U, E> {
    let f = move |slot: *mut U| {
        // SAFETY: `__pinned_init` requires memory for a `T`, pinned. `f` is only called on memory
        // for a `U`, pinned, which is that by this function's contract.
        unsafe { init.__pinned_init(slot.cast::<T>()) }
    };
    // SAFETY: the function requires that `f` initialises a `U` or leaves nothing. `init` does so
    // for a `T`, which is a `U` by this function's contract.
    unsafe { pin_init_from_closure(f) }
}

/// Turns an initialiser of a movable `T` into one of a movable `U`.
///
/// # Safety
///
/// - Memory for a `U` must be memory for a `T`: at least as large and as aligned.
/// - A `*mut U` that points to an initialised `T` must point to an initialised `U`.
pub const unsafe fn cast_init<T, U, E>(init: impl Init<T, E>) -> impl Init<U, E> {
    let f = move |slot: *mut U| {
        // SAFETY: `__init` requires memory for a `T`. `f` is only called on memory for a `U`, which
        // is that by this function's contract.
        unsafe { init.__init(slot.cast::<T>()) }
    };
    // SAFETY: the function requires that `f` initialises a `U` or leaves nothing. `init` does so
    // for a `T`, which is a `U` by this function's contract.
    unsafe { init_from_closure(f) }
}

/// Returns an initialiser that leaves the memory as it is.
///
/// # Examples
///
/// ```
/// use pin_init::{Init, init, uninit};
/// use std::convert::Infallible;
/// use std::mem::MaybeUninit;
///
/// struct Packet {
///     length: usize,
///     bytes: MaybeUninit<[u8; 1500]>,
/// }
///
/// fn empty_packet() -> impl Init<Packet> {
///     init!(Packet {
///         length: 0,
///         bytes <- uninit::<_, Infallible>(),
///     })
/// }
/// # pin_init::stack_pin_init!(let packet = empty_packet());
/// # assert_eq!(packet.length, 0);
/// ```
pub fn uninit<T, E>() -> impl Init<MaybeUninit<T>, E> {
    // SAFETY: the function requires that the closure leaves an initialised `MaybeUninit`; any
    // memory is one.
    unsafe { init_from_closure(|_| Ok(())) }
}

/// Returns an initialiser that runs `make_init`, and then the initialiser that `make_init`
/// returned.
///
/// It is for work that has to wait until the initialiser is run, or whose results several fields
/// share. `make_init` runs once, in the context in which the initialiser is run.
///
/// # Errors
///
/// The errors of `make_init` and of its initialiser.
///
/// # Examples
///
/// ```
/// use pin_init::{PinInit, pin_data, pin_init_scope, stack_try_pin_init, try_pin_init};
///
/// #[pin_data]
/// struct Port {
///     number: u16,
///     #[pin]
///     next: u16,
/// }
///
/// fn parse(text: &str) -> impl PinInit<Port, std::num::ParseIntError> {
///     pin_init_scope(move || {
///         let number: u16 = text.parse()?;
///         Ok(try_pin_init!(Port { number, next: number.saturating_add(1) }? _))
///     })
/// }
///
/// stack_try_pin_init!(let port = parse("80"));
/// assert_eq!(port.unwrap().next, 81);
/// stack_try_pin_init!(let port = parse("http"));
/// assert!(port.is_err());
/// ```
pub fn pin_init_scope<T, E, F, I, Inner>(make_init: F) -> impl PinInit<T, E>
where
    F: FnOnce() -> Result<I, E>,
    I: PinInit<T, Inner>,
    E: From<Inner>,
{
    let f = move |slot| {
        let init = make_init()?;
        // SAFETY: `__pinned_init` requires the memory that the caller of `f` has to grant.
        unsafe { init.__pinned_init(slot) }.map_err(E::from)
    };
    // SAFETY: the function requires that `f` initialises `*slot` or leaves nothing; `init` does so,
    // and nothing is written before it runs.
    unsafe { pin_init_from_closure(f) }
}

/// Returns an initialiser of a movable value that runs `make_init`, and then the initialiser that
/// `make_init` returned.
///
/// # Errors
///
/// The errors of `make_init` and of its initialiser.
pub fn init_scope<T, E, F, I, Inner>(make_init: F) -> impl Init<T, E>
where
    F: FnOnce() -> Result<I, E>,
    I: Init<T, Inner>,
    E: From<Inner>,
{
    let f = move |slot| {
        let init = make_init()?;
        // SAFETY: `__init` requires the memory that the caller of `f` has to grant.
        unsafe { init.__init(slot) }.map_err(E::from)
    };
    // SAFETY: the function requires that `f` initialises `*slot` or leaves nothing; `init` does so,
    // and nothing is written before it runs.
    unsafe { init_from_closure(f) }
}

/// A closure as a [`PinInit`].
///
/// # Invariants
///
/// `f` meets the requirements of [`pin_init_from_closure`].
struct PinClosure<F, T: ?Sized, E> {
    f: F,
    phantom: PhantomData<fn(*mut T) -> E>,
}

// SAFETY: the requirements of `PinInit` hold for `f`, by the type's invariant.
unsafe impl<F, T: ?Sized, E> PinInit<T, E> for PinClosure<F, T, E>
where
    F: FnOnce(*mut T) -> Result<(), E>,
{
    #[inline]
    unsafe fn __pinned_init(self, slot: *mut T) -> Result<(), E> {
        (self.f)(slot)
    }
}

/// A closure as an [`Init`].
///
/// # Invariants
///
/// `f` meets the requirements of [`init_from_closure`].
struct Closure<F, T: ?Sized, E> {
    f: F,
    phantom: PhantomData<fn(*mut T) -> E>,
}

// SAFETY: the requirements of `PinInit` hold for `f`, by the type's invariant.
unsafe impl<F, T: ?Sized, E> PinInit<T, E> for Closure<F, T, E>
where
    F: FnOnce(*mut T) -> Result<(), E>,
{
    #[inline]
    unsafe fn __pinned_init(self, slot: *mut T) -> Result<(), E> {
        (self.f)(slot)
    }
}

// SAFETY: the requirements of `Init` hold for `f`, by the type's invariant.
unsafe impl<F, T: ?Sized, E> Init<T, E> for Closure<F, T, E>
where
    F: FnOnce(*mut T) -> Result<(), E>,
{
    #[inline]
    unsafe fn __init(self, slot: *mut T) -> Result<(), E> {
        (self.f)(slot)
    }
}
