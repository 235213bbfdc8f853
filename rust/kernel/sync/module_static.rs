// SPDX-License-Identifier: GPL-2.0

//! [`ModuleStatic`]: a static that is initialised when the module begins.

use core::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    sync::atomic::{AtomicBool, Ordering},
};

use pin_init::PinInit;

/// The memory of a value that the module has from its beginning on. A lock, for example, has no value that a static could
/// be made with.
///
/// # Invariants
///
/// MODULE-BEGUN: once `begun`, the value is initialised, and only shared.
pub(crate) struct ModuleStatic<T> {
    begun: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the value is written once, before others look at it, and only shared afterwards. It is never dropped.
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
        // SAFETY: `__pinned_init` requires memory that nobody else uses, and that stays in place: a static's, which nobody
        // reads before it is begun, and which no other call writes (the caller).
        let Ok(()) = unsafe { init.__pinned_init(self.value.get().cast::<T>()) };
        // INVARIANT: MODULE-BEGUN.
        self.begun.store(true, Ordering::Release);
    }

    /// The value. Context: any.
    pub(crate) fn get(&'static self) -> &'static T {
        // PANIC: the kernel calls nothing of a module before that has begun.
        assert!(self.begun.load(Ordering::Acquire));
        // SAFETY: a reference requires an initialised value: MODULE-BEGUN.
        unsafe { &*self.value.get().cast::<T>() }
    }
}
