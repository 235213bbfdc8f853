// SPDX-License-Identifier: GPL-2.0

//! The items that the macros expand to. They are not for use by hand: anything here may change.
//!
//! Safe code can reach these items, so each is either harmless or `unsafe`. In particular:
//!
//! - A macro's closure returns [`Done`] on success. No safe code makes one. So a `return Ok(..)` in
//!   the expression of a field cannot claim that all fields are initialised.
//! - [`Slot`] and [`PinSlot`] are the right to initialise one field, once. They turn into guards,
//!   which own the field.

use core::convert::Infallible;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::MaybeUninit;
use core::pin::Pin;

use crate::{Init, PinInit, PinnedDrop, Zeroable, init_from_closure, pin_init_from_closure};

mod slot;

/// The macros name `core` through this: `core` in the caller's crate may be any crate.
pub use core;
pub use pin_init_internal::__expand as expand;

pub use slot::{FieldGuard, FieldSlot, Guard, PinGuard, PinSlot, Slot, field_slot, give_up};

/// A struct made known by [`pin_data`](crate::pin_data).
///
/// # Safety
///
/// `Self` must be a struct that can pin its fields, and [`PinData`](Self::PinData) must be right
/// about them. `#[pin_data]` writes [`__all_fields`](Self::__all_fields) so that it compiles for
/// nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `#[pin_data]`",
    label = "`pin_init!` and `#[pinned_drop]` need a struct declared with `#[pin_data]`",
    note = "without `#[pin]` fields, `init!` does as well"
)]
pub unsafe trait HasPinData {
    /// The type that knows which fields are pinned.
    type PinData: PinData<Datee = Self>;

    /// Returns the only value of that type.
    fn __pin_data() -> Self::PinData;

    /// The function by which `#[pin_data]` proves its claims about the struct. It is never called.
    fn __all_fields<'pin>(this: &'pin mut Self);
}

/// A type that knows which fields of a struct are pinned.
///
/// # Safety
///
/// For each field there must be a method of its name, `unsafe fn(self, *mut Self::Datee)`. It must
/// return the [`PinSlot`] of the field if the field is structurally pinned, and its [`Slot`]
/// otherwise.
pub unsafe trait PinData: Copy {
    /// The struct.
    type Datee: ?Sized + HasPinData;
}

/// Finds the type that a struct literal makes, without running the literal.
#[inline(always)]
pub fn pin_data_of<T: HasPinData>(_never_called: impl FnOnce() -> T) -> T::PinData {
    T::__pin_data()
}

/// Stands for any struct where pinning is not involved.
pub struct InitData<T>(PhantomData<fn(*mut T)>);

/// Finds the type that a struct literal makes, without running the literal.
#[inline(always)]
pub fn init_data_of<T>(_never_called: impl FnOnce() -> T) -> InitData<T> {
    InitData(PhantomData)
}

/// Returns the closure, and tells the compiler its type.
#[inline(always)]
pub fn pin_closure<D, F, E>(_data: D, f: F) -> F
where
    D: PinData,
    F: FnOnce(*mut D::Datee) -> Result<Done, E>,
{
    f
}

/// Returns the closure, and tells the compiler its type.
#[inline(always)]
pub fn init_closure<T, F, E>(_data: InitData<T>, f: F) -> F
where
    F: FnOnce(*mut T) -> Result<Done, E>,
{
    f
}

/// Returns the initialiser that `pin_init!` makes.
///
/// # Safety
///
/// The requirements are those of [`pin_init_from_closure`].
#[inline]
pub unsafe fn pin_init_from_macro<T, E>(
    f: impl FnOnce(*mut T) -> Result<Done, E>,
) -> impl PinInit<T, E> {
    // SAFETY: `pin_init_from_closure` requires the same as this function; the caller promises it.
    unsafe { pin_init_from_closure(move |slot| f(slot).map(|Done(())| ())) }
}

/// Returns the initialiser that `init!` makes.
///
/// # Safety
///
/// The requirements are those of [`init_from_closure`].
#[inline]
pub unsafe fn init_from_macro<T, E>(f: impl FnOnce(*mut T) -> Result<Done, E>) -> impl Init<T, E> {
    // SAFETY: `init_from_closure` requires the same as this function; the caller promises it.
    unsafe { init_from_closure(move |slot| f(slot).map(|Done(())| ())) }
}

/// Proof that all fields of a struct are initialised.
pub struct Done(());

impl Done {
    /// Claims success.
    ///
    /// # Safety
    ///
    /// Each field of the struct at hand must be initialised, and nobody else may drop it.
    #[inline(always)]
    pub unsafe fn new() -> Self {
        Self(())
    }
}

/// Zeroes a struct before the fields written out are initialised.
///
/// # Safety
///
/// `slot` must point to memory for a `T`, aligned and writable.
#[inline(always)]
pub unsafe fn zero<T: Zeroable>(slot: *mut T) {
    // SAFETY: `write_bytes` requires aligned, writable memory; this function's contract ensures it.
    unsafe { slot.write_bytes(0, 1) };
}

