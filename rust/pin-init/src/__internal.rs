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

/// A struct made known by [`pin_data`](crate::pin_data).
///
/// # Safety
///
/// Only `#[pin_data]` may write an implementation.
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

/// Compiles if `T` is [`Zeroable`].
#[inline(always)]
pub fn is_zeroable<T: ?Sized + Zeroable>() {}

/// The right to initialise one field that is not pinned.
pub struct Slot<T: ?Sized>(*mut T);

impl<T: ?Sized> Slot<T> {
    /// Takes over the memory of a field.
    ///
    /// # Safety
    ///
    /// `field` must point to memory for a `T`, aligned, writable, not initialised, and usable as long as
    /// this and the [`Guard`] made from it live. Nobody else may initialise it.
    #[inline(always)]
    pub unsafe fn new(field: *mut T) -> Self {
        Self(field)
    }

    /// Runs an initialiser.
    #[inline(always)]
    pub fn init<E>(self, init: impl Init<T, E>) -> Result<Guard<T>, E> {
        // SAFETY: `__init` demands memory for a `T` of our own: what `new` was promised.
        unsafe { init.__init(self.0) }?;
        // SAFETY: `Guard::new` demands an initialised value of our own: `Ok` above.
        Ok(unsafe { Guard::new(self.0) })
    }
}

impl<T> Slot<T> {
    /// Moves a value in.
    #[inline(always)]
    pub fn write(self, value: T) -> Guard<T> {
        // SAFETY: `write` demands memory for a `T`, writable and aligned: what `new` was promised.
        unsafe { self.0.write(value) };
        // SAFETY: `Guard::new` demands an initialised value of our own: written above.
        unsafe { Guard::new(self.0) }
    }
}

/// The right to initialise one pinned field.
pub struct PinSlot<T: ?Sized>(*mut T);

impl<T: ?Sized> PinSlot<T> {
    /// Takes over the memory of a field.
    ///
    /// # Safety
    ///
    /// As for [`Slot::new`]. In addition, the field must stay where it is until it is dropped.
    #[inline(always)]
    pub unsafe fn new(field: *mut T) -> Self {
        Self(field)
    }

    /// Runs an initialiser.
    #[inline(always)]
    pub fn init<E>(self, init: impl PinInit<T, E>) -> Result<PinGuard<T>, E> {
        // SAFETY: `__pinned_init` demands memory for a `T` of our own that is pinned from now on: what `new`
        // was promised.
        unsafe { init.__pinned_init(self.0) }?;
        // SAFETY: `Guard::new` demands an initialised value of our own: `Ok` above.
        Ok(PinGuard(unsafe { Guard::new(self.0) }))
    }
}

impl<T> PinSlot<T> {
    /// Moves a value in.
    #[inline(always)]
    pub fn write(self, value: T) -> PinGuard<T> {
        // SAFETY: `write` demands memory for a `T`, writable and aligned: what `new` was promised.
        unsafe { self.0.write(value) };
        // SAFETY: `Guard::new` demands an initialised value of our own: written above.
        PinGuard(unsafe { Guard::new(self.0) })
    }
}

/// Makes sure that a macro deals with one of the slots above and not with a look-alike.
#[inline(always)]
pub fn field_slot<S: FieldSlot>(slot: S) -> S {
    slot
}

/// [`Slot`] or [`PinSlot`].
///
/// # Safety
///
/// Nobody else may implement this.
pub unsafe trait FieldSlot {}

// SAFETY: one of the two.
unsafe impl<T: ?Sized> FieldSlot for Slot<T> {}

// SAFETY: one of the two.
unsafe impl<T: ?Sized> FieldSlot for PinSlot<T> {}

/// Owns an initialised field until the struct is complete.
///
/// # Invariants
///
/// The pointer is to an initialised value that this guard alone may drop.
pub struct Guard<T: ?Sized>(*mut T);

impl<T: ?Sized> Guard<T> {
    /// Takes over an initialised value.
    ///
    /// # Safety
    ///
    /// `field` must point to an initialised value that nobody else drops or accesses as long as the guard
    /// lives.
    #[inline(always)]
    pub unsafe fn new(field: *mut T) -> Self {
        // INVARIANT: this function's contract.
        Self(field)
    }

    /// The value, for no longer than the guard is borrowed.
    #[inline(always)]
    pub(crate) fn as_mut(&mut self) -> &mut T {
        // SAFETY: the dereference demands an initialised value that nobody else accesses: the invariant.
        unsafe { &mut *self.0 }
    }
}

impl<T: ?Sized> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `drop_in_place` demands an initialised value that is not used again: the invariant.
        unsafe { self.0.drop_in_place() };
    }
}

/// Owns an initialised, pinned field until the struct is complete.
///
/// # Invariants
///
/// The value stays where it is until it is dropped.
pub struct PinGuard<T: ?Sized>(Guard<T>);

/// How the entries after a field see it. The reference cannot outlive the guard, hence not the initialiser.
pub trait FieldGuard {
    /// `&mut Field` or `Pin<&mut Field>`.
    type Access<'a>
    where
        Self: 'a;

    /// Borrows the field.
    fn access(&mut self) -> Self::Access<'_>;
}

/// Ends the ownership of a field without dropping it: it belongs to the finished struct.
#[inline(always)]
pub fn give_up<G: FieldGuard>(guard: G) {
    core::mem::forget(guard);
}

impl<T: ?Sized> FieldGuard for Guard<T> {
    type Access<'a>
        = &'a mut T
    where
        Self: 'a;

    #[inline(always)]
    fn access(&mut self) -> &mut T {
        self.as_mut()
    }
}

impl<T: ?Sized> FieldGuard for PinGuard<T> {
    type Access<'a>
        = Pin<&'a mut T>
    where
        Self: 'a;

    #[inline(always)]
    fn access(&mut self) -> Pin<&mut T> {
        // SAFETY: `new_unchecked` demands that the value not move: the type's invariant.
        unsafe { Pin::new_unchecked(self.0.as_mut()) }
    }
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
