// SPDX-License-Identifier: GPL-2.0

//! [`ModuleStatic`]: a static that is initialised when the module begins.

use core::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    sync::atomic::{AtomicBool, Ordering},
};

use pin_init::PinInit;

/// The memory of a value that the module has from its beginning on. It is for types such as a lock,
/// which have no value with which a static could be made.
///
/// # Invariants
///
/// MODULE-BEGUN: once `begun`, the value is initialised, and only shared.
pub(crate) struct ModuleStatic<T> {
    begun: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: `Sync` requires that threads may share the value: it is written once, before others look
// at it, and is only shared afterwards. It is never dropped.
unsafe impl<T: Sync> Sync for ModuleStatic<T> {}

impl<T> ModuleStatic<T> {
    /// A static without a value.
    pub(crate) const fn new() -> Self {
        Self {
            begun: AtomicBool::new(false),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Initialises the value. Later calls do nothing.
    ///
    /// # Safety
    ///
    /// Calls must not run at the same time as each other.
    pub(crate) unsafe fn begin(&'static self, init: impl PinInit<T>) {
        if self.begun.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: `__pinned_init` requires memory that nobody else uses, and that stays in place.
        // It is a static's. Nobody reads it before `begun`, and the caller vouches that no other
        // call writes it.
        let Ok(()) = unsafe { init.__pinned_init(self.value.get().cast::<T>()) };
        // INVARIANT: MODULE-BEGUN: the line above has initialised the value.
        self.begun.store(true, Ordering::Release);
    }

    /// The value.
    ///
    /// Context: any context.
    pub(crate) fn get(&'static self) -> &'static T {
        // PANIC: the kernel calls nothing of a module before the module has begun.
        assert!(self.begun.load(Ordering::Acquire));
        // SAFETY: a reference requires an initialised value: MODULE-BEGUN.
        unsafe { &*self.value.get().cast::<T>() }
    }
}
