// SPDX-License-Identifier: GPL-2.0

//! Control messages: requests to the device itself, through endpoint 0.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h) (`usb_control_msg()`)

use super::{
    device::Interface,
    message::{Bounce, timeout_millis},
};
use crate::{bindings, device::Bound, error::to_result, prelude::*, time::Delta};

/// The origin of a request's definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestType {
    /// The USB standard.
    Standard,
    /// The class of the device or of the interface.
    Class,
    /// The vendor.
    Vendor,
}

/// The part of the device that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The device.
    Device,
    /// The interface in bits 7:0 of the request's index.
    Interface,
    /// The endpoint whose address is in bits 7:0 of the request's index.
    Endpoint,
    /// Something else.
    Other,
}

/// A request, which [`Interface::control_in`] and [`Interface::control_out`] send.
///
/// ```
/// use kernel::usb::{Recipient, Request, RequestType};
///
/// // GET_STATUS of interface 2.
/// const STATUS: Request =
///     Request::new(RequestType::Standard, Recipient::Interface, 0).with_index(2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    kind: RequestType,
    recipient: Recipient,
    number: u8,
    value: u16,
    index: u16,
}

impl Request {
    /// Request `number`, with a value and an index of 0.
    pub const fn new(kind: RequestType, recipient: Recipient, number: u8) -> Self {
        Self {
            kind,
            recipient,
            number,
            value: 0,
            index: 0,
        }
    }

    /// The same request with another value.
    pub const fn with_value(self, value: u16) -> Self {
        Self { value, ..self }
    }

    /// The same request with another index.
    pub const fn with_index(self, index: u16) -> Self {
        Self { index, ..self }
    }

    /// `bmRequestType`, without the direction.
    const fn type_bits(&self) -> u8 {
        let kind = match self.kind {
            RequestType::Standard => 0,
            RequestType::Class => 1,
            RequestType::Vendor => 2,
        };
        let recipient = match self.recipient {
            Recipient::Device => 0,
            Recipient::Interface => 1,
            Recipient::Endpoint => 2,
            Recipient::Other => 3,
        };
        kind << 5 | recipient
    }

    /// Whether the request would change state that the USB core keeps: address, configuration,
    /// altsetting.
    const fn belongs_to_core(&self) -> bool {
        matches!(self.kind, RequestType::Standard)
            && matches!(
                self.number as i32,
                bindings::USB_REQ_SET_ADDRESS
                    | bindings::USB_REQ_SET_CONFIGURATION
                    | bindings::USB_REQ_SET_INTERFACE
            )
    }
}

impl Interface<Bound> {
    /// Sends a request that the device answers with data; returns the number of bytes received.
    ///
    /// Context: process context; may sleep.
    ///
    /// The answer may be shorter than `buffer`, whose rest does not change. The call takes at most
    /// `timeout`, rounded up to milliseconds. Kernels have a limit of their own (60 s), which
    /// replaces a longer `timeout`.
    ///
    /// # Errors
    ///
    /// `buffer` does not change then.
    ///
    /// - `EINVAL`: `timeout` is not above 0, or `buffer` is longer than 65,535 bytes.
    /// - `ENOMEM`.
    /// - `ETIMEDOUT`: the device did not answer in that time. The request was cancelled.
    /// - `EPIPE`: the device does not know the request. The next request works again.
    /// - `ENODEV`, `ESHUTDOWN`, `EPROTO`: the device is gone, or is being removed.
    /// - Other errors of `usb_control_msg()`.
    #[doc(alias("usb_control_msg_recv", "usb_control_msg", "usb_rcvctrlpipe"))]
    pub fn control_in(&self, request: Request, buffer: &mut [u8], timeout: Delta) -> Result<usize> {
        let mut bounce = Bounce::zeroed(buffer.len())?;
        let count = self.control(request, true, &mut bounce, buffer.len(), timeout)?;
        Ok(bounce.received(count, buffer))
    }

    /// Sends a request, with data if `data` is not empty.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// It is unknown then how much of the request the device has executed.
    ///
    /// - The errors of [`control_in`](Self::control_in). `EPIPE` may also mean that the device
    ///   refuses the data.
    /// - `EPERM`: the request is the standard request for an address, a configuration or an
    ///   altsetting. Only the core may send those; see [`set_altsetting`](Self::set_altsetting).
    #[doc(alias("usb_control_msg_send", "usb_sndctrlpipe"))]
    pub fn control_out(&self, request: Request, data: &[u8], timeout: Delta) -> Result {
        if request.belongs_to_core() {
            return Err(EPERM);
        }
        let mut bounce = Bounce::filled(data)?;
        self.control(request, false, &mut bounce, data.len(), timeout)?;
        Ok(())
    }

    fn control(
        &self,
        request: Request,
        is_in: bool,
        data: &mut Bounce,
        length: usize,
        timeout: Delta,
    ) -> Result<usize> {
        let device = self.device().as_raw();
        let timeout = timeout_millis(timeout)?;
        let length = u16::try_from(length)?;
        let direction = if is_in { bindings::USB_DIR_IN as u8 } else { 0 };
        // A request without data has no direction; C uses the pipe to the device for it.
        // SAFETY: `lb_usb_control_pipe` requires a live device; DEV-LIVE, and an interface keeps
        // its device.
        let pipe = unsafe { bindings::lb_usb_control_pipe(device, is_in && length != 0) };
        // SAFETY: `usb_control_msg` requires (1) a live device, (2) `length` bytes of memory fit
        // for DMA, which nobody else uses until the call returns. (1) DEV-LIVE, and an interface
        // keeps its device. (2) `data` has `length` bytes from `kmalloc()`, and is borrowed
        // uniquely.
        let count = unsafe {
            bindings::usb_control_msg(
                device,
                pipe,
                request.number,
                request.type_bits() | direction,
                request.value,
                request.index,
                data.as_mut_ptr(),
                length,
                timeout,
            )
        };
        to_result(count)?;
        Ok(usize::try_from(count)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_packed_as_the_standard_says() {
        let request = Request::new(RequestType::Class, Recipient::Interface, 0xfe);
        assert_eq!(request.type_bits(), 0x21);
        let request = Request::new(RequestType::Vendor, Recipient::Device, 1).with_value(7);
        assert_eq!(
            (request.type_bits(), request.value, request.index),
            (0x40, 7, 0)
        );
        let request = Request::new(RequestType::Standard, Recipient::Endpoint, 1).with_index(0x81);
        assert_eq!(
            (request.type_bits(), request.value, request.index),
            (0x02, 0, 0x81)
        );
    }

    #[test]
    fn the_core_has_requests_of_its_own() {
        let core = |kind, number| Request::new(kind, Recipient::Device, number).belongs_to_core();
        assert!(core(RequestType::Standard, 5));
        assert!(core(RequestType::Standard, 9));
        assert!(core(RequestType::Standard, 11));
        assert!(!core(RequestType::Standard, 3));
        assert!(!core(RequestType::Class, 9), "SET_REPORT of HID");
    }
}
