// SPDX-License-Identifier: GPL-2.0

//! [`SetOnce`]: a value that is stored once, and read by all afterwards.

use core::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    sync::atomic::{AtomicU8, Ordering},
};

/// Nobody has stored a value.
const EMPTY: u8 = 0;
/// A thread is storing a value.
const FILLING: u8 = 1;
/// There is a value, which stays until the container is dropped.
const FULL: u8 = 2;

/// A place that is empty until a value is stored, which can happen once.
///
/// Context: any context.
///
/// # Examples
///
/// ```
/// use kernel::sync::SetOnce;
///
/// static LIMIT: SetOnce<u32> = SetOnce::new();
///
/// assert_eq!(LIMIT.as_ref(), None);
/// assert!(LIMIT.populate(7));
/// assert!(!LIMIT.populate(8));
/// assert_eq!(LIMIT.copy(), Some(7));
/// ```
///
/// # Invariants
///
/// - ONCE-FULL: while `state` is FULL, `value` is initialised, and only changes by interior
///   mutability of its own.
/// - Only the thread that made `state` FILLING writes to `value`.
#[doc(alias = "DO_ONCE")]
pub struct SetOnce<T> {
    state: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: `Sync` requires that threads may share the container. They share the value (`T: Sync`),
// and one may store what another one drops (`T: Send`).
unsafe impl<T: Send + Sync> Sync for SetOnce<T> {}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> SetOnce<T> {
    /// An empty container.
    pub const fn new() -> Self {
        Self {
            state: AtomicU8::new(EMPTY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The value; `None` if it was not stored yet.
    pub fn as_ref(&self) -> Option<&T> {
        if self.state.load(Ordering::Acquire) != FULL {
            return None;
        }
        // SAFETY: the reference requires memory that nobody changes: ONCE-FULL.
        let value = unsafe { &*self.value.get() };
        // SAFETY: `assume_init_ref` requires an initialised value: ONCE-FULL.
        Some(unsafe { value.assume_init_ref() })
    }

    /// Stores a value, and returns true. Returns false, and drops `value`, if another value is or
    /// was being stored.
    pub fn populate(&self, value: T) -> bool {
        let started =
            self.state
                .compare_exchange(EMPTY, FILLING, Ordering::Relaxed, Ordering::Relaxed);
        if started.is_err() {
            return false;
        }
        // SAFETY: `write` requires memory that nobody else uses: this thread made the state
        // FILLING, which happens once, and nobody reads before it is FULL.
        unsafe { self.value.get().write(MaybeUninit::new(value)) };
        // INVARIANT: ONCE-FULL: the value was written above.
        self.state.store(FULL, Ordering::Release);
        true
    }

    /// A copy of the value; `None` if it was not stored yet.
    pub fn copy(&self) -> Option<T>
    where
        T: Copy,
    {
        self.as_ref().copied()
    }
}

impl<T> Drop for SetOnce<T> {
    fn drop(&mut self) {
        if *self.state.get_mut() == FULL {
            // SAFETY: `assume_init_drop` requires an initialised value, once: ONCE-FULL, and the
            // container is being dropped.
            unsafe { self.value.get_mut().assume_init_drop() }
        }
    }
}

#[macros::kunit_tests(lifebound_set_once)]
mod tests {
    use core::sync::atomic::AtomicU32;

    use super::*;

    struct Tell<'a>(&'a AtomicU32);

    impl Drop for Tell<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_first_value_stays() {
        let once = SetOnce::default();
        assert_eq!((once.as_ref(), once.copy()), (None, None));
        assert!(once.populate(3));
        assert!(!once.populate(4));
        assert_eq!((once.as_ref(), once.copy()), (Some(&3), Some(3)));
    }

    #[test]
    fn each_value_is_dropped_once() {
        let drops = AtomicU32::new(0);
        let once = SetOnce::new();
        assert!(once.populate(Tell(&drops)));
        assert!(!once.populate(Tell(&drops)));
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        drop(once);
        assert_eq!(drops.load(Ordering::Relaxed), 2);
        drop(SetOnce::<Tell<'_>>::new());
        assert_eq!(drops.load(Ordering::Relaxed), 2);
    }
}
