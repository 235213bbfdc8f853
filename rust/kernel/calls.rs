// SPDX-License-Identifier: GPL-2.0

//! The callbacks that a thread runs, so that it does not wait for itself.
//!
//! C header: none; the account is in `rust/machines/calls.c`.
//!
//! The end of a registration waits for its callbacks. A callback may end its own registration, for
//! example by dropping the handle of the node whose file is read. It would then wait for ever.
//!
//! So callbacks that may sleep are counted here, under a key of their registration.
//! [`Registered::is_called_here`](crate::scope::Registered::is_called_here) looks the key up. If a
//! registration is called here, a work item ends it as soon as the callback has returned.

use core::{
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

use crate::{bindings, ffi::c_void, prelude::*};

/// A callback that runs on this thread, with its slot, if there was one.
pub(crate) struct Call(Option<NonNull<bindings::lb_call>>);

impl Call {
    /// Begins a callback whose registration has this key.
    ///
    /// Context: any context but NMI.
    #[inline]
    pub(crate) fn begin<T: ?Sized>(key: *const T) -> Self {
        // SAFETY: `lb_call_begin()` requires any context but NMI, which is that of this function.
        // The key is not followed.
        Self(NonNull::new(unsafe {
            bindings::lb_call_begin(key.cast(), false)
        }))
    }

    /// Begins a callback of a driver, whose bus has this key.
    ///
    /// Context: any context but NMI.
    pub(crate) fn of_driver<T: ?Sized>(key: *const T) -> Self {
        // SAFETY: `lb_call_begin()` requires any context but NMI, which is that of this function.
        // The key is not followed.
        Self(NonNull::new(unsafe {
            bindings::lb_call_begin(key.cast(), true)
        }))
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        let Some(slot) = self.0 else {
            // SAFETY: `lb_call_end_uncounted()` requires a callback for which `lb_call_begin()` had
            // no slot, once; this value is one, and ends here.
            return unsafe { bindings::lb_call_end_uncounted() };
        };
        // SAFETY: a field's place requires a live slot; slots are a static of the module's.
        let task = unsafe { &raw mut (*slot.as_ptr()).task };
        // SAFETY: `from_ptr` requires a pointer that is there, and that is only used as an atomic
        // meanwhile; it is part of a static, and C uses it by READ_ONCE() and cmpxchg().
        let task = unsafe { AtomicPtr::from_ptr(task) };
        // CALL-SLOT: the owner gives the slot up.
        task.store(ptr::null_mut(), Ordering::Release);
    }
}

/// Returns whether this thread runs a callback of the registration with this key, or may run one.
/// If more than 64 callbacks run at a time, not all of them are known.
///
/// Context: any context.
pub(crate) fn is_running<T: ?Sized>(key: *const T) -> bool {
    // SAFETY: `lb_in_call()` has no requirements. The key is not followed.
    unsafe { bindings::lb_in_call(key.cast(), true) }
}

/// Returns whether this thread runs any callback of a driver's registrations, or may run one. An
/// operation of a file is an example.
///
/// Context: any context.
#[inline]
pub(crate) fn is_any_running() -> bool {
    // SAFETY: `lb_in_other_call()` has no requirements.
    unsafe { bindings::lb_in_other_call() }
}

/// As [`is_running`], for a call that is to fail: returns whether the callback is known to run.
pub(crate) fn is_known_to_run<T: ?Sized>(key: *const T) -> bool {
    // SAFETY: `lb_in_call()` has no requirements. The key is not followed.
    unsafe { bindings::lb_in_call(key.cast(), false) }
}

/// The context of a callback that is never called twice at a time: the task that runs it, or that
/// was interrupted by it.
///
/// While the callback of an interrupt runs, the interrupted task does not. So a callback of the
/// current task is on this stack, or was interrupted by code on this stack.
#[derive(Default)]
pub(crate) struct Runner(AtomicPtr<c_void>);

impl Runner {
    /// Runs the callback.
    ///
    /// Context: any context but NMI.
    pub(crate) fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.store(current(), Ordering::Relaxed);
        let result = f();
        self.0.store(ptr::null_mut(), Ordering::Relaxed);
        result
    }

    /// Returns whether the callback runs here.
    ///
    /// Context: any context but NMI.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        let task = self.0.load(Ordering::Relaxed);
        !task.is_null() && task == current()
    }
}

fn current() -> *mut c_void {
    // SAFETY: `lb_current()` has no requirements.
    unsafe { bindings::lb_current() }.cast()
}

/// Returns whether this is an interrupt, or interrupts are disabled: the caller cannot wait then.
///
/// Context: any context.
#[inline]
pub(crate) fn in_interrupt() -> bool {
    // SAFETY: `lb_in_interrupt()` has no requirements.
    unsafe { bindings::lb_in_interrupt() }
}

/// The `open` of a misc device. C calls it with a lock held that making and removing a node takes.
pub(crate) struct MiscOpen(NonNull<bindings::wait_queue_entry>);

impl MiscOpen {
    /// Begins the `open`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn begin() -> Result<Self> {
        // SAFETY: `lb_misc_open_begin()` requires process context; `open` is called there.
        let entry = unsafe { bindings::lb_misc_open_begin() };
        NonNull::new(entry).map(Self).ok_or(ENOMEM)
    }
}

impl Drop for MiscOpen {
    fn drop(&mut self) {
        // SAFETY: `lb_misc_open_end()` requires the result of `lb_misc_open_begin()`, once; this
        // value holds it, and ends here.
        unsafe { bindings::lb_misc_open_end(self.0.as_ptr()) }
    }
}

/// Returns whether this thread is in the `open` of a misc device, of any module of this crate.
///
/// Context: any context but NMI.
#[inline]
pub(crate) fn in_misc_open() -> bool {
    // SAFETY: `lb_in_misc_open()` requires any context but NMI, which is that of this function.
    unsafe { bindings::lb_in_misc_open() }
}

/// Checks that a node may be made here, or a device or driver, which may make one.
///
/// # Errors
///
/// `EDEADLK` in the `open` of a misc device.
#[inline]
pub(crate) fn not_in_misc_open() -> Result {
    match in_misc_open() {
        false => Ok(()),
        true => Err(EDEADLK),
    }
}
