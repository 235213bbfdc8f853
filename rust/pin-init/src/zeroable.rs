// SPDX-License-Identifier: GPL-2.0

//! Types of which all zero bytes are a value.
//!
//! The list of such types of `core` is in `zeroable_impls.rs`.

use core::mem::MaybeUninit;

use crate::{Init, init_from_closure};

/// A type of which all zero bytes are a value.
///
/// Derive it with [`Zeroable`](derive@crate::Zeroable). In `init!` and its siblings,
/// `..Zeroable::init_zeroed()` zeroes the fields that are not written out.
///
/// # Safety
///
/// Memory of the size of `Self` that holds nothing but zero bytes must be an initialised `Self`.
///
/// # Examples
///
/// ```
/// use pin_init::{Zeroable, init, stack_pin_init};
///
/// #[derive(Zeroable)]
/// struct Registers {
///     control: u32,
///     status: u32,
///     address: *mut u8,
/// }
///
/// assert_eq!(Registers::zeroed().status, 0);
///
/// stack_pin_init!(let registers = init!(Registers {
///     control: 1,
///     ..Zeroable::init_zeroed()
/// }));
/// assert_eq!((registers.control, registers.status), (1, 0));
/// assert!(registers.address.is_null());
/// ```
#[diagnostic::on_unimplemented(
    message = "all zero bytes are not known to be a value of `{Self}`",
    label = "`{Self}` is not `Zeroable`",
    note = "`#[derive(Zeroable)]` is possible if each field is `Zeroable`"
)]
pub unsafe trait Zeroable {
    /// Returns an initialiser that writes zero bytes. It builds nothing on the stack.
    #[inline]
    fn init_zeroed() -> impl Init<Self>
    where
        Self: Sized,
    {
        init_zeroed()
    }

    /// Returns the value of all zero bytes.
    #[inline]
    fn zeroed() -> Self
    where
        Self: Sized,
    {
        zeroed()
    }

    /// The function by which a derive macro proves its claims about the type. It does nothing.
    #[doc(hidden)]
    #[inline]
    fn __all_fields(_this: &mut Self) {}
}

/// A type `T` whose `Option<T>` is `None` if all its bytes are zero.
///
/// # Safety
///
/// Memory of the size of an `Option<Self>` that holds nothing but zero bytes must be `None`.
pub unsafe trait ZeroableOption {}

// SAFETY: `Zeroable` requires that all zero bytes are a value; they are `None`, by the contract of
// `ZeroableOption`.
unsafe impl<T: ZeroableOption> Zeroable for Option<T> {}

/// Returns an initialiser that writes zero bytes. It builds nothing on the stack.
///
/// # Examples
///
/// ```
/// use pin_init::{init_zeroed, stack_pin_init};
///
/// stack_pin_init!(let buffer: [u8; 16] = init_zeroed());
/// assert_eq!(*buffer, [0; 16]);
/// ```
#[inline]
pub fn init_zeroed<T: Zeroable>() -> impl Init<T> {
    let f = |slot: *mut T| {
        // SAFETY: `write_bytes` requires aligned, writable memory for a `T`; the caller of `f` has
        // to grant it.
        unsafe { slot.write_bytes(0, 1) };
        Ok(())
    };
    // SAFETY: the function requires that `f` initialises `*slot`; it does, by the contract of
    // `Zeroable`.
    unsafe { init_from_closure(f) }
}

/// Returns the value of all zero bytes. It can be called at compile time.
///
/// # Examples
///
/// ```
/// static TABLE: [u32; 64] = pin_init::zeroed();
/// assert_eq!(TABLE[63], 0);
/// ```
#[inline]
pub const fn zeroed<T: Zeroable>() -> T {
    // SAFETY: `assume_init` requires an initialised value; all zero bytes are one, as `T` is
    // `Zeroable`.
    unsafe { MaybeUninit::zeroed().assume_init() }
}
