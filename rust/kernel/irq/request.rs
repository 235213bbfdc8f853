// SPDX-License-Identifier: GPL-2.0

//! Handlers and their registrations.

use core::{marker::PhantomData, pin::Pin};

use super::{
    Flags, IrqRequest,
    line::{Disabled, IrqEntryPoint, Line, Part},
};
use crate::{
    bindings,
    ffi::{c_int, c_void},
    prelude::*,
    scope::{Handle, Scope},
};

/// What a handler says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IrqReturn {
    /// The interrupt was not the device's.
    None,
    /// It was, and is dealt with.
    Handled,
}

impl IrqReturn {
    fn into_raw(self) -> bindings::irqreturn_t {
        match self {
            Self::None => bindings::irqreturn_IRQ_NONE,
            Self::Handled => bindings::irqreturn_IRQ_HANDLED,
        }
    }
}

/// What the first part of a threaded handler says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThreadedIrqReturn {
    /// The interrupt was not the device's.
    None,
    /// It was, and is dealt with.
    Handled,
    /// The thread has to run.
    WakeThread,
}

impl ThreadedIrqReturn {
    fn into_raw(self) -> bindings::irqreturn_t {
        match self {
            Self::None => bindings::irqreturn_IRQ_NONE,
            Self::Handled => bindings::irqreturn_IRQ_HANDLED,
            Self::WakeThread => bindings::irqreturn_IRQ_WAKE_THREAD,
        }
    }
}

/// Handles an interrupt.
///
/// It is `Send` because it is dropped by whoever unbinds the device.
pub trait Handler: Send + Sync {
    /// Handles one interrupt. Interrupts are disabled; must not sleep.
    fn handle(&self) -> IrqReturn;
}

/// Handles an interrupt in two parts.
pub trait ThreadedHandler: Send + Sync {
    /// The first part. Interrupts are disabled; must not sleep. By itself it has the second part run.
    fn handle(&self) -> ThreadedIrqReturn {
        ThreadedIrqReturn::WakeThread
    }

    /// The second part, in a thread of its own. May sleep.
    fn handle_threaded(&self) -> IrqReturn;
}

impl<T: Handler + ?Sized> Handler for &T
where
    for<'a> &'a T: Send,
{
    fn handle(&self) -> IrqReturn {
        T::handle(self)
    }
}

impl<T: ThreadedHandler + ?Sized> ThreadedHandler for &T
where
    for<'a> &'a T: Send,
{
    fn handle(&self) -> ThreadedIrqReturn {
        T::handle(self)
    }

    fn handle_threaded(&self) -> IrqReturn {
        T::handle_threaded(self)
    }
}

/// Borrows a line from C, to run a part of its handler.
///
/// # Safety
///
/// `line` must be a `Line<T>` that stays meanwhile.
unsafe fn with<T, R>(line: *mut c_void, part: Part, f: impl FnOnce(&T) -> R) -> R {
    // SAFETY: the caller.
    let line = unsafe { &*line.cast_const().cast::<Line<T>>() };
    line.run(part, f)
}

unsafe extern "C" fn handle<T: Handler>(_: c_int, line: *mut c_void) -> bindings::irqreturn_t {
    // SAFETY: IRQ-REQUESTED.
    unsafe { with::<T, _>(line, Part::First, T::handle) }.into_raw()
}

unsafe extern "C" fn handle_first<T: ThreadedHandler>(
    _: c_int,
    line: *mut c_void,
) -> bindings::irqreturn_t {
    // SAFETY: IRQ-REQUESTED.
    unsafe { with::<T, _>(line, Part::First, T::handle) }.into_raw()
}

unsafe extern "C" fn handle_threaded<T: ThreadedHandler>(
    _: c_int,
    line: *mut c_void,
) -> bindings::irqreturn_t {
    // SAFETY: IRQ-REQUESTED.
    unsafe { with::<T, _>(line, Part::Thread, T::handle_threaded) }.into_raw()
}