/// Returns a value of any type, for code that is compiled and never called.
pub fn conjure<T>() -> T {
    loop {
        core::hint::spin_loop();
    }
}

/// Returns the value that an initialiser would make, for code that is compiled and never called.
pub fn value_of_init<T>(_init: impl Init<T, Infallible>) -> T {
    conjure()
}

/// Takes a reference, which the compiler refuses for a misaligned field of a packed struct.
#[inline(always)]
pub fn can_be_referenced<T: ?Sized>(_field: &T) {}

/// The type of a field: only that of the field itself, not one that a reference to it could be
/// turned into.
pub struct FieldType<T: ?Sized>(PhantomData<fn(*mut T)>);

impl<T: ?Sized> FieldType<T> {
    /// Returns the type of the field at `_field`.
    #[inline(always)]
    pub fn of(_field: &mut T) -> Self {
        Self(PhantomData)
    }

    /// Returns the type of the field at `_field`, which may be misaligned.
    #[inline(always)]
    pub fn of_raw(_field: *mut T) -> Self {
        Self(PhantomData)
    }

    /// Compiles if `T` is [`Zeroable`].
    #[inline(always)]
    pub fn is_zeroable(self)
    where
        T: Zeroable,
    {
    }

    /// Compiles if a projection has a reference to this very type.
    #[inline(always)]
    pub fn is_in_projection<'a>(self, _projected: FieldType<&'a mut T>)
    where
        T: 'a,
    {
    }

    /// Compiles if a projection has a pinned reference to this very type.
    #[inline(always)]
    pub fn is_pinned_in_projection<'a>(self, _projected: FieldType<Pin<&'a mut T>>)
    where
        T: 'a,
    {
    }

    /// Compiles if the list of pinned fields has this very type.
    #[inline(always)]
    pub fn is_listed(self, _listed: FieldType<PhantomData<T>>) {}
}

/// A place on the stack for a pinned value.
///
/// # Invariants
///
/// `value` is initialised exactly if `initialised`.
pub struct StackSlot<T> {
    value: MaybeUninit<T>,
    initialised: bool,
    /// `value` may point into itself.
    _pinned: PhantomPinned,
}

impl<T> StackSlot<T> {
    /// Makes an empty place.
    #[inline]
    pub const fn empty() -> Self {
        // INVARIANT: the value is not initialised.
        Self {
            value: MaybeUninit::uninit(),
            initialised: false,
            _pinned: PhantomPinned,
        }
    }

    /// Initialises the place, after dropping the value that it held.
    ///
    /// # Errors
    ///
    /// The errors of `init`. The place is empty then.
    #[inline]
    pub fn init<E>(self: Pin<&mut Self>, init: impl PinInit<T, E>) -> Result<Pin<&mut T>, E> {
        // SAFETY: `get_unchecked_mut` requires that nothing is moved out; the value is only
        // initialised and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        this.clear();
        // SAFETY: `__pinned_init` requires memory for a `T` that is pinned from now on; `value` is
        // part of a pinned struct, whose `Drop` drops it.
        unsafe { init.__pinned_init(this.value.as_mut_ptr()) }?;
        // INVARIANT: `__pinned_init` returned `Ok`.
        this.initialised = true;
        // SAFETY: `assume_init_mut` requires an initialised value; `__pinned_init` returned `Ok`.
        let value = unsafe { this.value.assume_init_mut() };
        // SAFETY: `new_unchecked` requires that the value does not move; it is part of a pinned
        // struct.
        Ok(unsafe { Pin::new_unchecked(value) })
    }

    /// Drops the value, if there is one.
    fn clear(&mut self) {
        // INVARIANT: the value is given up before its destructor runs, so a panic cannot repeat it.
        if core::mem::take(&mut self.initialised) {
            // SAFETY: `assume_init_drop` requires an initialised value that is not used again; it
            // was initialised by the invariant, until the line above.
            unsafe { self.value.assume_init_drop() };
        }
    }
}

impl<T> Drop for StackSlot<T> {
    #[inline]
    fn drop(&mut self) {
        self.clear();
    }
}

/// The second parameter of [`PinnedDrop::drop`].
pub struct OnlyCallFromDrop(());

impl OnlyCallFromDrop {
    /// Allows one call of [`PinnedDrop::drop`].
    ///
    /// # Safety
    ///
    /// The function must only be called in a `Drop::drop`, and the result must only be given to
    /// that value's `PinnedDrop::drop`.
    #[inline(always)]
    pub unsafe fn new() -> Self {
        Self(())
    }
}

/// Conflicts with the blanket impl below if a `#[pin_data]` type has a `Drop`.
pub trait UsePinnedDropInsteadOfDrop {}

#[expect(
    drop_bounds,
    reason = "a type that has `Drop` itself is what this has to find"
)]
impl<T: ?Sized + Drop> UsePinnedDropInsteadOfDrop for T {}

/// Conflicts with the blanket impl below if a type has a `PinnedDrop` that nobody would call.
pub trait PinnedDropNeedsArgumentOfPinData {}

impl<T: ?Sized + PinnedDrop> PinnedDropNeedsArgumentOfPinData for T {}
