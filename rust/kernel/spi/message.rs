// SPDX-License-Identifier: GPL-2.0

//! Messages to a device. Not in Linux 7.3.
//!
//! C header: [`include/linux/spi/spi.h`](srctree/include/linux/spi/spi.h) (`spi_sync_transfer()`)
//!
//! A method sends a message, and receives its answer, before it returns. So a message borrows
//! nothing from the device, and needs a bound device only during the call.

use super::{
    device::Device,
    transfer::{Bounce, FLAGS, Transfer},
};
use crate::{bindings, device::Bound, error::to_result, ffi::c_uint, prelude::*};

impl Device<Bound> {
    /// Sends one message: its transfers one after the other, with the device selected all the time.
    /// No other message goes to the controller in between.
    ///
    /// Context: process context; may sleep, for as long as the controller takes.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there is no transfer, or the controller does not have what a transfer asks
    ///   for. Nothing was sent then.
    /// - `EMSGSIZE` if the message is too long for the controller, see [`limits`](Self::limits).
    ///   Nothing was sent then.
    /// - `ENOMEM`, and the errors of `spi_sync()`, such as `ETIMEDOUT`. The device may have had
    ///   some of the transfers, and the buffers are unchanged.
    #[doc(alias("spi_sync_transfer", "spi_sync"))]
    pub fn sync_transfer(&self, transfers: &mut [Transfer<'_>]) -> Result {
        let count = c_uint::try_from(transfers.len()).map_err(|_| EINVAL)?;
        if count == 0 {
            return Err(EINVAL);
        }
        let shapes = transfers.iter().map(Transfer::shape);
        self.limits().check_message(self.settings(), shapes)?;
        let mut raw = KVec::with_capacity(transfers.len(), FLAGS | __GFP_NOWARN)?;
        let mut bounces = KVec::with_capacity(transfers.len(), FLAGS | __GFP_NOWARN)?;
        for transfer in &*transfers {
            let (to, from) = transfer.parts();
            let mut bounce = Bounce::new(to, from)?;
            raw.push(transfer.to_raw(&mut bounce)?, FLAGS)?;
            bounces.push(bounce, FLAGS)?;
        }
        // SAFETY: `spi_sync_transfer()` has these requirements.
        // 1. The context may sleep: this method requires that of its caller.
        // 2. The device's controller is registered: a bound device is below its controller.
        // 3. There are `count` zeroed transfers, of which each buffer is null or has the transfer's
        //    length: `to_raw` made them of `bounces`.
        // 4. All of it stays until the call returns: `raw` and `bounces` live here.
        to_result(unsafe {
            bindings::lb_spi_sync_transfer(self.as_raw(), raw.as_mut_ptr(), count)
        })?;
        for (transfer, bounce) in transfers.iter_mut().zip(&bounces) {
            transfer.receive(bounce);
        }
        Ok(())
    }

    /// Sends bytes to the device.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`sync_transfer`](Self::sync_transfer).
    #[doc(alias = "spi_write")]
    pub fn write(&self, bytes: &[u8]) -> Result {
        self.sync_transfer(&mut [Transfer::write(bytes)])
    }

    /// Fills `buffer` from the device.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`sync_transfer`](Self::sync_transfer).
    #[doc(alias = "spi_read")]
    pub fn read(&self, buffer: &mut [u8]) -> Result {
        self.sync_transfer(&mut [Transfer::read(buffer)])
    }

    /// Sends bytes to the device and then fills `buffer` from it, in one message.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`sync_transfer`](Self::sync_transfer).
    #[doc(alias("spi_write_then_read", "spi_w8r8"))]
    pub fn write_then_read(&self, bytes: &[u8], buffer: &mut [u8]) -> Result {
        self.sync_transfer(&mut [Transfer::write(bytes), Transfer::read(buffer)])
    }
}
