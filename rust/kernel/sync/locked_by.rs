// SPDX-License-Identifier: GPL-2.0

//! [`LockedBy`]: data that a lock protects which is elsewhere.

use core::{cell::UnsafeCell, ptr};

use super::lock::{Backend, Lock};

/// Data that the lock of an owner protects, though they do not lie inside of that lock.
///
/// A list of children has one lock, say, which also protects a field of each child. The reference
/// to the locked data shows that the lock is held:
///
/// ```no_run
/// use kernel::{prelude::*, sync::{LockedBy, Mutex}};
///
/// struct Totals {
///     bytes: u64,
/// }
///
/// struct Port {
///     bytes: LockedBy<u64, Totals>,
/// }
///
/// fn new(totals: &Mutex<Totals>) -> Port {
///     Port { bytes: LockedBy::new(totals, 0) }
/// }
///
/// fn count(port: &Port, totals: &Mutex<Totals>, bytes: u64) {
///     let mut totals = totals.lock();
///     *port.bytes.access_mut(&mut totals) += bytes;
///     totals.bytes += bytes;
/// }
/// ```
///
/// # Invariants
///
/// OWNER-LOCKED: `owner` is the address of the data of the lock. References to `data` are only lent
/// with a reference to a `U` at this address: shared with shared, unique with unique. A `U` has
/// bytes, so no two values of this type are at one address, and the borrows of `U` at this address
/// exclude each other as Rust's rules say.
pub struct LockedBy<T: ?Sized, U: ?Sized> {
    owner: *const U,
    data: UnsafeCell<T>,
}

// SAFETY: `Send` requires that another thread may own the value: it owns the data, and compares an
// address.
unsafe impl<T: ?Sized + Send, U: ?Sized> Send for LockedBy<T, U> {}

// SAFETY: `Sync` requires that threads may share the value. One thread at a time changes the data
// (OWNER-LOCKED), as if they were sent to it; `access` shares them only if they are `Sync`.
unsafe impl<T: ?Sized + Send, U: ?Sized> Sync for LockedBy<T, U> {}

impl<T, U> LockedBy<T, U> {
    /// Data that `owner` protects. Does not compile if a `U` has no bytes: locks of nothing have no
    /// addresses that tell them apart.
    ///
    /// Context: any context.
    pub fn new<B: Backend>(owner: &Lock<U, B>, data: T) -> Self {
        const {
            assert!(
                size_of::<U>() > 0,
                "the data of the lock need an address of their own"
            )
        };
        // INVARIANT: OWNER-LOCKED: the address is that of the lock's data.
        Self {
            owner: owner.data_address(),
            data: UnsafeCell::new(data),
        }
    }
}

impl<T: ?Sized, U> LockedBy<T, U> {
    /// The data, while the lock is held. `owner` is the data of the lock.
    ///
    /// Context: any context.
    ///
    /// # Panics
    ///
    /// If `owner` is the data of another lock.
    pub fn access<'a>(&'a self, owner: &'a U) -> &'a T
    where
        T: Sync,
    {
        self.check(owner);
        // SAFETY: the reference requires data that nobody changes for `'a`. OWNER-LOCKED: a change
        // needs a unique borrow of the `U` that is borrowed here.
        unsafe { &*self.data.get() }
    }

    /// The data, to be changed, while the lock is held. `owner` is the data of the lock.
    ///
    /// Context: any context.
    ///
    /// # Panics
    ///
    /// If `owner` is the data of another lock.
    pub fn access_mut<'a>(&'a self, owner: &'a mut U) -> &'a mut T {
        self.check(owner);
        // SAFETY: the unique reference requires that nobody else accesses the data for `'a`.
        // OWNER-LOCKED: any access needs a borrow of the `U` that is borrowed uniquely here.
        unsafe { &mut *self.data.get() }
    }

    fn check(&self, owner: &U) {
        // PANIC: documented.
        assert!(
            ptr::eq(self.owner, owner),
            "these are the data of another lock"
        );
    }
}

#[cfg(lifebound_kunit)]
#[macros::kunit_tests(lifebound_locked_by)]
mod tests {
    use super::*;
    use crate::{
        prelude::*,
        sync::{Arc, Mutex, new_mutex},
    };

    fn lock(number: u32) -> Result<Arc<Mutex<u32>>> {
        Ok(Arc::pin_init(
            new_mutex!(number, "kunit_owner"),
            GFP_KERNEL,
        )?)
    }

    #[test]
    fn data_change_while_the_lock_is_held() -> Result {
        let owner = lock(1)?;
        let data = LockedBy::new(&owner, 7_u8);
        let mut guard = owner.lock();
        *data.access_mut(&mut guard) += 1;
        *guard += 1;
        assert_eq!((*data.access(&guard), *guard), (8, 2));
        Ok(())
    }
}
