// SPDX-License-Identifier: GPL-2.0

//! Entries of a binding that are not in use, and wait to be used again.
//!
//! A spare entry stays in the list of managed resources, so that the end of the binding releases
//! it. Taking it and putting it back needs neither memory nor a lock.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

/// The place of an entry among the spares: a field of the entry.
pub(crate) struct Spare {
    next: Cell<*mut Spare>,
}

// SAFETY: `Send` requires that any thread may use the value; one thread at a time does: the one
// that puts it, or the one that has taken it.
unsafe impl Send for Spare {}

// SAFETY: `Sync` requires that threads may share the value; a shared spare has no methods.
unsafe impl Sync for Spare {}

impl Spare {
    /// A place that is not among the spares.
    pub(crate) const fn new() -> Self {
        Self {
            next: Cell::new(ptr::null_mut()),
        }
    }
}

/// The spares of a binding: a stack.
///
/// # Invariants
///
/// SPARE-UNUSED: what is in the stack is alive, and nobody else uses it.
pub(super) struct Spares {
    first: AtomicPtr<Spare>,
}

impl Spares {
    pub(super) const fn new() -> Self {
        Self {
            first: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Takes a spare, which the caller then uses alone. Another thread may find none meanwhile.
    ///
    /// The whole stack is taken, and the rest is put back. So no thread reads a spare that another
    /// one may be using.
    ///
    /// Context: any context.
    #[inline]
    pub(super) fn take(&self) -> Option<NonNull<Spare>> {
        let first = self.first.swap(ptr::null_mut(), Ordering::Acquire);
        let first = NonNull::new(first)?;
        // SAFETY: `as_ref` requires a live spare: SPARE-UNUSED.
        let rest = unsafe { first.as_ref() }.next.get();
        if !rest.is_null()
            && self
                .first
                .compare_exchange(ptr::null_mut(), rest, Ordering::Release, Ordering::Relaxed)
                .is_err()
        {
            self.put_all(rest);
        }
        Some(first)
    }

    /// Puts back a chain of spares, one by one, as another thread has put some meanwhile.
    #[cold]
    fn put_all(&self, mut spare: *mut Spare) {
        while let Some(this) = NonNull::new(spare) {
            // SAFETY: `as_ref` requires a live spare; the caller has taken the chain, whose spares
            // are alive (SPARE-UNUSED).
            spare = unsafe { this.as_ref() }.next.get();
            // SAFETY: `put` requires a live spare that nobody else uses; it was in the stack.
            unsafe { self.put(this) };
        }
    }

    /// Puts a spare.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// `spare` must be alive until it is taken, or until the stack is not used any more. Nobody
    /// else may use it until it is taken.
    #[inline]
    pub(super) unsafe fn put(&self, spare: NonNull<Spare>) {
        let mut first = self.first.load(Ordering::Relaxed);
        loop {
            // SAFETY: `as_ref` requires a live spare; the caller vouches for it.
            unsafe { spare.as_ref() }.next.set(first);
            // INVARIANT: SPARE-UNUSED: the caller vouches for it.
            match self.first.compare_exchange_weak(
                first,
                spare.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(other) => first = other,
            }
        }
    }
}

#[macros::kunit_tests(lifebound_spares)]
mod tests {
    use super::*;

    #[test]
    fn spares_come_back_newest_first() {
        let (one, two) = (Spare::new(), Spare::new());
        let spares = Spares::new();
        assert!(spares.take().is_none());
        // SAFETY: `put` requires a live spare that nobody else uses; both outlive the stack's last
        // use, and are put while they are not in it.
        unsafe {
            spares.put(NonNull::from(&one));
            spares.put(NonNull::from(&two));
        }
        assert_eq!(spares.take(), Some(NonNull::from(&two)));
        // SAFETY: the same holds.
        unsafe { spares.put(NonNull::from(&two)) };
        assert_eq!(spares.take(), Some(NonNull::from(&two)));
        assert_eq!(spares.take(), Some(NonNull::from(&one)));
        assert!(spares.take().is_none());
    }

    #[test]
    fn a_rest_is_put_back_beside_others() {
        let all = [const { Spare::new() }; 4];
        let spares = Spares::new();
        for spare in &all {
            // SAFETY: `put` requires a live spare that nobody else uses; each outlives the stack's
            // last use, and is put once.
            unsafe { spares.put(NonNull::from(spare)) };
        }
        let rest = spares.first.swap(ptr::null_mut(), Ordering::Acquire);
        spares.put_all(rest);
        let mut taken = 0;
        while spares.take().is_some() {
            taken += 1;
        }
        assert_eq!(taken, 4);
    }
}
