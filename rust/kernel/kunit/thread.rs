// SPDX-License-Identifier: GPL-2.0

//! Threads of a test.

use core::pin::Pin;

use crate::{bindings, error::to_result, ffi::c_void, prelude::*, types::Opaque};

/// A thread, which is waited for when this is dropped.
pub(crate) struct Thread(Pin<KBox<Opaque<bindings::lb_kunit_thread>>>);

impl Thread {
    /// Starts a thread that calls `run`. May sleep.
    pub(crate) fn spawn<F: FnOnce() + Send + 'static>(run: F) -> Result<Self> {
        let thread = KBox::pin_init::<Error>(Opaque::zeroed(), GFP_KERNEL)?;
        let argument = KBox::into_raw(KBox::new(run, GFP_KERNEL)?);
        // SAFETY: the shim fills in the structure, which stays in place until `drop` has joined the thread; `call::<F>`
        // is called once, with the box.
        let error = unsafe {
            bindings::lb_kunit_thread_start(thread.get(), Some(call::<F>), argument.cast())
        };
        if let Err(error) = to_result(error) {
            // SAFETY: no thread has it, so the box is ours again.
            drop(unsafe { KBox::from_raw(argument) });
            return Err(error);
        }
        Ok(Self(thread))
    }
}

/// # Safety
///
/// `argument` must own a `KBox<F>`; ownership passes to this function.
unsafe extern "C" fn call<F: FnOnce()>(argument: *mut c_void) {
    // SAFETY: the caller gives up the box.
    let run = unsafe { KBox::from_raw(argument.cast::<F>()) };
    KBox::into_inner(run)();
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: the thread was started, and this is called once.
        unsafe { bindings::lb_kunit_thread_join(self.0.get()) };
    }
}
