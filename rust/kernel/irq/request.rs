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
    init::into_error,
    prelude::*,
    scope::{Handle, Scope},
};

/// The answer of a handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IrqReturn {
    /// The interrupt was not the device's.
    None,
    /// The interrupt was the device's, and is handled.
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

/// The answer of the first part of a threaded handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThreadedIrqReturn {
    /// The interrupt was not the device's.
    None,
    /// The interrupt was the device's, and is handled.
    Handled,
    /// The interrupt was the device's, and the thread must handle it.
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

/// A handler of an interrupt.
///
/// It is `Send`, because the thread that unbinds the device drops it.
pub trait Handler: Send + Sync {
    /// Handles one interrupt.
    ///
    /// Context: hard interrupt, with interrupts disabled; must not sleep.
    fn handle(&self) -> IrqReturn;
}

/// A handler of an interrupt in two parts.
pub trait ThreadedHandler: Send + Sync {
    /// The first part. The default makes the second part run.
    ///
    /// Context: hard interrupt, with interrupts disabled; must not sleep.
    fn handle(&self) -> ThreadedIrqReturn {
        ThreadedIrqReturn::WakeThread
    }

    /// The second part, in a thread of its own.
    ///
    /// Context: process context; may sleep.
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
/// `line` must be a `Line<T>` that stays alive meanwhile.
unsafe fn with<T, R>(line: *mut c_void, part: Part, f: impl FnOnce(&T) -> R) -> R {
    // SAFETY: a reference requires a live `Line<T>`: the caller vouches for it.
    let line = unsafe { &*line.cast_const().cast::<Line<T>>() };
    line.run(part, f)
}

unsafe extern "C" fn handle<T: Handler>(_: c_int, line: *mut c_void) -> bindings::irqreturn_t {
    // SAFETY: `with` requires a live `Line<T>`: C passes the cookie of `Line::request`, which stays
    // alive meanwhile (IRQ-REQUESTED).
    unsafe { with::<T, _>(line, Part::First, T::handle) }.into_raw()
}

unsafe extern "C" fn handle_first<T: ThreadedHandler>(
    _: c_int,
    line: *mut c_void,
) -> bindings::irqreturn_t {
    // SAFETY: `with` requires a live `Line<T>`: C passes the cookie of `Line::request`, which stays
    // alive meanwhile (IRQ-REQUESTED).
    unsafe { with::<T, _>(line, Part::First, T::handle) }.into_raw()
}

unsafe extern "C" fn handle_threaded<T: ThreadedHandler>(
    _: c_int,
    line: *mut c_void,
) -> bindings::irqreturn_t {
    // SAFETY: `with` requires a live `Line<T>`: C passes the cookie of `Line::request`, which stays
    // alive meanwhile (IRQ-REQUESTED).
    unsafe { with::<T, _>(line, Part::Thread, T::handle_threaded) }.into_raw()
}

/// Defines a registration for a kind of handlers.
macro_rules! registration {
    ($(#[$doc:meta])* $name:ident: $handler:ident, $entries:expr) => {
        $(#[$doc])*
        ///
        /// The interrupt belongs to the scope, and this is a handle. Dropping this frees the
        /// interrupt early and waits for running handlers. If the handler itself drops this, the
        /// interrupt is freed right after the handler has returned. Forgetting this changes
        /// nothing. The handler itself is dropped with this or at the end of the scope, whichever
        /// is later.
        #[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
        pub struct $name<'a, T: $handler>(Handle<Line<T>>, PhantomData<&'a ()>);

        impl<'a, T: $handler> $name<'a, T> {
            const ENTRIES: (IrqEntryPoint, Option<IrqEntryPoint>) = $entries;

            /// Requests an interrupt, with a handler that may borrow from the scope.
            ///
            /// `name` is shown in `/proc/interrupts`. The handler may be called before this
            /// function returns.
            ///
            /// Not in Linux 7.3.
            ///
            /// Context: process context; may sleep.
            ///
            /// # Errors
            ///
            /// - The initialiser's error.
            /// - `EINVAL` for a name of which C can make no directory in `/proc/irq`. Such a name
            ///   is empty, `.` or `..`, is longer than 127 bytes, or has a `/`, a `!` or a control
            ///   character. The names of C's own files there (`spurious`, ..) are refused, too.
            /// - The errors of `request_threaded_irq()`. `EBUSY` means that another driver has the
            ///   interrupt and does not share it; `EINVAL`, that flags contradict each other.
            /// - `ENOMEM`.
            /// - `ENODEV` if the scope is ending.
            ///
            /// Nothing is requested then, and the handler is dropped.
            #[doc(alias("request_irq", "devm_request_irq", "request_threaded_irq", "devm_request_threaded_irq"))]
            pub fn new_in<E>(
                scope: &Scope<'a>,
                request: IrqRequest<'a>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, E>,
            ) -> Result<Self>
            where
                T: 'a,
                Error: From<E>,
            {
                Self::enter(scope, request, flags, name, handler)
            }

            /// Requests an interrupt until the binding of the device ends, with a handler that
            /// borrows nothing. It may be called in `probe`.
            ///
            /// Not in Linux 7.3.
            ///
            /// Context: process context; may sleep.
            ///
            /// # Errors
            ///
            /// - The errors of [`new_in`](Self::new_in).
            /// - `EPERM` if no driver of this module has bound the device.
            pub fn new_static<E>(
                request: IrqRequest<'a>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, E>,
            ) -> Result<Self>
            where
                T: 'static,
                Error: From<E>,
            {
                let scope = Scope::of(request.device())?;
                Self::enter(scope, request, flags, name, handler)
            }

            /// Requests an interrupt, with a handler that may borrow anything that lives for `'a`.
            ///
            /// Context: process context; may sleep.
            ///
            /// # Errors
            ///
            /// The errors of [`new_static`](Self::new_static).
            ///
            /// # Safety
            ///
            /// The registration must be dropped before `'a` ends. It must neither be forgotten nor
            /// leaked in another way. [`new_in`](Self::new_in) is the safe way.
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
                    // SAFETY: `with_lifetime` requires SCOPE-DRAINED for `'a`, which its user must
                    // not choose. Only the registration is entered in it, and the caller of `new`
                    // drops that before `'a` ends.
                    let scope: &Scope<'a> = unsafe { scope.with_lifetime() };
                    Self::new_in(scope, request, flags, name, handler)
                })
            }

            /// The handler.
            ///
            /// Context: any context.
            pub fn handler(&self) -> &T {
                self.line().handler()
            }

            /// Waits until no handler runs that ran when this was called. If a handler calls it, it
            /// does not wait for itself.
            ///
            /// Context: process context; may sleep.
            #[doc(alias = "synchronize_irq")]
            pub fn synchronize(&self) {
                self.line().synchronize()
            }

            /// Disables the interrupt until the result is dropped, and waits for running handlers.
            /// If a handler calls it, it does not wait for itself. On a shared line, the interrupts
            /// of the other devices are disabled too.
            ///
            /// Not in Linux 7.3.
            ///
            /// Context: process context; may sleep.
            #[doc(alias = "disable_irq")]
            pub fn disable(&self) -> Disabled<'_> {
                self.line().disable(true)
            }

