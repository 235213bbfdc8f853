// SPDX-License-Identifier: GPL-2.0

//! Interrupts of platform devices, by index and by name.
//!
//! C header: [`include/linux/platform_device.h`](srctree/include/linux/platform_device.h)

use super::device::Device;
use crate::{
    bindings,
    device::Bound,
    error::to_result,
    ffi::c_int,
    irq::{Flags, Handler, IrqRequest, Registration, ThreadedHandler, ThreadedRegistration},
    prelude::*,
};

/// One look-up: how it is called, what it is for, and the C function behind it.
macro_rules! look_up {
    ($(#[$doc:meta])* $method:ident($key:ident: $type:ty) by $function:ident($value:expr)) => {
        impl Device<Bound> {
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// From C: `ENXIO` if there is none, `EPROBE_DEFER` if its controller is not there yet, and those of the
            /// controller's driver. `EINVAL` if the index is too large for any device.
            pub fn $method(&self, $key: $type) -> Result<IrqRequest<'_>> {
                let value = $value;
                // SAFETY: DEV-LIVE; a name is only read, until the call returns.
                let found = unsafe { bindings::$function(self.as_raw(), value) };
                self.request(found)
            }
        }
    };
}

look_up! {
    /// The interrupt number `index`, which the driver needs: without it, there is a message. May sleep.
    irq_by_index(index: u32) by platform_get_irq(number(index)?)
}
look_up! {
    /// The interrupt number `index`, which the driver can do without. May sleep.
    optional_irq_by_index(index: u32) by platform_get_irq_optional(number(index)?)
}
look_up! {
    /// The interrupt of this name, which the driver needs: without it, there is a message. May sleep.
    irq_by_name(name: &CStr) by platform_get_irq_byname(name.as_char_ptr())
}
look_up! {
    /// The interrupt of this name, which the driver can do without. May sleep.
    optional_irq_by_name(name: &CStr) by platform_get_irq_byname_optional(name.as_char_ptr())
}

/// An index for C, which counts in an unsigned type and reports with a signed one.
fn number(index: u32) -> Result<u32> {
    c_int::try_from(index)?;
    Ok(index)
}

impl Device<Bound> {
    /// What C has found: an interrupt of this device, or an error.
    fn request(&self, found: c_int) -> Result<IrqRequest<'_>> {
        if found < 0 {
            to_result(found)?;
        }
        Ok(IrqRequest::new(self.as_ref(), u32::try_from(found)?))
    }
}

/// A look-up and a request in one, as in Linux 7.3.
macro_rules! request {
    ($(#[$doc:meta])* $method:ident($key:ident: $type:ty): $registration:ident, $handler:ident by $look_up:ident) => {
        impl Device<Bound> {
            $(#[$doc])*
            ///
            #[doc = concat!("[`", stringify!($look_up), "`](Self::", stringify!($look_up), "), and a registration for")]
            /// what it finds. May sleep.
            ///
            /// # Errors
            ///
            #[doc = concat!("Those of the look-up, and of [`", stringify!($registration), "::new`].")]
            ///
            /// # Safety
            ///
            #[doc = concat!("That of [`", stringify!($registration), "::new`]. Its `new_in` is the safe way.")]
            pub unsafe fn $method<'a, T: $handler + 'a>(
                &'a self,
                flags: Flags,
                $key: $type,
                name: &'static CStr,
                handler: impl PinInit<T, Error> + 'a,
            ) -> impl PinInit<$registration<'a, T>, Error> + 'a {
                pin_init::pin_init_scope(move || {
                    let request = self.$look_up($key)?;
                    // SAFETY: as the caller says.
                    Ok(unsafe { $registration::new(request, flags, name, handler) })
                })
            }
        }
    };
}

request! {
    /// Requests the interrupt number `index`, which the driver needs.
    request_irq_by_index(index: u32): Registration, Handler by irq_by_index
}
request! {
    /// Requests the interrupt of this name, which the driver needs.
    request_irq_by_name(irq_name: &'a CStr): Registration, Handler by irq_by_name
}
request! {
    /// Requests the interrupt number `index`, which the driver can do without.
    request_optional_irq_by_index(index: u32): Registration, Handler by optional_irq_by_index
}
request! {
    /// Requests the interrupt of this name, which the driver can do without.
    request_optional_irq_by_name(irq_name: &'a CStr): Registration, Handler by optional_irq_by_name
}
request! {
    /// Requests the interrupt number `index`, which the driver needs, for a handler in two parts.
    request_threaded_irq_by_index(index: u32): ThreadedRegistration, ThreadedHandler by irq_by_index
}
request! {
    /// Requests the interrupt of this name, which the driver needs, for a handler in two parts.
    request_threaded_irq_by_name(irq_name: &'a CStr): ThreadedRegistration, ThreadedHandler by irq_by_name
}
request! {
    /// Requests the interrupt number `index`, which the driver can do without, for a handler in two parts.
    request_optional_threaded_irq_by_index(index: u32): ThreadedRegistration, ThreadedHandler by optional_irq_by_index
}
request! {
    /// Requests the interrupt of this name, which the driver can do without, for a handler in two parts.
    request_optional_threaded_irq_by_name(irq_name: &'a CStr): ThreadedRegistration, ThreadedHandler
    by optional_irq_by_name
}
