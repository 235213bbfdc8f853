// SPDX-License-Identifier: GPL-2.0

//! [`Nest`]: a value, and another that borrows from it.
//!
//! C header: none.

use core::{cell::Cell, marker::PhantomData, marker::PhantomPinned, pin::Pin, ptr, ptr::NonNull};

use pin_init::{PinInit, pin_init_from_closure};

use super::{
    CovariantForLt, ForLt,
    for_lt::{erase, restore},
    scope_guard::ScopeGuard,
};

/// An owner, and a dependant `F::Of<'x>` that borrows from it for `'x`. Both are made where they
/// stay.
///
/// The dependant is dropped first. Field `b` of a struct cannot borrow from field `a`. A `Nest` of
/// both can be a field, even of another `Nest`. A value that calls back into a driver (a handler, a
/// child device) must be owned by a [`Scope`](crate::scope::Scope) instead. It may borrow a `Nest`
/// that is part of the driver's data.
///
/// Forgetting a `Nest` forgets both.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, types::{CovariantForLt, Nest}};
///
/// /// Finds words in a text that it does not own.
/// struct Finder<'x> {
///     text: &'x str,
/// }
///
/// #[pin_data]
/// struct Book {
///     #[pin]
///     nest: Nest<[u8; 5], CovariantForLt!(Finder<'_>)>,
/// }
///
/// fn book() -> impl PinInit<Book, Error> {
///     try_pin_init!(Book {
///         nest <- Nest::new::<Error, _>(*b"a b c", |text, slot| {
///             let text = core::str::from_utf8(text.get_ref()).map_err(|_| EINVAL)?;
///             slot.fill(Finder { text })
///         }),
///     })
/// }
///
/// # fn main() -> Result {
/// let book = KBox::pin_init(book(), GFP_KERNEL)?;
/// assert_eq!(book.nest.dependant().text.find('b'), Some(2));
/// assert_eq!(book.nest.owner()[4], b'c');
/// # Ok(())
/// # }
/// ```
///
/// # Invariants
///
/// - NEST-PINNED: until the dependant is dropped, the owner is not moved. It only changes in the
///   ways that it allows itself on a shared reference.
/// - NEST-BORROWS: the dependant borrows only from the owner and from values that outlive every
///   lifetime of `O`.
pub struct Nest<O, F: ForLt> {
    // The fields are in the order of their drops.
    dependant: F::Of<'static>,
    owner: O,
    /// Shared references to the owner exist while the whole is borrowed for writing.
    _pinned: PhantomPinned,
    /// No lifetime of the owner may change afterwards. The existence of `&'x O` tells `build` that
    /// each of them outlives `'x`, so the dependant may borrow for any of them. The field of type
    /// `O` keeps the value from outliving the values that it borrows.
    _owner: PhantomData<fn(O) -> O>,
}

impl<O, F: ForLt> Nest<O, F> {
    /// Returns an initialiser that makes the owner. It then calls `build`, which makes the
    /// dependant by [`Slot::fill`].
    ///
    /// `build` works for any `'x`. So the dependant can borrow the owner, and all values that live
    /// as long as each lifetime in the owner's type. It can borrow none that ends earlier.
    ///
    /// # Errors
    ///
    /// The errors of `owner` and `build`. The parts made so far are then dropped, in reverse order.
    pub fn new<E, FromOwner>(
        owner: impl PinInit<O, FromOwner>,
        build: impl for<'x> FnOnce(Pin<&'x O>, Slot<'x, F>) -> Result<Filled<'x>, E>,
    ) -> impl PinInit<Self, E>
    where
        E: From<FromOwner>,
    {
        let init = move |place: *mut Self| {
            // SAFETY: the place expression requires memory for a `Nest`; the slot is that.
            let owner_place = unsafe { &raw mut (*place).owner };
            // SAFETY: the place expression requires the same.
            let dependant_place = unsafe { &raw mut (*place).dependant };
            // SAFETY: `__pinned_init` requires memory that stays in place; `pin_init_from_closure`
            // grants that.
            unsafe { owner.__pinned_init(owner_place) }?;
            let owner_guard = ScopeGuard::new_with_data(owner_place, |owner| {
                // SAFETY: `drop_in_place` requires an initialised value that nobody uses. The owner
                // was initialised above. Its dependant was not made, or is dropped (below, in
                // reverse order).
                unsafe { ptr::drop_in_place(owner) }
            });
            let filled = Cell::new(false);
            let dependant_guard = ScopeGuard::new_with_data(dependant_place, |dependant| {
                if filled.get() {
                    // SAFETY: `drop_in_place` requires an initialised value; `Slot::fill` has
                    // initialised it.
                    unsafe { ptr::drop_in_place(dependant) }
                }
            });
            // SAFETY: the reference requires an initialised value that is only shared; it was
            // initialised above, and is only shared until it is dropped (NEST-PINNED).
            let owner_ref = unsafe { &*owner_place };
            // SAFETY: `new_unchecked` requires that the owner stays in place; it does
            // (NEST-PINNED).
            let owner_ref = unsafe { Pin::new_unchecked(owner_ref) };
            // SAFETY: `new_unchecked` requires a pointer that is not null; a place in memory is not
            // null.
            let place = unsafe { NonNull::new_unchecked(dependant_place) };
            let slot = Slot {
                place,
                filled: &filled,
                _lifetime: PhantomData,
            };
            // The result shows that the slot was filled: only `fill` of this slot makes it.
            let Filled { .. } = build(owner_ref, slot)?;
            dependant_guard.dismiss();
            owner_guard.dismiss();
            Ok(())
        };
        // INVARIANT: NEST-BORROWS: `build` works for any `'x`. Of its captured values, it can only
        // use those that outlive a lifetime that outlives `'x`: one of `O`, or `'static`.
        // SAFETY: `pin_init_from_closure` requires that all fields are initialised on `Ok`, and
        // none on `Err`; the guards ensure it. The markers have no bytes to initialise.
        unsafe { pin_init_from_closure(init) }
    }

