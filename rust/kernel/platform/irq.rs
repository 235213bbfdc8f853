// SPDX-License-Identifier: GPL-2.0

//! Interrupts of platform devices, by index and by name.
//!
//! C header: [`include/linux/platform_device.h`](srctree/include/linux/platform_device.h)

use super::Device;
use crate::{bindings, device::Bound, error::to_result, ffi::c_int, irq::IrqRequest, prelude::*};

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