/// Defines a registration for a kind of handlers.
macro_rules! registration {
    ($(#[$doc:meta])* $name:ident: $handler:ident, $entries:expr) => {
        $(#[$doc])*
        ///
        /// A handle: the interrupt belongs to the scope. Dropping this gives it up early and waits
        /// for running handlers; if the handler itself does it, the interrupt is given up right
        /// after it has returned. Forgetting it changes nothing. The handler itself is dropped with
        /// this or at the end of the scope, whichever is later.
        #[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
        pub struct $name<'a, T: $handler>(Handle<Line<T>>, PhantomData<&'a ()>);

        impl<'a, T: $handler> $name<'a, T> {
            const ENTRIES: (IrqEntryPoint, Option<IrqEntryPoint>) = $entries;

            /// Requests an interrupt, with a handler that may borrow from the scope. May sleep. Ours alone.
            ///
            /// `name` shows in `/proc/interrupts`. The handler may be called before this returns.
            ///
            /// # Errors
            ///
            /// The initialiser's error; `EINVAL` for a name of which C can make no directory in
            /// `/proc/irq`: one that is empty, `.`, `..`, longer than 127 bytes, has a `/`, an `!`
            /// or a control character, or is that of one of C's files there (`spurious`, ..); what
            /// `request_threaded_irq()` returns, such as `EBUSY` if somebody has the interrupt and
            /// does not share it, or `EINVAL` for flags that contradict each other; `ENOMEM`;
            /// `ENODEV` if the scope is ending. Nothing is requested then, and the handler dropped.
            pub fn new_in(
                scope: &Scope<'a>,
                request: IrqRequest<'a>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, Error>,
            ) -> Result<Self>
            where
                T: 'a,
            {
                Self::enter(scope, request, flags, name, handler)
            }

            /// Requests an interrupt, with a handler that borrows nothing, until the binding of the device ends. May be
            /// called in `probe`. May sleep. Ours alone.
            ///
            /// # Errors
            ///
            /// As [`new_in`](Self::new_in); `EPERM` if no driver of this module has bound the device.
            pub fn new_static(
                request: IrqRequest<'a>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, Error>,
            ) -> Result<Self>
            where
                T: 'static,
            {
                let scope = Scope::of(request.device())?;
                Self::enter(scope, request, flags, name, handler)
            }

            /// Requests an interrupt, with a handler that may borrow anything that lives for `'a`. May sleep.
            ///
            /// # Errors
            ///
            /// As [`new_static`](Self::new_static).
            ///
            /// # Safety
            ///
            /// The registration must be dropped before `'a` ends: not be forgotten, nor leaked otherwise.
            /// [`new_in`](Self::new_in) is the safe way.
            pub unsafe fn new(
                request: IrqRequest<'a>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, Error> + 'a,
            ) -> impl PinInit<Self, Error> + 'a
            where
                T: 'a,
            {
                pin_init::pin_init_scope(move || {
                    let scope = Scope::of(request.device())?;
                    // SAFETY: the scope ends what is in it when the binding does, if not before. The caller sees to it
                    // that this is before: when `'a` ends.
                    let scope: &Scope<'a> = unsafe { scope.with_lifetime() };
                    Self::new_in(scope, request, flags, name, handler)
                })
            }

            /// The handler. Any context.
            pub fn handler(&self) -> &T {
                self.line().handler()
            }

            /// Waits until no handler runs that ran when this was called; for itself a handler does
            /// not wait. May sleep.
            pub fn synchronize(&self) {
                self.line().synchronize()
            }

            /// Disables the interrupt until the result is dropped, and waits for running handlers;
            /// for itself a handler does not wait. May sleep.
            ///
            /// On a shared line, the others' interrupts are disabled too. Ours alone.
            pub fn disable(&self) -> Disabled<'_> {
                self.line().disable(true)
            }

            /// [`disable`](Self::disable) without waiting for running handlers. Any context but NMI, except that it sleeps for
            /// a controller that is itself on a bus which sleeps (a GPIO expander on I2C). Ours alone.
            pub fn disable_nosync(&self) -> Disabled<'_> {
                self.line().disable(false)
            }

            /// Enables an interrupt that was requested with [`Flags::NO_AUTOEN`]; later calls do nothing. Context: as
            /// [`disable_nosync`](Self::disable_nosync). Ours alone.
            pub fn enable(&self) {
                self.line().enable()
            }

            /// Leaves the registration to its scope. Any context. Ours alone.
            pub fn detach(self) {
                self.0.detach();
            }

            fn enter<'x>(
                scope: &Scope<'x>,
                request: IrqRequest<'a>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, Error>,
            ) -> Result<Self>
            where
                T: 'x,
            {
                let entries = Self::ENTRIES;
                // SAFETY: the entries are for a `Line<T>`, whose handler is `Sync`.
                unsafe { Line::request(scope, &request, flags, name, handler, entries) }
                    .map(|line| Self(line, PhantomData))
            }

            fn line(&self) -> &Line<T> {
                Pin::get_ref(self.0.payload())
            }
        }
    };
}

registration! {
    /// A handler that is registered for an interrupt.
    Registration: Handler, (handle::<T>, None)
}

registration! {
    /// A handler in two parts that is registered for an interrupt.
    ThreadedRegistration: ThreadedHandler, (handle_first::<T>, Some(handle_threaded::<T>))
}
