// SPDX-License-Identifier: GPL-2.0

//! A device on a serial port: the port's settings, and sending.
//!
//! C header: [`include/linux/serdev.h`](srctree/include/linux/serdev.h)

use super::port::Port;
use crate::{
    bindings,
    device::{self, Bound, Kind},
    error::to_result,
    ffi::c_long,
    prelude::*,
    time::Jiffies,
};

/// The [`Kind`] of a device on a serial port.
pub enum Serdev {}

/// A device on a serial port, `struct serdev_device`.
///
/// # Invariants
///
/// SERDEV-OPEN: a driver sees a `Device<Bound>` only while the device's port is open.
#[doc(alias = "serdev_device")]
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Serdev>;

// SAFETY: `Kind` requires the offset of an embedded device whose release function frees the whole:
// `dev` is that device, and its release function frees the `serdev_device`.
unsafe impl Kind for Serdev {
    type Raw = bindings::serdev_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::serdev_device, dev);
}

/// The parity bit that follows the bits of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "serdev_parity")]
pub enum Parity {
    /// There is none.
    None,
    /// It makes the number of ones even.
    Even,
    /// It makes the number of ones odd.
    Odd,
}

impl Parity {
    fn as_raw(self) -> bindings::serdev_parity {
        match self {
            Self::None => bindings::serdev_parity_SERDEV_PARITY_NONE,
            Self::Even => bindings::serdev_parity_SERDEV_PARITY_EVEN,
            Self::Odd => bindings::serdev_parity_SERDEV_PARITY_ODD,
        }
    }
}

/// C's form of a time limit: 0 stands for no limit there as well as here.
fn timeout(limit: Jiffies) -> c_long {
    c_long::try_from(limit).unwrap_or(bindings::LB_MAX_SCHEDULE_TIMEOUT)
}

// Several threads may send at once. C keeps apart those that call `serdev_device_write()`. Settings
// are C's to read and write as a whole, so `Port::settings` keeps apart the threads that do.
impl Device<Bound> {
    /// Sets the speed in bits per second, for both directions.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The speed that the port has now, if that is another one; 0 if the port cannot tell.
    #[doc(alias = "serdev_device_set_baudrate")]
    pub fn set_baudrate(&self, speed: u32) -> Result<(), u32> {
        let _alone = Port::of(self).map_err(|_| 0_u32)?.settings();
        // SAFETY: `serdev_device_set_baudrate()` requires an open port: SERDEV-OPEN.
        match unsafe { bindings::serdev_device_set_baudrate(self.as_raw(), speed) } {
            actual if actual == speed => Ok(()),
            actual => Err(actual),
        }
    }

    /// Sets whether lines of their own (RTS, CTS) tell each side when the other can receive. They
    /// do when the port is opened.
    ///
    /// A port without these lines ignores this.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "serdev_device_set_flow_control")]
    pub fn set_flow_control(&self, enable: bool) {
        if let Ok(port) = Port::of(self) {
            let _alone = port.settings();
            // SAFETY: `serdev_device_set_flow_control()` requires an open port: SERDEV-OPEN.
            unsafe { bindings::serdev_device_set_flow_control(self.as_raw(), enable) };
        }
    }

    /// Sets the parity. There is none when the port is opened.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The parity that the port has then is unknown.
    ///
    /// - `EINVAL` if the port does not have this parity.
    /// - `EOPNOTSUPP` if the port knows no parity.
    #[doc(alias = "serdev_device_set_parity")]
    pub fn set_parity(&self, parity: Parity) -> Result {
        let _alone = Port::of(self)?.settings();
        // SAFETY: `serdev_device_set_parity()` requires an open port: SERDEV-OPEN.
        to_result(unsafe { bindings::serdev_device_set_parity(self.as_raw(), parity.as_raw()) })
    }

    /// Sends bytes, and waits until the port has taken all of them, up to `timeout`; 0 is no limit.
    ///
    /// Returns the number of bytes that the port has taken. It is smaller than the number of `data`
    /// if the time was over or a signal came. The port may not have sent them yet, see
    /// [`wait_until_sent`](Device::wait_until_sent).
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `ETIMEDOUT`: the port has taken nothing in this time.
    /// - `ERESTARTSYS`: a signal came before the port has taken anything.
    /// - Errors of the port's driver. It is unknown how many bytes the port has taken.
    #[doc(alias = "serdev_device_write")]
    pub fn write_all(&self, data: &[u8], timeout: Jiffies) -> Result<usize> {
        let timeout = self::timeout(timeout);
        // SAFETY: `serdev_device_write()` requires (1) an open port, (2) memory of this length. (1)
        // SERDEV-OPEN. (2) The reference gives it.
        let taken = unsafe {
            bindings::serdev_device_write(self.as_raw(), data.as_ptr(), data.len(), timeout)
        };
        usize::try_from(taken).map_err(|_| Error::from_errno(taken as i32))
    }

    /// Sends as many bytes as the port can take at once, and returns their number.
    ///
    /// At most 2^31 - 1 bytes are sent.
    ///
    /// Context: process context; does not wait for the port.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the port cannot send. Other errors are those of the port's driver.
    #[doc(alias = "serdev_device_write_buf")]
    pub fn write(&self, data: &[u8]) -> Result<u32> {
        let length = data.len().min(i32::MAX as usize);
        // SAFETY: `serdev_device_write_buf()` requires (1) an open port, (2) memory of this length.
        // (1) SERDEV-OPEN. (2) The reference gives at least as much.
        let taken =
            unsafe { bindings::serdev_device_write_buf(self.as_raw(), data.as_ptr(), length) };
        u32::try_from(taken).map_err(|_| Error::from_errno(taken))
    }

    /// Throws away what the port has taken and has not sent.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "serdev_device_write_flush")]
    pub fn write_flush(&self) {
        // SAFETY: `serdev_device_write_flush()` requires an open port: SERDEV-OPEN.
        unsafe { bindings::serdev_device_write_flush(self.as_raw()) };
    }

    /// Waits until the port has sent what it has taken, up to `timeout`; 0 is no limit.
    ///
    /// Context: process context; may sleep.
    #[doc(alias = "serdev_device_wait_until_sent")]
    pub fn wait_until_sent(&self, timeout: Jiffies) {
        let timeout = self::timeout(timeout);
        // SAFETY: `serdev_device_wait_until_sent()` requires an open port: SERDEV-OPEN.
        unsafe { bindings::serdev_device_wait_until_sent(self.as_raw(), timeout) };
    }
}
