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

/// An owner, and a dependant `F::Of<'x>` that borrows from it for `'x`; both are made where they stay.
///
/// The dependant is dropped first. Field `b` of a struct cannot borrow from field `a`; a `Nest` of both can be a field,
/// also of another `Nest`. What calls back into a driver (a handler, a child device) has to be owned by a
/// [`Scope`](crate::scope::Scope) instead, and may borrow a `Nest` that is part of the driver's data.
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
///         nest <- Nest::new::<Error>(*b"a b c", |text, slot| {
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
/// - NEST-PINNED: the owner is neither moved nor changed, but through what it itself allows on a shared reference, until
///   the dependant is dropped.
/// - NEST-BORROWS: the dependant borrows from the owner and from what outlives every lifetime of `O`, nothing else.
pub struct Nest<O, F: ForLt> {
    // In the order of their drops.
    dependant: F::Of<'static>,
    owner: O,
    /// Shared references to the owner exist while the whole is borrowed for writing.
    _pinned: PhantomPinned,
    /// No lifetime of the owner may change afterwards. That `&'x O` exists tells `build` that each of them outlives `'x`,
    /// so the dependant may borrow for any of them. `O` alone keeps the value from outliving what is borrowed.
    _owner: PhantomData<fn(O) -> O>,
}

impl<O, F: ForLt> Nest<O, F> {
    /// An initialiser that makes the owner, and then has `build` make the dependant by [`Slot::fill`].
    ///
    /// `build` works for any `'x`, so the dependant can borrow the owner, whatever lives as long as each lifetime in the
    /// owner's type, and nothing that ends earlier.
    ///
    /// # Errors
    ///
    /// The initialiser fails as `owner` or `build` does. What was made is dropped then, in reverse order.
    pub fn new<E>(
        owner: impl PinInit<O, E>,
        build: impl for<'x> FnOnce(Pin<&'x O>, Slot<'x, F>) -> Result<Filled<'x>, E>,
    ) -> impl PinInit<Self, E> {
        let init = move |place: *mut Self| {
            // SAFETY: the place is memory for a `Nest`.
            let owner_place = unsafe { &raw mut (*place).owner };
            // SAFETY: as above.
            let dependant_place = unsafe { &raw mut (*place).dependant };
            // SAFETY: `__pinned_init` wants memory that stays in place: so does `pin_init_from_closure`.
            unsafe { owner.__pinned_init(owner_place) }?;
            let owner_guard = ScopeGuard::new_with_data(owner_place, |owner| {
                // SAFETY: initialised above; its dependant was not made, or is dropped (below, in reverse order).
                unsafe { ptr::drop_in_place(owner) }
            });
            let filled = Cell::new(false);
            let dependant_guard = ScopeGuard::new_with_data(dependant_place, |dependant| {
                if filled.get() {
                    // SAFETY: `Slot::fill` has initialised it.
                    unsafe { ptr::drop_in_place(dependant) }
                }
            });
            // SAFETY: initialised above, and only shared until it is dropped (NEST-PINNED).
            let owner_ref = unsafe { &*owner_place };
            // SAFETY: it stays in place.
            let owner_ref = unsafe { Pin::new_unchecked(owner_ref) };
            // SAFETY: a place in memory is not null.
            let place = unsafe { NonNull::new_unchecked(dependant_place) };
            let slot = Slot {
                place,
                filled: &filled,
                _lifetime: PhantomData,
            };
            // It says so by its result, which only `fill` of this slot makes.
            let Filled { .. } = build(owner_ref, slot)?;
            dependant_guard.dismiss();
            owner_guard.dismiss();
            Ok(())
        };
        // INVARIANT: NEST-BORROWS: `build` works for any `'x`. Of what it got by capture, it can only use what outlives
        // a lifetime that outlives `'x`: one of `O`, or `'static`.
        // SAFETY: `pin_init_from_closure` wants all fields initialised on `Ok`, and none on `Err`: the guards see to it.
        // The markers have no bytes to initialise.
        unsafe { pin_init_from_closure(init) }
    }

    /// The owner. Any context.
    pub fn owner(&self) -> Pin<&O> {
        // SAFETY: a `Nest` is made in place and stays there (NEST-PINNED).
        unsafe { Pin::new_unchecked(&self.owner) }
    }

    /// Calls `f` with the dependant, whose lifetime `f` cannot choose. Any context.
    pub fn with<R>(&self, f: impl for<'r, 'x> FnOnce(Pin<&'r F::Of<'x>>) -> R) -> R {
        // SAFETY: `f` works for any lifetime.
        f(unsafe { self.stored() })
    }

    /// The dependant, for a lifetime of the caller's choice.
    ///
    /// # Safety
    ///
    /// Whoever gets it must not be able to choose `'x`, unless `F` is covariant and `'x` ends with the borrow.
    unsafe fn stored<'r, 'x: 'r>(&'r self) -> Pin<&'r F::Of<'x>> {
        // SAFETY: `new` has erased it. What it borrows outlives it: the owner (NEST-PINNED), and what outlives the
        // lifetimes of `O` (NEST-BORROWS), which are those that `O` had in `new`, as `Nest` is invariant in it. The
        // caller sees to the lifetime.
        let dependant = unsafe { restore::<F>(NonNull::from(&self.dependant)) };
        // SAFETY: borrowed with `self`.
        let dependant = unsafe { dependant.as_ref() };
        // SAFETY: it stays in place, as the whole does.
        unsafe { Pin::new_unchecked(dependant) }
    }
}

impl<O, F: CovariantForLt> Nest<O, F> {
    /// The dependant, for a type whose lifetime can be shortened. Any context.
    pub fn dependant(&self) -> Pin<&F::Of<'_>> {
        // SAFETY: `F` is covariant, and the lifetime that of the borrow.
        unsafe { self.stored() }
    }
}

/// Tells the compiler that what the owner borrows is used until the end: by the dependant, whose type does not show it.
impl<O, F: ForLt> Drop for Nest<O, F> {
    fn drop(&mut self) {}
}

/// The place of a [`Nest`]'s dependant, to be filled once.
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

/// No slot's lifetime is another's.
type Invariant<'x> = PhantomData<fn(&'x ()) -> &'x ()>;

impl<'x, F: ForLt> Slot<'x, F> {
    /// Makes the dependant in its place.
    ///
    /// # Errors
    ///
    /// Those of the initialiser; nothing was made then.
    pub fn fill<E>(self, dependant: impl PinInit<F::Of<'x>, E>) -> Result<Filled<'x>, E> {
        // SAFETY: `Nest::new` has the place for an `F::Of<'static>`, which differs in its lifetime alone; a `Nest`
        // gives it out again for lifetimes that nobody can choose.
        let place = unsafe { restore::<F>(self.place) };
        // SAFETY: memory of that type, not initialised yet, since a slot is filled once; it stays in place.
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
