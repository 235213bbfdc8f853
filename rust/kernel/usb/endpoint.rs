// SPDX-License-Identifier: GPL-2.0

//! Endpoints: bulk and interrupt messages.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h) (`usb_bulk_msg()`,
//! `usb_interrupt_msg()`)
//!
//! [`Interface::endpoint`] looks an endpoint up by type and direction. Both become part of the
//! handle's type:
//!
//! ```
//! use kernel::{device::Bound, prelude::*, time::Delta, usb};
//!
//! fn echo(interface: &usb::Interface<Bound>, text: &[u8]) -> Result<usize> {
//!     let (to, from) = (
//!         interface.endpoint::<usb::Bulk, usb::Out>()?,
//!         interface.endpoint::<usb::Bulk, usb::In>()?,
//!     );
//!     to.write(text, Delta::from_secs(1))?;
//!     from.read(&mut [0; 64], Delta::from_secs(1))
//! }
//! ```

use core::marker::PhantomData;

use super::{
    altsetting::{Altsetting, EndpointInfo, TransferType},
    device::Interface,
    message::{Bounce, timeout_millis},
    state::{BindingState, Gate},
};
use crate::{
    bindings,
    device::Bound,
    error::to_result,
    ffi::{c_int, c_uint},
    prelude::*,
    time::Delta,
};

/// [`Bulk`] or [`Interrupt`].
pub trait EndpointType: private::Sealed {
    /// The type, as a value.
    const TYPE: TransferType;
}

/// [`In`] or [`Out`].
pub trait Direction: private::Sealed {
    /// Whether the direction is [`In`].
    const IS_IN: bool;
}

/// Transfers data in the bandwidth that other endpoints leave.
pub enum Bulk {}

/// Transfers little data within a fixed time.
pub enum Interrupt {}

/// From the device.
pub enum In {}

/// To the device.
pub enum Out {}

impl EndpointType for Bulk {
    const TYPE: TransferType = TransferType::Bulk;
}

impl EndpointType for Interrupt {
    const TYPE: TransferType = TransferType::Interrupt;
}

impl Direction for In {
    const IS_IN: bool = true;
}

impl Direction for Out {
    const IS_IN: bool = false;
}

mod private {
    pub trait Sealed {}

    impl Sealed for super::Bulk {}
    impl Sealed for super::Interrupt {}
    impl Sealed for super::In {}
    impl Sealed for super::Out {}
}

/// An endpoint of a bound interface. It belongs to the altsetting that was in force when it was
/// looked up.
///
/// After [`set_altsetting`](Interface::set_altsetting) the handle is stale: each of its transfers
/// fails with `ESTALE`, even if the new setting has an endpoint of the same address. The handle
/// works again after a switch back to its setting.
pub struct Endpoint<'a, T: EndpointType, D: Direction> {
    interface: &'a Interface<Bound>,
    altsetting: &'a Altsetting,
    state: &'a BindingState,
    info: EndpointInfo,
    _kind: PhantomData<fn(T, D)>,
}

impl Interface<Bound> {
    /// The first endpoint of this type and direction in the altsetting in force.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is no such endpoint.
    #[doc(alias = "usb_find_common_endpoints")]
    pub fn endpoint<T: EndpointType, D: Direction>(&self) -> Result<Endpoint<'_, T, D>> {
        self.find_endpoint(|_| true)
    }

    /// The endpoint of this number, type and direction in the altsetting in force.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is no such endpoint.
    pub fn endpoint_at<T: EndpointType, D: Direction>(
        &self,
        number: u8,
    ) -> Result<Endpoint<'_, T, D>> {
        self.find_endpoint(|info| info.number() == number)
    }

    fn find_endpoint<T: EndpointType, D: Direction>(
        &self,
        wanted: impl Fn(&EndpointInfo) -> bool,
    ) -> Result<Endpoint<'_, T, D>> {
        let altsetting = self.altsetting();
        let fits =
            |info: &EndpointInfo| info.transfer_type() == T::TYPE && info.is_in() == D::IS_IN;
        let info = altsetting
            .endpoints()
            .find(|info| fits(info) && wanted(info))
            .ok_or(ENXIO)?;
        Ok(Endpoint {
            interface: self,
            altsetting,
            state: BindingState::of(self)?,
            info,
            _kind: PhantomData,
        })
    }
}

