// SPDX-License-Identifier: GPL-2.0

//! Threads of a test.

use core::pin::Pin;

use crate::{bindings, error::to_result, ffi::c_void, prelude::*, types::Opaque};

/// A thread. Dropping this waits for the thread.
pub(crate) struct Thread(Pin<KBox<Opaque<bindings::lb_kunit_thread>>>);

impl Thread {
    /// Starts a thread that calls `run`.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn spawn<F: FnOnce() + Send + 'static>(run: F) -> Result<Self> {
        let thread = KBox::pin_init(Opaque::zeroed(), GFP_KERNEL)?;
        let argument = KBox::into_raw(KBox::new(run, GFP_KERNEL)?);
        // SAFETY: the shim requires (1) a structure that stays in place until the thread is joined,
        // (2) a function that may be called once with the argument. (1) The structure is pinned,
        // and `drop` joins the thread. (2) `call::<F>` takes over the box.
        let error = unsafe {
            bindings::lb_kunit_thread_start(thread.get(), Some(call::<F>), argument.cast())
        };
        if let Err(error) = to_result(error) {
            // SAFETY: `KBox::from_raw` requires the ownership of a box; no thread was started, so
            // nobody else owns it.
            drop(unsafe { KBox::from_raw(argument) });
            return Err(error);
        }
        Ok(Self(thread))
    }
}

/// # Safety
///
/// `argument` must own a `KBox<F>`. The ownership passes to this function.
unsafe extern "C" fn call<F: FnOnce()>(argument: *mut c_void) {
    // SAFETY: `KBox::from_raw` requires the ownership of a box; the caller passes it.
    let run = unsafe { KBox::from_raw(argument.cast::<F>()) };
    KBox::into_inner(run)();
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: `lb_kunit_thread_join` requires a started thread, once; `spawn` started it, and
        // only `drop` joins it.
        unsafe { bindings::lb_kunit_thread_join(self.0.get()) };
    }
}
