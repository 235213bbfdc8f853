// SPDX-License-Identifier: GPL-2.0

//! Interrupts of devices.
//!
//! C header: [`include/linux/interrupt.h`](srctree/include/linux/interrupt.h)

use crate::device::{Bound, Device};

/// An interrupt of a bound device, for which a handler can be registered.
pub struct IrqRequest<'a> {
    device: &'a Device<Bound>,
    irq: u32,
}

impl<'a> IrqRequest<'a> {
    /// The interrupt `irq`, which must be the device's own.
    pub(crate) fn new(device: &'a Device<Bound>, irq: u32) -> Self {
        Self { device, irq }
    }

    /// The kernel's number of the interrupt. Any context.
    pub fn irq(&self) -> u32 {
        self.irq
    }

    /// The device. Any context. Ours alone.
    pub fn device(&self) -> &'a Device<Bound> {
        self.device
    }
}