impl<T: EndpointType, D: Direction> Endpoint<'_, T, D> {
    /// The content of the endpoint's descriptor.
    ///
    /// Context: any context.
    pub fn info(&self) -> &EndpointInfo {
        &self.info
    }

    /// Ends a halt, after which the endpoint transfers data again.
    ///
    /// Context: process context; may sleep.
    ///
    /// A transfer fails with `EPIPE` if the endpoint is halted.
    ///
    /// # Errors
    ///
    /// `EBUSY` if a transfer is running on the endpoint, or the altsetting is being switched;
    /// `ESTALE` as for transfers; errors of `usb_clear_halt()`, such as `EPIPE` from a device that
    /// does not know the request.
    #[doc(alias = "usb_clear_halt")]
    pub fn clear_halt(&self) -> Result {
        // Some host controllers cannot clear the halt of an endpoint in use.
        let _alone = self.gate().enter_alone()?;
        self.with_pipe(|device, pipe| {
            // SAFETY: `usb_clear_halt` requires a live device and the pipe of an existing endpoint.
            // DEV-LIVE, and an interface keeps its device; `with_pipe` gives the pipe of an
            // endpoint in force.
            to_result(unsafe { bindings::usb_clear_halt(device, pipe.cast_signed()) })
        })
    }

    fn gate(&self) -> &Gate {
        self.state.endpoint(self.info.address())
    }

    /// Calls `act` with device and pipe. The endpoint's altsetting stays in force meanwhile.
    fn with_pipe<R>(
        &self,
        act: impl FnOnce(*mut bindings::usb_device, c_uint) -> Result<R>,
    ) -> Result<R> {
        let _stays = self.state.altsetting.share()?;
        if !core::ptr::eq(self.altsetting, self.interface.altsetting()) {
            return Err(ESTALE);
        }
        let device = self.interface.device().as_raw();
        // SAFETY: `lb_usb_bulk_pipe` requires a live device; DEV-LIVE, and an interface keeps its
        // device.
        let pipe = unsafe { bindings::lb_usb_bulk_pipe(device, self.info.address()) };
        act(device, pipe)
    }

    /// Sends or receives data; returns the number of bytes.
    fn message(&self, data: &mut Bounce, length: usize, timeout: Delta) -> Result<usize> {
        let timeout = timeout_millis(timeout)?;
        let length = c_int::try_from(length)?;
        let _in_use = self.gate().share()?;
        let mut count = 0;
        self.with_pipe(|device, pipe| {
            // SAFETY: `usb_bulk_msg` requires (1) a live device, (2) `length` bytes of memory fit
            // for DMA, which nobody else uses until the call returns. (1) DEV-LIVE, and an
            // interface keeps its device. (2) `data` has `length` bytes from `kmalloc()`, and is
            // borrowed uniquely. C takes the type of the transfer from the endpoint.
            to_result(unsafe {
                bindings::usb_bulk_msg(
                    device,
                    pipe,
                    data.as_mut_ptr(),
                    length,
                    &raw mut count,
                    timeout,
                )
            })
        })?;
        Ok(usize::try_from(count)?)
    }
}

impl<T: EndpointType> Endpoint<'_, T, In> {
    /// Receives data into `buffer`; returns the number of bytes received.
    ///
    /// Context: process context; may sleep.
    ///
    /// The transfer ends when `buffer` is full, or when the device sends a packet that is shorter
    /// than [`max_packet_size`](EndpointInfo::max_packet_size). The call takes at most `timeout`,
    /// rounded up to milliseconds. Kernels have a limit of their own (60 s), which replaces a
    /// longer `timeout`.
    ///
    /// # Errors
    ///
    /// `buffer` does not change then, and received data is lost.
    ///
    /// - `EINVAL`: `timeout` is not above 0.
    /// - `ENOMEM`.
    /// - `ESTALE`: the endpoint belongs to an altsetting that is not in force.
    /// - `EBUSY`: the altsetting is being switched, or a halt of this endpoint is being cleared.
    /// - `ETIMEDOUT`: the time was over. The transfer was cancelled.
    /// - `EPIPE`: the endpoint is halted; see [`clear_halt`](Self::clear_halt).
    /// - `EOVERFLOW`: the device sent more than fits into `buffer`. Use a `buffer` for whole
    ///   packets.
    /// - `ENODEV`, `ESHUTDOWN`, `EPROTO`: the device is gone, or is being removed.
    /// - `ENOENT`: the interface is being unbound, and the driver has no
    ///   [`SOFT_UNBIND`](super::Driver::SOFT_UNBIND).
    /// - Other errors of `usb_bulk_msg()`.
    #[doc(alias("usb_bulk_msg", "usb_interrupt_msg", "usb_rcvbulkpipe"))]
    pub fn read(&self, buffer: &mut [u8], timeout: Delta) -> Result<usize> {
        let mut bounce = Bounce::zeroed(buffer.len())?;
        let count = self.message(&mut bounce, buffer.len(), timeout)?;
        Ok(bounce.received(count, buffer))
    }
}

impl<T: EndpointType> Endpoint<'_, T, Out> {
    /// Sends `data`, in as many packets as needed; returns the number of bytes sent.
    ///
    /// Context: process context; may sleep.
    ///
    /// Data whose length is a multiple of [`max_packet_size`](EndpointInfo::max_packet_size) ends
    /// without a short packet. A call with empty `data` sends an empty packet. `timeout` is that of
    /// [`read`](Endpoint::read).
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Endpoint::read), without `EOVERFLOW`. It is unknown then how much the
    /// device has received.
    #[doc(alias("usb_sndbulkpipe", "usb_sndintpipe"))]
    pub fn write(&self, data: &[u8], timeout: Delta) -> Result<usize> {
        let mut bounce = Bounce::filled(data)?;
        self.message(&mut bounce, data.len(), timeout)
    }
}
