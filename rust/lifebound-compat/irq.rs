// SPDX-License-Identifier: GPL-2.0

//! Interrupts: Linux's module, and handlers that belong to a scope.

use core::{marker::PhantomData, pin::Pin};

pub use ::kernel::irq::*;
use ::kernel::prelude::*;

use crate::scope::{Entry, Handle, Scope};

macro_rules! registration {
    ($name:ident, $handler:ident, $entry:ident) => {
        /// A handler that a scope owns. Dropping the value ends it early.
        pub struct $name<'x, T: $handler> {
            handle: Handle<'x>,
            _handler: PhantomData<fn() -> T>,
        }

        struct $entry<'x, T: $handler + 'x>(Pin<KBox<::kernel::irq::$name<'x, T>>>);

        // SAFETY: `Send` requires that any thread may end the registration: C frees an interrupt in
        // any task, and a `Send` handler may be dropped there.
        unsafe impl<T: $handler + Send> Send for $entry<'_, T> {}

        impl<T: $handler> Entry for $entry<'_, T> {
            fn end(self) {
                drop(self.0);
            }
        }

        impl<'x, T: $handler + Send + 'x> $name<'x, T> {
            /// Requests an interrupt until the scope ends. The handler may borrow for `'x`.
            ///
            /// Context: process context; may sleep.
            ///
            /// # Errors
            ///
            /// Those of Linux's `new`; `ENODEV` if the scope is ending. Nothing is requested then.
            pub fn new_in<E>(
                scope: &Scope<'x>,
                request: IrqRequest<'x>,
                flags: Flags,
                name: &'static CStr,
                handler: impl PinInit<T, E> + 'x,
            ) -> Result<Self>
            where
                Error: From<E>,
            {
                let handler = move |slot: *mut T| {
                    // SAFETY: `raw_try_init` requires what the closure's own caller guarantees: a
                    // slot for a value, which stays in place.
                    unsafe { pin_init::raw_try_init(slot, handler) }.map_err(Error::from)
                };
                // SAFETY: `pin_init_from_closure` requires that the closure initialise its slot, or
                // fail and leave nothing in it; `raw_try_init` does.
                let handler = unsafe { pin_init::pin_init_from_closure(handler) };
                // SAFETY: `new` requires that the registration be dropped before what the handler
                // borrows ends. Nobody but the scope gets it, and the scope drops it in time
                // (SCOPE-DRAINED).
                let registration =
                    unsafe { ::kernel::irq::$name::<'x, T>::new(request, flags, name, handler) };
                let registration: Pin<KBox<_>> = KBox::pin_init::<Error>(registration, GFP_KERNEL)?;
                Ok(Self {
                    handle: scope.keep($entry(registration))?,
                    _handler: PhantomData,
                })
            }

            /// Leaves the handler to the scope.
            pub fn detach(self) {
                self.handle.detach();
            }
        }
    };
}

registration!(Registration, Handler, Shared);
registration!(ThreadedRegistration, ThreadedHandler, SharedThreaded);
