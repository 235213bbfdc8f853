// SPDX-License-Identifier: GPL-2.0

//! Control messages: requests to the device itself, through endpoint 0.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h) (`usb_control_msg()`)

use super::{
    device::Interface,
    message::{Bounce, timeout_millis},
};
use crate::{bindings, device::Bound, error::to_result, prelude::*, time::Delta};

/// Who defines what a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestType {
    /// The USB standard.
    Standard,
    /// The standard of the device's or interface's class.
    Class,
    /// The vendor.
    Vendor,
}

/// What part of the device a request is for.
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

/// A request: what [`Interface::control_in`] and [`Interface::control_out`] send.
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

    /// The same with another value.
    pub const fn with_value(self, value: u16) -> Self {
        Self { value, ..self }
    }

    /// The same with another index.
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

    /// Whether it would change what the USB core keeps account of: address, configuration, altsetting.
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
    /// Sends a request that the device answers with data; gives how many bytes came. May sleep.
    ///
    /// The answer may be shorter than `buffer`, whose rest stays as it is. The call takes `timeout` at most, which is
    /// rounded up to milliseconds; kernels have a limit of their own (60 s), which holds for longer ones.
    ///
    /// # Errors
    ///
    /// `buffer` stays as it is.
    ///
    /// - `EINVAL`: `timeout` is not above 0; or `buffer` is longer than 65,535 bytes.
    /// - `ENOMEM`.
    /// - `ETIMEDOUT`: no answer in that time. The request was taken back.
    /// - `EPIPE`: the device does not know the request. The next one works again.
    /// - `ENODEV`, `ESHUTDOWN`, `EPROTO`: the device is gone, or going.
    /// - What else `usb_control_msg()` returns.
    pub fn control_in(&self, request: Request, buffer: &mut [u8], timeout: Delta) -> Result<usize> {
        let mut bounce = Bounce::zeroed(buffer.len())?;
        let count = self.control(request, true, &mut bounce, buffer.len(), timeout)?;
        Ok(bounce.received(count, buffer))
    }

    /// Sends a request, with data if `data` is not empty. May sleep.
    ///
    /// # Errors
    ///
    /// Those of [`control_in`](Self::control_in), where `EPIPE` also says that the device does not like the data; and
    /// `EPERM` for the standard requests that set address, configuration and altsetting, which are the core's; see
    /// [`set_altsetting`](Self::set_altsetting). What of it the device has done is unknown.
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
        // Without data there is no direction, for which C has the other pipe.
        // SAFETY: DEV-LIVE.
        let pipe = unsafe { bindings::lb_usb_control_pipe(device, is_in && length != 0) };
        // SAFETY: DEV-LIVE: an interface keeps its device. The memory has `length` bytes, comes from `kmalloc()`, and is
        // the message's own until this returns.
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