            /// Disables the interrupt as [`disable`](Self::disable) does, without waiting for
            /// running handlers.
            ///
            /// Not in Linux 7.3.
            ///
            /// Context: any context but NMI. It sleeps if the interrupt controller is on a bus that
            /// sleeps, such as a GPIO expander on I2C.
            #[doc(alias = "disable_irq_nosync")]
            pub fn disable_nosync(&self) -> Disabled<'_> {
                self.line().disable(false)
            }

            /// Enables an interrupt that was requested with [`Flags::NO_AUTOEN`]. Later calls do
            /// nothing.
            ///
            /// Not in Linux 7.3.
            ///
            /// Context: that of [`disable_nosync`](Self::disable_nosync).
            #[doc(alias = "enable_irq")]
            pub fn enable(&self) {
                self.line().enable()
            }

            /// Leaves the registration to its scope.
            ///
            /// Not in Linux 7.3.
            ///
            /// Context: any context.
            #[doc(alias("free_irq", "devm_free_irq"))]
            pub fn detach(self) {
                self.0.detach();
            }

            fn enter<'x, E>(
                scope: &Scope<'x>,
                request: IrqRequest<'a>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, E>,
            ) -> Result<Self>
            where
                T: 'x,
                Error: From<E>,
            {
                let entries = Self::ENTRIES;
                // SAFETY: `request` requires functions that are fit for a `Line<T>` on any thread:
                // the entries are made for it, and its handler is `Sync`.
                unsafe { Line::request(scope, &request, flags, name, into_error(handler), entries) }
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
