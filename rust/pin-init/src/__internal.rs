// SPDX-License-Identifier: GPL-2.0

//! What the macros expand to. Not for use by hand: anything here may change.
//!
//! Safe code can reach these items, so each is either harmless or `unsafe`. In particular:
//!
//! - [`Done`] is what a macro's closure returns on success. Nothing safe makes one, so a `return Ok(..)` in
//!   a field's expression cannot claim that all fields are initialised.
//! - [`Slot`] and [`PinSlot`] are the right to initialise one field, once. The guards they turn into own it.

use core::convert::Infallible;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::MaybeUninit;
use core::pin::Pin;

use crate::{Init, PinInit, PinnedDrop, Zeroable, init_from_closure, pin_init_from_closure};

mod slot;

/// What the macros name of it: `core` in the caller's crate may be any crate.
pub use core;
pub use pin_init_internal::__expand as expand;

pub use slot::{FieldGuard, FieldSlot, Guard, PinGuard, PinSlot, Slot, field_slot, give_up};

/// A struct made known by [`pin_data`](crate::pin_data).
///
/// # Safety
///
/// `Self` must be a struct that can pin its fields, and [`PinData`](Self::PinData) must be right about them.
/// `#[pin_data]` writes [`__all_fields`](Self::__all_fields) so that it compiles for nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `#[pin_data]`",
    label = "`pin_init!` and `#[pinned_drop]` need a struct declared with `#[pin_data]`",
    note = "without `#[pin]` fields, `init!` does as well"
)]
pub unsafe trait HasPinData {
    /// Knows which fields are pinned.
    type PinData: PinData<Datee = Self>;

    /// The one value.
    fn __pin_data() -> Self::PinData;

    /// Where `#[pin_data]` shows that the struct is as it says. Never called.
    fn __all_fields<'pin>(this: &'pin mut Self);
}

/// Knows which fields of a struct are pinned.
///
/// # Safety
///
/// For each field there must be a method of its name, `unsafe fn(self, *mut Self::Datee)`, that returns the
/// [`PinSlot`] of the field if it is structurally pinned and its [`Slot`] otherwise.
pub unsafe trait PinData: Copy {
    /// The struct.
    type Datee: ?Sized + HasPinData;
}

/// Tells the type that a struct literal makes, without running the literal.
#[inline(always)]
pub fn pin_data_of<T: HasPinData>(_never_called: impl FnOnce() -> T) -> T::PinData {
    T::__pin_data()
}

/// Stands for any struct where pinning plays no part.
pub struct InitData<T>(PhantomData<fn(*mut T)>);

/// Tells the type that a struct literal makes, without running the literal.
#[inline(always)]
pub fn init_data_of<T>(_never_called: impl FnOnce() -> T) -> InitData<T> {
    InitData(PhantomData)
}

/// Returns the closure; tells the compiler its type.
#[inline(always)]
pub fn pin_closure<D, F, E>(_data: D, f: F) -> F
where
    D: PinData,
    F: FnOnce(*mut D::Datee) -> Result<Done, E>,
{
    f
}

/// Returns the closure; tells the compiler its type.
#[inline(always)]
pub fn init_closure<T, F, E>(_data: InitData<T>, f: F) -> F
where
    F: FnOnce(*mut T) -> Result<Done, E>,
{
    f
}

/// The initialiser that `pin_init!` makes.
///
/// # Safety
///
/// As for [`pin_init_from_closure`].
#[inline]
pub unsafe fn pin_init_from_macro<T, E>(
    f: impl FnOnce(*mut T) -> Result<Done, E>,
) -> impl PinInit<T, E> {
    // SAFETY: `pin_init_from_closure` demands what this function demands.
    unsafe { pin_init_from_closure(move |slot| f(slot).map(|Done(())| ())) }
}

/// The initialiser that `init!` makes.
///
/// # Safety
///
/// As for [`init_from_closure`].
#[inline]
pub unsafe fn init_from_macro<T, E>(f: impl FnOnce(*mut T) -> Result<Done, E>) -> impl Init<T, E> {
    // SAFETY: `init_from_closure` demands what this function demands.
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
    // SAFETY: `write_bytes` demands aligned, writable memory: this function's contract.
    unsafe { slot.write_bytes(0, 1) };
}

/// A value of any type, for code that is compiled and never called.
pub fn conjure<T>() -> T {
    loop {
        core::hint::spin_loop();
    }
}

/// The value that an initialiser would make, for code that is compiled and never called.
pub fn value_of_init<T>(_init: impl Init<T, Infallible>) -> T {
    conjure()
}

/// Takes a reference, which the compiler refuses for a misaligned field of a packed struct.
#[inline(always)]
pub fn can_be_referenced<T: ?Sized>(_field: &T) {}

/// The type of a field: of the field itself, and of nothing that a reference to it could be turned into.
pub struct FieldType<T: ?Sized>(PhantomData<fn(*mut T)>);

impl<T: ?Sized> FieldType<T> {
    /// The type of the field at `_field`.
    #[inline(always)]
    pub fn of(_field: &mut T) -> Self {
        Self(PhantomData)
    }

    /// The type of the field at `_field`, which may be misaligned.
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

    /// Compiles if a projection has a reference to the very type.
    #[inline(always)]
    pub fn is_in_projection<'a>(self, _projected: FieldType<&'a mut T>)
    where
        T: 'a,
    {
    }

    /// Compiles if a projection has a pinned reference to the very type.
    #[inline(always)]
    pub fn is_pinned_in_projection<'a>(self, _projected: FieldType<Pin<&'a mut T>>)
    where
        T: 'a,
    {
    }

    /// Compiles if the list of pinned fields has the very type.
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
    /// An empty place.
    #[inline]
    pub const fn empty() -> Self {
        // INVARIANT: not initialised.
        Self {
            value: MaybeUninit::uninit(),
            initialised: false,
            _pinned: PhantomPinned,
        }
    }

    /// Initialises the place, after dropping what it held.
    ///
    /// # Errors
    ///
    /// Whatever `init` fails with. The place is empty then.
    #[inline]
    pub fn init<E>(self: Pin<&mut Self>, init: impl PinInit<T, E>) -> Result<Pin<&mut T>, E> {
        // SAFETY: `get_unchecked_mut` demands that nothing be moved out: the value is only initialised and
        // dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        this.clear();
        // SAFETY: `__pinned_init` demands memory for a `T` that is pinned from now on: `value` is part of a
        // pinned struct, whose `Drop` drops it.
        unsafe { init.__pinned_init(this.value.as_mut_ptr()) }?;
        // INVARIANT: `Ok` above.
        this.initialised = true;
        // SAFETY: `assume_init_mut` demands an initialised value: `Ok` above.
        let value = unsafe { this.value.assume_init_mut() };
        // SAFETY: `new_unchecked` demands that the value not move: it is part of a pinned struct.
        Ok(unsafe { Pin::new_unchecked(value) })
    }

    /// Drops the value, if there is one.
    fn clear(&mut self) {
        // INVARIANT: given up before the destructor runs, so that a panic cannot repeat it.
        if core::mem::take(&mut self.initialised) {
            // SAFETY: `assume_init_drop` demands an initialised value, not used again: the invariant, until
            // the line above.
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
    /// Only to be called in a `Drop::drop`, and only to be given to that value's `PinnedDrop::drop`.
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
