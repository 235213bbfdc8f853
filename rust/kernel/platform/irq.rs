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

/// Makes one look-up method from its name, its key, and the C function behind it.
macro_rules! look_up {
    ($(#[$doc:meta])* $method:ident($key:ident: $type:ty) by $function:ident($value:expr)) => {
        impl Device<Bound> {
            $(#[$doc])*
            /// # Errors
            ///
            /// From C: `ENXIO` if there is no such interrupt, `EPROBE_DEFER` if its controller is
            /// not there yet, and errors of the controller's driver. `EINVAL` if the index is too
            /// large for any device.
            pub fn $method(&self, $key: $type) -> Result<IrqRequest<'_>> {
                let value = $value;
                // SAFETY: C requires a live device, and a name that lives until the call returns;
                // DEV-LIVE gives the first, and a name is borrowed.
                let found = unsafe { bindings::$function(self.as_raw(), value) };
                self.request(found)
            }
        }
    };
}

look_up! {
    /// The interrupt with this index, which the driver needs. C logs an error if there is none.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "platform_get_irq")]
    irq_by_index(index: u32) by platform_get_irq(number(index)?)
}
look_up! {
    /// The interrupt with this index, which the driver can do without.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "platform_get_irq_optional")]
    optional_irq_by_index(index: u32) by platform_get_irq_optional(number(index)?)
}
look_up! {
    /// The interrupt with this name, which the driver needs. C logs an error if there is none.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "platform_get_irq_byname")]
    irq_by_name(name: &CStr) by platform_get_irq_byname(name.as_char_ptr())
}
look_up! {
    /// The interrupt with this name, which the driver can do without.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "platform_get_irq_byname_optional")]
    optional_irq_by_name(name: &CStr) by platform_get_irq_byname_optional(name.as_char_ptr())
}

/// Checks an index for C. C takes an unsigned index, but passes it on in a signed type.
fn number(index: u32) -> Result<u32> {
    c_int::try_from(index)?;
    Ok(index)
}

impl Device<Bound> {
    /// Makes a request of C's result: an interrupt of this device, or an error.
    fn request(&self, found: c_int) -> Result<IrqRequest<'_>> {
        if found < 0 {
            to_result(found)?;
        }
        Ok(IrqRequest::new(self.as_ref(), u32::try_from(found)?))
    }
}

/// Makes a method that looks an interrupt up and requests it, as in Linux 7.3.
macro_rules! request {
    ($(#[$doc:meta])* $method:ident($key:ident: $type:ty): $registration:ident, $handler:ident by $look_up:ident) => {
        impl Device<Bound> {
            $(#[$doc])*
            ///
            #[doc = concat!("[`", stringify!($look_up), "`](Self::", stringify!($look_up), "), and a registration for")]
            /// the interrupt that it finds.
            ///
            /// Context: process context; may sleep.
            ///
            /// # Errors
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
                    // SAFETY: `new` requires what this method requires of its caller, and the
                    // caller vouches for it.
                    Ok(unsafe { $registration::new(request, flags, name, handler) })
                })
            }
        }
    };
}

request! {
    /// Requests the interrupt with this index, which the driver needs.
    request_irq_by_index(index: u32): Registration, Handler by irq_by_index
}
request! {
    /// Requests the interrupt with this name, which the driver needs.
    request_irq_by_name(irq_name: &'a CStr): Registration, Handler by irq_by_name
}
request! {
    /// Requests the interrupt with this index, which the driver can do without.
    request_optional_irq_by_index(index: u32): Registration, Handler by optional_irq_by_index
}
request! {
    /// Requests the interrupt with this name, which the driver can do without.
    request_optional_irq_by_name(irq_name: &'a CStr): Registration, Handler by optional_irq_by_name
}
request! {
    /// Requests the interrupt with this index, which the driver needs, for a handler in two parts.
    request_threaded_irq_by_index(index: u32): ThreadedRegistration, ThreadedHandler by irq_by_index
}
request! {
    /// Requests the interrupt with this name, which the driver needs, for a handler in two parts.
    request_threaded_irq_by_name(irq_name: &'a CStr): ThreadedRegistration, ThreadedHandler by irq_by_name
}
request! {
    /// Requests the interrupt with this index, which the driver can do without, for a handler in
    /// two parts.
    request_optional_threaded_irq_by_index(index: u32): ThreadedRegistration, ThreadedHandler by optional_irq_by_index
}
request! {
    /// Requests the interrupt with this name, which the driver can do without, for a handler in two
    /// parts.
    request_optional_threaded_irq_by_name(irq_name: &'a CStr): ThreadedRegistration, ThreadedHandler
    by optional_irq_by_name
}
