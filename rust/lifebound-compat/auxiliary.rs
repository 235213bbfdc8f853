// SPDX-License-Identifier: GPL-2.0

//! The auxiliary bus: Linux's module, and children that belong to a scope.

use core::marker::PhantomData;

pub use ::kernel::auxiliary::*;
use ::kernel::{prelude::*, types::ForLt};

use crate::scope::{Entry, Handle, Scope};

/// A child device that a scope owns. Dropping the value ends the child early.
pub struct Registration<'x, F: ForLt + 'static> {
    handle: Handle<'x>,
    _data: PhantomData<fn() -> F>,
}

/// The registration of Linux's crate, in a scope.
struct Child<'x, F: ForLt + 'static>(::kernel::auxiliary::Registration<'x, F>);

impl<F: ForLt + 'static> Entry for Child<'_, F> {
    fn end(self) {
        drop(self.0);
    }
}

impl<'x, F: ForLt + 'static> Registration<'x, F>
where
    for<'b> F::Of<'b>: Send + Sync,
{
    /// Adds a child device to the scope's device, with data that may borrow for `'x`.
    ///
    /// Context: process context; may sleep. The child's driver may be probed before this returns.
    ///
    /// # Errors
    ///
    /// Those of Linux's `new_with_lt`; `ENODEV` if the scope is ending. There is no child then.
    pub fn new_in<E>(
        scope: &Scope<'x>,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: impl PinInit<F::Of<'x>, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        // SAFETY: `new_with_lt` requires that the registration be dropped before what the data
        // borrows ends. Nobody but the scope gets it, and the scope drops it in time
        // (SCOPE-DRAINED).
        let child = unsafe {
            ::kernel::auxiliary::Registration::<'x, F>::new_with_lt(
                scope.device(),
                name,
                id,
                modname,
                data,
            )?
        };
        Ok(Self {
            handle: scope.keep(Child(child))?,
            _data: PhantomData,
        })
    }

    /// Leaves the child to the scope.
    pub fn detach(self) {
        self.handle.detach();
    }
}
