// SPDX-License-Identifier: GPL-2.0

//! A requested interrupt with its handler: the payload that the scope owns.

use core::{
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering},
};

use super::{Flags, IrqRequest, User};
use crate::{
    bindings,
    calls::{Call, Runner},
    error::to_result,
    ffi::{c_int, c_void},
    prelude::*,
    revocable::Revocable,
    scope::{Handle, Registered, Scope},
    str::file_name,
};

/// A function that C calls; its last argument is a [`Line`].
pub(super) type IrqEntryPoint = unsafe extern "C" fn(c_int, *mut c_void) -> bindings::irqreturn_t;

/// The C side of a registration.
struct Requested {
    irq: u32,
    /// C's cookie for the registration: the address of the line. It is null until C knows the line.
    cookie: AtomicPtr<c_void>,
    /// The number of times that the interrupt was disabled, and not enabled since.
    disabled: AtomicU32,
    /// Whether the interrupt was requested disabled, and was never enabled.
    waits: AtomicBool,
}

impl Requested {
    fn enable(&self) {
        // SAFETY: `enable_irq()` requires an interrupt that the caller has disabled: each call
        // answers a disabling, and the interrupt is the registration's until this is dropped.
        unsafe { bindings::enable_irq(self.irq) }
    }
}

impl Drop for Requested {
    fn drop(&mut self) {
        let cookie = self.cookie.load(Ordering::Acquire);
        if cookie.is_null() {
            return;
        }
        // The other users of a shared line would be left without interrupts.
        for _ in 0..self.disabled.load(Ordering::Acquire) {
            self.enable();
        }
        // SAFETY: `free_irq()` requires an interrupt that was requested with this cookie, and is
        // freed once: `request` has stored the cookie, and this is the one drop. The call waits for
        // the handlers.
        unsafe { bindings::free_irq(self.irq, cookie) };
    }
}

/// A part of a handler.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// The part that runs in the interrupt.
    First,
    /// The part that runs in a thread.
    Thread,
}

/// The longest name that C does not cut off in `/proc/irq`.
const LONGEST_NAME: usize = 127;

/// Checks a handler's name, of which C makes a directory. Errors: `EINVAL`.
fn check_name(name: &CStr) -> Result {
    file_name::check(c"an interrupt handler", name, LONGEST_NAME)?;
    // SAFETY: `lb_check_irq_name()` requires a string, which it only reads: `name` is one.
    match unsafe { bindings::lb_check_irq_name(name.as_char_ptr()) } {
        true => Ok(()),
        false => Err(EINVAL),
    }
}

/// A handler, and the interrupt that it is for.
///
/// # Invariants
///
/// IRQ-REQUESTED: C has the address of this line from `start` until `requested` is revoked, and
/// calls nothing with it afterwards.
#[pin_data]
pub(super) struct Line<T> {
    #[pin]
    requested: Revocable<Requested>,
    #[pin]
    handler: T,
    first: Runner,
    thread: Runner,
    // It is dropped after the interrupt was freed: until then the number is the registration's.
    _user: Option<User>,
}

impl<T: Send + Sync> Registered for Line<T> {
    fn stop(self: Pin<&Self>) {
        self.requested.revoke();
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        self.runs_here()
    }
}