    /// Returns the owner.
    ///
    /// Context: any context.
    pub fn owner(&self) -> Pin<&O> {
        // SAFETY: `new_unchecked` requires that the owner stays in place; a `Nest` is made in place
        // and stays there (NEST-PINNED).
        unsafe { Pin::new_unchecked(&self.owner) }
    }

    /// Calls `f` with the dependant, whose lifetime `f` cannot choose.
    ///
    /// Context: any context.
    pub fn with<R>(&self, f: impl for<'r, 'x> FnOnce(Pin<&'r F::Of<'x>>) -> R) -> R {
        // SAFETY: `stored` requires that `f` cannot choose the lifetime; `f` works for any
        // lifetime.
        f(unsafe { self.stored() })
    }

    /// Returns the dependant, for a lifetime of the caller's choice.
    ///
    /// # Safety
    ///
    /// The user of the result must not be able to choose `'x`, unless `F` is covariant and `'x`
    /// ends with the borrow.
    unsafe fn stored<'r, 'x: 'r>(&'r self) -> Pin<&'r F::Of<'x>> {
        // SAFETY: `restore` has these requirements.
        // 1. The pointer comes from `erase`: `new` has erased it.
        // 2. The value borrows from nothing that ends before `'x`. It borrows from the owner, which
        //    outlives it (NEST-PINNED). It also borrows from values that outlive the lifetimes of
        //    `O` (NEST-BORROWS); these are the lifetimes that `O` had in `new`, as `Nest` is
        //    invariant in it.
        // 3. The user cannot choose the lifetime: the caller ensures it.
        let dependant = unsafe { restore::<F>(NonNull::from(&self.dependant)) };
        // SAFETY: `as_ref` requires a live value for the lifetime; it is borrowed with `self`.
        let dependant = unsafe { dependant.as_ref() };
        // SAFETY: `new_unchecked` requires that the value stays in place; it does, as the whole
        // does.
        unsafe { Pin::new_unchecked(dependant) }
    }
}

impl<O, F: CovariantForLt> Nest<O, F> {
    /// Returns the dependant, for a type whose lifetime can be shortened.
    ///
    /// Context: any context.
    pub fn dependant(&self) -> Pin<&F::Of<'_>> {
        // SAFETY: `stored` requires that `F` is covariant and that the lifetime ends with the
        // borrow; both hold here.
        unsafe { self.stored() }
    }
}

/// Tells the compiler that the values that the owner borrows are used until the end. The dependant
/// uses them, and its type does not show it.
impl<O, F: ForLt> Drop for Nest<O, F> {
    fn drop(&mut self) {}
}

/// The place of the dependant of a [`Nest`], to be filled once.
pub struct Slot<'x, F: ForLt> {
    place: NonNull<F::Of<'static>>,
    filled: &'x Cell<bool>,
    _lifetime: Invariant<'x>,
}

/// Shows that a [`Slot`] was filled.
#[must_use = "to be returned from the function that was given the slot"]
pub struct Filled<'x> {
    _lifetime: Invariant<'x>,
}

/// A marker that keeps the lifetimes of different slots apart.
type Invariant<'x> = PhantomData<fn(&'x ()) -> &'x ()>;

impl<'x, F: ForLt> Slot<'x, F> {
    /// Makes the dependant in its place.
    ///
    /// # Errors
    ///
    /// The errors of the initialiser; nothing is made then.
    pub fn fill<E, FromInit>(
        self,
        dependant: impl PinInit<F::Of<'x>, FromInit>,
    ) -> Result<Filled<'x>, E>
    where
        E: From<FromInit>,
    {
        // SAFETY: `restore` requires a pointer from `erase`, and a lifetime that its user cannot
        // choose. `Nest::new` has the place for an `F::Of<'static>`, which differs only in its
        // lifetime. A `Nest` gives the value out again only for lifetimes that nobody can choose.
        let place = unsafe { restore::<F>(self.place) };
        // SAFETY: `__pinned_init` requires memory of that type that stays in place; the slot is
        // that. It is not initialised yet, since a slot is filled once.
        unsafe { dependant.__pinned_init(place.as_ptr()) }?;
        debug_assert_eq!(erase::<F>(place), self.place);
        self.filled.set(true);
        Ok(Filled {
            _lifetime: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests;
