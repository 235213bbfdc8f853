// SPDX-License-Identifier: GPL-2.0

//! The handle of a registration is dropped at once.

#![forbid(unsafe_code)]

use kernel::{
    irq::{Flags, Handler, IrqRequest, Registration},
    prelude::*,
    scope::Scope,
};

pub fn listen<'x, H: Handler>(
    scope: &'x Scope<'x>,
    request: IrqRequest<'x>,
    handler: &'x H,
) -> Result
where
    &'x H: Handler,
{
    #[cfg(not(reject))]
    Registration::new_in(scope, request, Flags::SHARED, c"mistake", handler)?.detach();
    #[cfg(reject)]
    Registration::new_in(scope, request, Flags::SHARED, c"mistake", handler)?;
    Ok(())
}
