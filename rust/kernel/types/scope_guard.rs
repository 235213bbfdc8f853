// SPDX-License-Identifier: GPL-2.0

//! [`ScopeGuard`]: a function to run at the end of a scope.

use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

/// Runs a function when it is dropped, unless it was dismissed.
///
/// It is for work that must be undone if a later step fails. An owning type with its own `Drop` is
/// better where one exists. A forgotten guard (`mem::forget`) never runs. So no action that other
/// code relies on for memory safety may be left to it.
///
/// Context: as for the function, where the guard is dropped.
///
/// # Examples
///
/// ```
/// use core::cell::Cell;
/// use kernel::types::ScopeGuard;
///
/// let lamp = Cell::new(true);
///
/// let attempt = |fail: bool| -> Result<(), i32> {
///     let off = ScopeGuard::new(|| lamp.set(false));
///     if fail {
///         return Err(-5);
///     }
///     off.dismiss();
///     Ok(())
/// };
///
/// assert!(attempt(false).is_ok());
/// assert!(lamp.get());
/// assert!(attempt(true).is_err());
/// assert!(!lamp.get());
/// ```
///
/// A guard can hold the value that it cleans up after:
///
/// ```
/// use kernel::types::ScopeGuard;
///
/// let mut total = 0;
/// {
///     let mut parts = ScopeGuard::new_with_data([0; 2], |parts| total = parts.iter().sum());
///     parts[0] = 3;
///     parts[1] = 4;
/// }
/// assert_eq!(total, 7);
/// ```
///
/// # Invariants
///
/// Both fields hold a value until the guard is dropped or dismissed, which takes both out.
#[must_use = "a guard that is not kept runs its function at once"]
pub struct ScopeGuard<T, F: FnOnce(T)> {
    data: ManuallyDrop<T>,
    cleanup: ManuallyDrop<F>,
}

impl<T, F: FnOnce(T)> ScopeGuard<T, F> {
    /// Makes a guard that holds `data` and passes it to `cleanup_func` when it is dropped.
    pub fn new_with_data(data: T, cleanup_func: F) -> Self {
        // INVARIANT: both values are given here.
        Self {
            data: ManuallyDrop::new(data),
            cleanup: ManuallyDrop::new(cleanup_func),
        }
    }

    /// Takes the data out. The function is dropped without being called.
    pub fn dismiss(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `ManuallyDrop::drop` requires a value that is not used again; it is there by the
        // invariant, and `this` is neither dropped nor passed on.
        unsafe { ManuallyDrop::drop(&mut this.cleanup) };
        // SAFETY: `ManuallyDrop::take` requires the same, and the same holds.
        unsafe { ManuallyDrop::take(&mut this.data) }
    }
}

impl ScopeGuard<(), fn(())> {
    /// Makes a guard that calls `cleanup` when it is dropped.
    pub fn new(cleanup: impl FnOnce()) -> ScopeGuard<(), impl FnOnce(())> {
        ScopeGuard::new_with_data((), move |()| cleanup())
    }
}

impl<T, F: FnOnce(T)> Deref for ScopeGuard<T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T, F: FnOnce(T)> DerefMut for ScopeGuard<T, F> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.data
    }
}

impl<T, F: FnOnce(T)> Drop for ScopeGuard<T, F> {
    fn drop(&mut self) {
        // SAFETY: `ManuallyDrop::take` requires a value that is not used again; it is there by the
        // invariant, and the guard ends here.
        let data = unsafe { ManuallyDrop::take(&mut self.data) };
        // SAFETY: `ManuallyDrop::take` requires the same, and the same holds.
        let cleanup = unsafe { ManuallyDrop::take(&mut self.cleanup) };
        cleanup(data);
    }
}

#[macros::kunit_tests(lifebound_scope_guard)]
mod tests {
    use super::*;
    use core::cell::Cell;

    struct Count<'a>(&'a Cell<u32>);

    impl Drop for Count<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn runs_once_at_the_end_of_the_scope() {
        let runs = Cell::new(0);
        {
            let _guard = ScopeGuard::new(|| runs.set(runs.get() + 1));
            assert_eq!(runs.get(), 0);
        }
        assert_eq!(runs.get(), 1);
    }

    #[test]
    fn dismissed_guard_gives_data_back_and_drops_the_closure() {
        let (data_drops, closure_drops) = (Cell::new(0), Cell::new(0));
        let captured = Count(&closure_drops);
        let guard = ScopeGuard::new_with_data(Count(&data_drops), move |_| {
            let _captured = &captured;
            panic!("not dismissed");
        });
        let data = guard.dismiss();
        assert_eq!((data_drops.get(), closure_drops.get()), (0, 1));
        drop(data);
        assert_eq!(data_drops.get(), 1);
    }

    #[test]
    fn data_is_dropped_once_by_the_cleanup() {
        let drops = Cell::new(0);
        drop(ScopeGuard::new_with_data(Count(&drops), drop));
        assert_eq!(drops.get(), 1);
    }

    #[test]
    fn changes_reach_the_cleanup() {
        let seen = Cell::new(0);
        let mut guard = ScopeGuard::new_with_data(1, |value| seen.set(value));
        *guard += 4;
        drop(guard);
        assert_eq!(seen.get(), 5);
    }
}
