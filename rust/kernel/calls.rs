// SPDX-License-Identifier: GPL-2.0

//! Which callbacks a thread runs, so that it does not come to wait for itself.
//!
//! C header: none; the account is in `rust/helpers/calls.c`.
//!
//! The end of a registration waits for its callbacks. A callback that ends its own registration
//! (drops the handle of the node whose file is read, for example) would wait for ever. So callbacks
//! that may sleep are counted here, under a key of their registration.
//! [`Registered::is_called_here`](crate::scope::Registered::is_called_here) asks for it, and what
//! is called here is ended by a work item, as soon as the callback has returned.

use core::{
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

use crate::{
    bindings,
    ffi::{c_int, c_void},
    prelude::*,
};

/// A callback that runs on this thread.
pub(crate) struct Call(c_int);

impl Call {
    /// Begins a callback whose registration has this key. Any context but NMI.
    pub(crate) fn begin<T: ?Sized>(key: *const T) -> Self {
        // SAFETY: `lb_call_begin()` may be called anywhere but in an NMI. The key is not followed.
        Self(unsafe { bindings::lb_call_begin(key.cast(), false) })
    }

    /// Begins a callback of a driver, whose bus has this key. Any context but NMI.
    pub(crate) fn of_driver<T: ?Sized>(key: *const T) -> Self {
        // SAFETY: as in `begin`.
        Self(unsafe { bindings::lb_call_begin(key.cast(), true) })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // SAFETY: `lb_call_end()` requires what `lb_call_begin()` returned, once.
        unsafe { bindings::lb_call_end(self.0) }
    }
}

/// Whether this thread runs a callback of the registration with this key, or may: of more than 64
/// callbacks that run at a time, not all are known. Any context.
pub(crate) fn is_running<T: ?Sized>(key: *const T) -> bool {
    // SAFETY: `lb_in_call()` may be called anywhere. The key is not followed.
    unsafe { bindings::lb_in_call(key.cast(), true) }
}

/// Whether this thread runs a callback of anything that a driver has registered, or may: an
/// operation of a file, for example. Any context.
pub(crate) fn is_any_running() -> bool {
    // SAFETY: `lb_in_other_call()` may be called anywhere.
    unsafe { bindings::lb_in_other_call() }
}

/// [`is_running`] for what is to fail: whether it is known to.
pub(crate) fn is_known_to_run<T: ?Sized>(key: *const T) -> bool {
    // SAFETY: as in `is_running`.
    unsafe { bindings::lb_in_call(key.cast(), false) }
}

/// In whose context a callback runs that is never called twice at a time: which task runs it, or
/// was interrupted by it.
///
/// While an interrupt's callback runs, the task that it has interrupted does not. So a callback of
/// the current task is on this stack, or interrupted by what is.
#[derive(Default)]
pub(crate) struct Runner(AtomicPtr<c_void>);

impl Runner {
    /// Runs the callback. Any context but NMI.
    pub(crate) fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.store(current(), Ordering::Relaxed);
        let result = f();
        self.0.store(ptr::null_mut(), Ordering::Relaxed);
        result
    }

    /// Whether the callback runs here. Any context but NMI.
    pub(crate) fn is_here(&self) -> bool {
        self.0.load(Ordering::Relaxed) == current()
    }
}

fn current() -> *mut c_void {
    // SAFETY: `lb_current()` may be called anywhere.
    unsafe { bindings::lb_current() }.cast()
}

/// Whether this is an interrupt, or interrupts are disabled: nothing can be waited for. Any
/// context.
pub(crate) fn in_interrupt() -> bool {
    // SAFETY: `lb_in_interrupt()` may be called anywhere.
    unsafe { bindings::lb_in_interrupt() }
}

/// The `open` of a misc device, which C calls with the lock held that making and removing a node
/// takes.
pub(crate) struct MiscOpen(NonNull<bindings::wait_queue_entry>);

impl MiscOpen {
    /// Begins it. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn begin() -> Result<Self> {
        // SAFETY: `lb_misc_open_begin()` requires process context: `open` is called there.
        let entry = unsafe { bindings::lb_misc_open_begin() };
        NonNull::new(entry).map(Self).ok_or(ENOMEM)
    }
}

impl Drop for MiscOpen {
    fn drop(&mut self) {
        // SAFETY: `lb_misc_open_end()` requires what `lb_misc_open_begin()` returned, once.
        unsafe { bindings::lb_misc_open_end(self.0.as_ptr()) }
    }
}

/// Whether this thread is in the `open` of a misc device, of any module of this crate. Any context
/// but NMI.
pub(crate) fn in_misc_open() -> bool {
    // SAFETY: `lb_in_misc_open()` may be called anywhere but in an NMI.
    unsafe { bindings::lb_in_misc_open() }
}

/// To be asked before a node is made, or what may make one: a device or a driver.
///
/// # Errors
///
/// `EDEADLK` in the `open` of a misc device.
pub(crate) fn not_in_misc_open() -> Result {
    match in_misc_open() {
        false => Ok(()),
        true => Err(EDEADLK),
    }
}
