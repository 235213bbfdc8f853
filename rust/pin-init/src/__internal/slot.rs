// SPDX-License-Identifier: GPL-2.0

//! Fields on their way: the right to initialise one, and its ownership until the struct is complete.

use core::pin::Pin;

use crate::{Init, PinInit};

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