impl<T: Send + Sync> Line<T> {
    /// Requests an interrupt.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for a name that `check_name` refuses.
    /// - The error of the handler's initialiser.
    /// - The errors of `request_threaded_irq()`, such as `EBUSY` if another driver has the
    ///   interrupt and does not share it.
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    ///
    /// # Safety
    ///
    /// `primary` and `thread` must be fit to be called with a `Line<T>`, on any thread.
    pub(super) unsafe fn request<'x>(
        scope: &Scope<'x>,
        request: &IrqRequest<'_>,
        flags: Flags,
        name: &'static CStr,
        handler: impl PinInit<T, Error>,
        (primary, thread): (IrqEntryPoint, Option<IrqEntryPoint>),
    ) -> Result<Handle<Self>>
    where
        T: 'x,
    {
        check_name(name)?;
        let line = try_pin_init!(Self {
            requested <- Revocable::new(Requested {
                irq: request.irq,
                cookie: AtomicPtr::default(),
                disabled: AtomicU32::new(0),
                waits: AtomicBool::new(flags.contains(Flags::NO_AUTOEN)),
            }),
            handler <- handler,
            first: Runner::default(),
            thread: Runner::default(),
            _user: request.users.map(super::Users::add),
        });
        scope.enter::<_, Error>(line, |line| {
            let cookie = core::ptr::from_ref(line.get_ref())
                .cast_mut()
                .cast::<c_void>();
            // INVARIANT: IRQ-REQUESTED: `cookie` is the address of the line, and `requested` frees
            // the interrupt.
            // SAFETY: `request_threaded_irq()` requires
            // 1. a cookie that stays until the interrupt is freed: the line is pinned, and stays
            //    until `stop` has freed the interrupt, which waits for the callbacks;
            // 2. functions that are fit for the cookie: the caller vouches for that;
            // 3. a name that stays: it is the module's, whose bindings end before it is unloaded.
            to_result(unsafe {
                bindings::request_threaded_irq(
                    request.irq,
                    Some(primary),
                    thread,
                    flags.as_raw(),
                    name.as_char_ptr(),
                    cookie,
                )
            })?;
            line.requested
                .try_access_with(|requested| requested.cookie.store(cookie, Ordering::Release));
            Ok(())
        })
    }
}

impl<T> Line<T> {
    /// The handler.
    pub(super) fn handler(&self) -> &T {
        &self.handler
    }

    /// Calls a part of the handler. C runs each part once at a time.
    pub(super) fn run<R>(&self, part: Part, f: impl FnOnce(&T) -> R) -> R {
        let runner = match part {
            Part::First => &self.first,
            Part::Thread => &self.thread,
        };
        let _call = matches!(part, Part::Thread).then(|| Call::begin(self));
        runner.run(|| f(&self.handler))
    }

    /// Whether the handler is running here: this thread runs it, or this is an interrupt that has
    /// interrupted it.
    fn runs_here(&self) -> bool {
        self.first.is_here() || self.thread.is_here()
    }

    /// Waits until no handler runs that ran when this was called. If a handler calls it, it does
    /// not wait.
    ///
    /// Context: process context; may sleep.
    pub(super) fn synchronize(&self) {
        if self.runs_here() {
            return;
        }
        self.requested.try_access_with(|requested| {
            // SAFETY: `synchronize_irq()` requires nothing of its number.
            unsafe { bindings::synchronize_irq(requested.irq) }
        });
    }

    /// Disables the interrupt. If `waits`, it waits for running handlers.
    pub(super) fn disable(&self, waits: bool) -> Disabled<'_> {
        let disabled = self.requested.try_access_with(|requested| {
            // SAFETY: `disable_irq_nosync()` requires an interrupt that the caller has requested:
            // `requested` is not revoked meanwhile.
            unsafe { bindings::disable_irq_nosync(requested.irq) };
            requested.disabled.fetch_add(1, Ordering::AcqRel);
        });
        if waits {
            self.synchronize();
        }
        Disabled(disabled.map(|()| &self.requested))
    }

    /// Enables the interrupt for the first time, if it was requested with `NO_AUTOEN`.
    pub(super) fn enable(&self) {
        self.requested.try_access_with(|requested| {
            if requested.waits.swap(false, Ordering::AcqRel) {
                requested.enable();
            }
        });
    }
}

/// An interrupt that is disabled. Dropping this enables the interrupt, unless somebody else has
/// disabled it too. If this is forgotten, the interrupt stays disabled until the registration ends.
///
/// Context of the drop: any context but NMI in which
/// [`disable_nosync`](super::Registration::disable_nosync) may be called.
#[must_use]
pub struct Disabled<'a>(Option<&'a Revocable<Requested>>);

impl Drop for Disabled<'_> {
    fn drop(&mut self) {
        let Some(requested) = self.0 else {
            return;
        };
        requested.try_access_with(|requested| {
            requested.disabled.fetch_sub(1, Ordering::AcqRel);
            requested.enable();
        });
    }
}
