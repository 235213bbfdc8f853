// SPDX-License-Identifier: GPL-2.0

//! Fields during initialisation: the right to initialise one, and its ownership until the struct is
//! complete.

use core::pin::Pin;

use crate::{Init, PinInit};

/// The right to initialise one field that is not pinned.
pub struct Slot<T: ?Sized>(*mut T);

impl<T: ?Sized> Slot<T> {
    /// Takes over the memory of a field.
    ///
    /// # Safety
    ///
    /// `field` must point to memory for a `T`, aligned, writable and not initialised. The memory
    /// must be usable as long as this slot and the [`Guard`] made from it live. Nobody else may
    /// initialise it.
    #[inline(always)]
    pub unsafe fn new(field: *mut T) -> Self {
        Self(field)
    }

    /// Runs an initialiser.
    #[inline(always)]
    pub fn init<E>(self, init: impl Init<T, E>) -> Result<Guard<T>, E> {
        // SAFETY: `__init` requires memory for a `T` that nobody else uses; the caller of `new`
        // promised it.
        unsafe { init.__init(self.0) }?;
        // SAFETY: `Guard::new` requires an initialised value that nobody else uses; `__init`
        // returned `Ok`.
        Ok(unsafe { Guard::new(self.0) })
    }
}

impl<T> Slot<T> {
    /// Moves a value in.
    #[inline(always)]
    pub fn write(self, value: T) -> Guard<T> {
        // SAFETY: `write` requires memory for a `T`, writable and aligned; the caller of `new`
        // promised it.
        unsafe { self.0.write(value) };
        // SAFETY: `Guard::new` requires an initialised value that nobody else uses; it was written
        // above.
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
    /// The requirements are those of [`Slot::new`]. In addition, the field must stay where it is
    /// until it is dropped.
    #[inline(always)]
    pub unsafe fn new(field: *mut T) -> Self {
        Self(field)
    }

    /// Runs an initialiser.
    #[inline(always)]
    pub fn init<E>(self, init: impl PinInit<T, E>) -> Result<PinGuard<T>, E> {
        // SAFETY: `__pinned_init` requires memory for a `T` that nobody else uses and that is
        // pinned from now on; the caller of `new` promised it.
        unsafe { init.__pinned_init(self.0) }?;
        // SAFETY: `Guard::new` requires an initialised value that nobody else uses; `__pinned_init`
        // returned `Ok`.
        Ok(PinGuard(unsafe { Guard::new(self.0) }))
    }
}

impl<T> PinSlot<T> {
    /// Moves a value in.
    #[inline(always)]
    pub fn write(self, value: T) -> PinGuard<T> {
        // SAFETY: `write` requires memory for a `T`, writable and aligned; the caller of `new`
        // promised it.
        unsafe { self.0.write(value) };
        // SAFETY: `Guard::new` requires an initialised value that nobody else uses; it was written
        // above.
        PinGuard(unsafe { Guard::new(self.0) })
    }
}

/// Ensures that a macro uses one of the slots above and not a look-alike.
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

// SAFETY: the trait requires that the type is one of the two; it is.
unsafe impl<T: ?Sized> FieldSlot for Slot<T> {}

// SAFETY: the trait requires that the type is one of the two; it is.
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
    /// `field` must point to an initialised value that nobody else drops or accesses as long as the
    /// guard lives.
    #[inline(always)]
    pub unsafe fn new(field: *mut T) -> Self {
        // INVARIANT: this function's contract.
        Self(field)
    }

    /// Borrows the value, for no longer than the guard is borrowed.
    #[inline(always)]
    pub(crate) fn as_mut(&mut self) -> &mut T {
        // SAFETY: the dereference requires an initialised value that nobody else accesses; it is
        // one by the invariant.
        unsafe { &mut *self.0 }
    }
}

impl<T: ?Sized> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `drop_in_place` requires an initialised value that is not used again; it is one
        // by the invariant.
        unsafe { self.0.drop_in_place() };
    }
}

/// Owns an initialised, pinned field until the struct is complete.
///
/// # Invariants
///
/// The value stays where it is until it is dropped.
pub struct PinGuard<T: ?Sized>(Guard<T>);

/// The access that the entries after a field have to it. The reference cannot outlive the guard,
/// hence not the initialiser.
pub trait FieldGuard {
    /// `&mut Field` or `Pin<&mut Field>`.
    type Access<'a>
    where
        Self: 'a;

    /// Borrows the field.
    fn access(&mut self) -> Self::Access<'_>;
}

/// Ends the ownership of a field without dropping the field, which then belongs to the finished
/// struct.
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
        // SAFETY: `new_unchecked` requires that the value does not move; it does not by the type's
        // invariant.
        unsafe { Pin::new_unchecked(self.0.as_mut()) }
    }
}
