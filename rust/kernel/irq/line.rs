// SPDX-License-Identifier: GPL-2.0

//! A requested interrupt, with its handler: what the scope owns.

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
    /// What C knows it by, once it knows it: the address of the line.
    cookie: AtomicPtr<c_void>,
    /// How often it was disabled, and not enabled since.
    disabled: AtomicU32,
    /// Whether it was never enabled.
    waits: AtomicBool,
}

impl Requested {
    fn enable(&self) {
        // SAFETY: answers a disabling of an interrupt that is ours: this is not dropped.
        unsafe { bindings::enable_irq(self.irq) }
    }
}

impl Drop for Requested {
    fn drop(&mut self) {
        let cookie = self.cookie.load(Ordering::Acquire);
        if cookie.is_null() {
            return;
        }
        // Others on a shared line would be left without it.
        for _ in 0..self.disabled.load(Ordering::Acquire) {
            self.enable();
        }
        // SAFETY: requested with this cookie, and given up once. Waits for the handlers.
        unsafe { bindings::free_irq(self.irq, cookie) };
    }
}

/// A part of a handler.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// In the interrupt.
    First,
    /// In a thread.
    Thread,
}

/// The longest name that C does not cut off in `/proc/irq`.
const LONGEST_NAME: usize = 127;

/// Checks a handler's name, of which C makes a directory. Errors: `EINVAL`.
fn check_name(name: &CStr) -> Result {
    file_name::check(c"an interrupt handler", name, LONGEST_NAME)?;
    // SAFETY: `lb_check_irq_name()` requires a string, which it only reads.
    match unsafe { bindings::lb_check_irq_name(name.as_char_ptr()) } {
        true => Ok(()),
        false => Err(EINVAL),
    }
}

/// A handler, and what it is for.
///
/// # Invariants
///
/// IRQ-REQUESTED: C has the address of this line from `start` until `requested` is revoked, and calls nothing with it
/// afterwards.
#[pin_data]
pub(super) struct Line<T> {
    #[pin]
    requested: Revocable<Requested>,
    #[pin]
    handler: T,
    first: Runner,
    thread: Runner,
    // After the interrupt was given up: until then the number is ours.
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
    /// Requests an interrupt. May sleep.
    ///
    /// Errors: `EINVAL` for a name that `check_name` refuses; the handler's initialiser's; those of
    /// `request_threaded_irq()`, such as `EBUSY` if somebody has the interrupt who does not share
    /// it; `ENOMEM`; `ENODEV` if the scope is ending.
    ///
    /// # Safety
    ///
    /// `primary` and `thread` may be called with a `Line<T>`, on any thread.
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
            requested <- Revocable::new::<Error>(Requested {
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
            // INVARIANT: IRQ-REQUESTED. SAFETY: the line is pinned, and stays until `stop` has given the interrupt up,
            // which waits for the callbacks; they are fit for it (the caller). The name is the module's, whose bindings
            // end before it is unloaded.
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

    /// Calls a part of the handler, of which C has one run at a time.
    pub(super) fn run<R>(&self, part: Part, f: impl FnOnce(&T) -> R) -> R {
        let runner = match part {
            Part::First => &self.first,
            Part::Thread => &self.thread,
        };
        let _call = matches!(part, Part::Thread).then(|| Call::begin(self));
        runner.run(|| f(&self.handler))
    }

    /// Whether the handler is running here: on this thread, or in an interrupt that has interrupted
    /// it.
    fn runs_here(&self) -> bool {
        self.first.is_here() || self.thread.is_here()
    }

    /// Waits until no handler runs that ran when this was called; a handler that calls it does not
    /// wait. May sleep.
    pub(super) fn synchronize(&self) {
        if self.runs_here() {
            return;
        }
        self.requested.try_access_with(|requested| {
            // SAFETY: any number may be asked for.
            unsafe { bindings::synchronize_irq(requested.irq) }
        });
    }

    /// Disables the interrupt; without waiting for handlers unless it `waits`.
    pub(super) fn disable(&self, waits: bool) -> Disabled<'_> {
        let disabled = self.requested.try_access_with(|requested| {
            // SAFETY: an interrupt that is ours: it is not given up meanwhile.
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

/// An interrupt that is disabled. Dropping this enables it, if nobody else has disabled it too; any context but NMI, where
/// [`disable_nosync`](super::Registration::disable_nosync) may be called.
///
/// One that is forgotten leaves the interrupt disabled until the registration ends.
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
