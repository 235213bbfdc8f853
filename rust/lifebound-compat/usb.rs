// SPDX-License-Identifier: GPL-2.0

//! USB: Linux's module, with descriptors, strings and messages, and interfaces that driver data can
//! keep.
//!
//! Linux's crate gives C no `soft_unbind`. So the endpoints of an interface are off in
//! `disconnect`; Lifebound's work there. While the data is dropped, those of the first setting work
//! in both.
//!
//! C header: `include/linux/usb.h`

use core::{marker::PhantomData, ops::Deref, pin::Pin};

pub use ::kernel::usb::*;
use ::kernel::{
    bindings,
    device::{self, Bound, Core, DeviceContext, Normal},
    error::to_result,
    ffi::{c_int, c_uint},
    prelude::*,
    str::CString,
    time::Delta,
};

use crate::scope::{Attached, Scope};

shared_device!(usb, Interface, usb_interface);

/// The device of an interface.
pub struct InterfaceDevice<'a>(*mut bindings::usb_device, PhantomData<&'a Interface<Bound>>);

/// Makes methods that return a field of the device's descriptor.
macro_rules! descriptor {
    ($($name:ident, $field:ident, $type:ty;)*) => {$(
        /// A field of the device's descriptor.
        pub fn $name(&self) -> $type {
            // SAFETY: the read requires a live device, whose descriptor does not change: a bound
            // interface keeps its device.
            <$type>::from_le(unsafe { (*self.0).descriptor.$field })
        }
    )*};
}

impl InterfaceDevice<'_> {
    descriptor! {
        vendor_id, idVendor, u16;
        product_id, idProduct, u16;
        manufacturer_index, iManufacturer, u8;
        product_index, iProduct, u8;
        serial_number_index, iSerialNumber, u8;
    }
}

/// The way in which an endpoint transfers data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferType {
    /// Requests, each with an answer.
    Control,
    /// Data at a fixed rate.
    Isochronous,
    /// Data in the bandwidth that other endpoints leave.
    Bulk,
    /// Little data within a fixed time.
    Interrupt,
}

/// The setting of an interface that is in force.
pub struct Altsetting<'a>(
    *mut bindings::usb_host_interface,
    PhantomData<&'a Interface<Bound>>,
);

impl<'a> Altsetting<'a> {
    /// The endpoints, in the order of the device's descriptors.
    pub fn endpoints(&self) -> impl Iterator<Item = EndpointInfo> + 'a {
        // SAFETY: the reads require a live setting that does not change: a bound interface keeps
        // its settings.
        let (first, count) = unsafe { ((*self.0).endpoint, (*self.0).desc.bNumEndpoints) };
        (0..usize::from(count)).map(move |index| {
            // SAFETY: the read requires a live element of the array, which has `bNumEndpoints`.
            let descriptor = unsafe { &raw const (*first.wrapping_add(index)).desc };
            // SAFETY: the same holds; the structure is packed.
            let (address, attributes) =
                unsafe { ((*descriptor).bEndpointAddress, (*descriptor).bmAttributes) };
            EndpointInfo {
                address,
                attributes,
            }
        })
    }
}

/// The content of an endpoint's descriptor.
#[derive(Clone, Copy)]
pub struct EndpointInfo {
    address: u8,
    attributes: u8,
}

impl EndpointInfo {
    /// The endpoint's number, without its direction.
    pub fn number(&self) -> u8 {
        self.address & 0xf
    }

    /// Whether the endpoint sends to the host.
    pub fn is_in(&self) -> bool {
        self.address & 0x80 != 0
    }

    /// The endpoint's type.
    pub fn transfer_type(&self) -> TransferType {
        match self.attributes & 3 {
            0 => TransferType::Control,
            1 => TransferType::Isochronous,
            2 => TransferType::Bulk,
            _ => TransferType::Interrupt,
        }
    }
}

/// [`Bulk`] or [`Interrupt`].
pub trait EndpointType: private::Sealed {
    #[doc(hidden)]
    const TYPE: TransferType;
}

/// [`In`] or [`Out`].
pub trait Direction: private::Sealed {
    #[doc(hidden)]
    const IS_IN: bool;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $trait:ident, $constant:ident: $type:ty = $value:expr;)*) => {$(
        $(#[$doc])*
        pub enum $name {}

        impl private::Sealed for $name {}

        impl $trait for $name {
            const $constant: $type = $value;
        }
    )*};
}

kinds! {
    /// Data in the bandwidth that other endpoints leave.
    Bulk: EndpointType, TYPE: TransferType = TransferType::Bulk;
    /// Little data within a fixed time.
    Interrupt: EndpointType, TYPE: TransferType = TransferType::Interrupt;
    /// From the device.
    In: Direction, IS_IN: bool = true;
    /// To the device.
    Out: Direction, IS_IN: bool = false;
}

mod private {
    pub trait Sealed {}
}

/// An endpoint of a bound interface.
pub struct Endpoint<'a, T: EndpointType, D: Direction> {
    interface: &'a Interface<Bound>,
    info: EndpointInfo,
    _kind: PhantomData<fn(T, D)>,
}

impl<T: EndpointType, D: Direction> Endpoint<'_, T, D> {
    fn message(&self, data: &mut KVec<u8>, timeout: Delta) -> Result<usize> {
        let timeout = timeout_millis(timeout)?;
        let length = c_int::try_from(data.len())?;
        let device = self.interface.device().0;
        let mut count = 0;
        let pipe = pipe(device, bindings::PIPE_BULK, self.info.number(), D::IS_IN);
        // SAFETY: `usb_bulk_msg` requires (1) a live device, (2) `length` bytes from `kmalloc()`,
        // which nobody else uses until it returns. (1) A bound interface keeps its device. (2)
        // `data` is a `KVec`, borrowed uniquely. C takes the type of the transfer from the endpoint
        // that has the number now, and fails if there is none.
        to_result(unsafe {
            let data = data.as_mut_ptr().cast();
            bindings::usb_bulk_msg(device, pipe, data, length, &raw mut count, timeout)
        })?;
        Ok(usize::try_from(count)?)
    }
}

impl<T: EndpointType> Endpoint<'_, T, In> {
    /// Receives data into `buffer`; returns the number of bytes received.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `timeout` is not above 0; `ENOMEM`; errors of `usb_bulk_msg()`.
    pub fn read(&self, buffer: &mut [u8], timeout: Delta) -> Result<usize> {
        let mut data = KVec::from_elem(0_u8, buffer.len(), GFP_KERNEL)?;
        let count = self.message(&mut data, timeout)?;
        Ok(received(&data, count, buffer))
    }
}

impl<T: EndpointType> Endpoint<'_, T, Out> {
    /// Sends `data`; returns the number of bytes sent.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Endpoint::read).
    pub fn write(&self, data: &[u8], timeout: Delta) -> Result<usize> {
        let mut copy = KVec::new();
        copy.extend_from_slice(data, GFP_KERNEL)?;
        self.message(&mut copy, timeout)
    }
}

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
    /// An interface.
    Interface,
    /// An endpoint.
    Endpoint,
    /// Something else.
    Other,
}

/// A request, which [`Interface::control_in`] sends.
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
}

impl Interface<Bound> {
    /// The device that the interface is part of.
    pub fn device(&self) -> InterfaceDevice<'_> {
        // SAFETY: the read requires a live interface, whose parent does not change: a bound one.
        let parent = unsafe { (*self.as_raw()).dev.parent };
        let offset = core::mem::offset_of!(bindings::usb_device, dev);
        InterfaceDevice(parent.wrapping_byte_sub(offset).cast(), PhantomData)
    }

    /// The setting in force.
    pub fn altsetting(&self) -> Altsetting<'_> {
        // SAFETY: the read requires a live interface, whose setting nobody changes: a bound one, of
        // which this crate changes no setting.
        Altsetting(unsafe { (*self.as_raw()).cur_altsetting }, PhantomData)
    }

    /// The interface's number.
    pub fn number(&self) -> u8 {
        // SAFETY: the read requires a live setting: a bound interface keeps its settings.
        unsafe { (*self.altsetting().0).desc.bInterfaceNumber }
    }

    /// A string of the device, in its first language.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; errors of `usb_string()`.
    pub fn string(&self, index: u8) -> Result<CString> {
        let mut text = KVec::from_elem(0_u8, 384, GFP_KERNEL)?;
        // SAFETY: `usb_string` requires (1) a live device, (2) memory of the given size. (1) A
        // bound interface keeps its device. (2) `text` has it.
        let length = unsafe {
            let size = text.len();
            let text = text.as_mut_ptr().cast();
            bindings::usb_string(self.device().0, index.into(), text, size)
        };
        to_result(length.min(0))?;
        let text = CStr::from_bytes_until_nul(&text).map_err(|_| EPROTO)?;
        Ok(text.to_cstring()?)
    }

    /// The first endpoint of this type and direction in the setting in force.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is no such endpoint.
    pub fn endpoint<T: EndpointType, D: Direction>(&self) -> Result<Endpoint<'_, T, D>> {
        let fits =
            |info: &EndpointInfo| info.transfer_type() == T::TYPE && info.is_in() == D::IS_IN;
        let info = self.altsetting().endpoints().find(fits).ok_or(ENXIO)?;
        Ok(Endpoint {
            interface: self,
            info,
            _kind: PhantomData,
        })
    }

    /// Sends a request that the device answers with data; returns the number of bytes received.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `timeout` is not above 0, or `buffer` is longer than 65,535 bytes; `ENOMEM`;
    /// errors of `usb_control_msg()`.
    pub fn control_in(&self, request: Request, buffer: &mut [u8], timeout: Delta) -> Result<usize> {
        let timeout = timeout_millis(timeout)?;
        let length = u16::try_from(buffer.len())?;
        let mut data = KVec::from_elem(0_u8, buffer.len(), GFP_KERNEL)?;
        let device = self.device().0;
        let pipe = pipe(device, bindings::PIPE_CONTROL, 0, length != 0);
        let kind = bindings::USB_DIR_IN as u8 | (request.kind as u8) << 5 | request.recipient as u8;
        // SAFETY: `usb_control_msg` requires (1) a live device, (2) `length` bytes from
        // `kmalloc()`, which nobody else uses until it returns. (1) A bound interface keeps its
        // device. (2) `data` is a `KVec` of that length.
        let count = unsafe {
            bindings::usb_control_msg(
                device,
                pipe,
                request.number,
                kind,
                request.value,
                request.index,
                data.as_mut_ptr().cast(),
                length,
                timeout,
            )
        };
        to_result(count.min(0))?;
        Ok(received(&data, usize::try_from(count)?, buffer))
    }
}

/// A pipe, as `usb_rcvbulkpipe()` and its like make it.
fn pipe(device: *mut bindings::usb_device, kind: c_uint, number: u8, is_in: bool) -> c_uint {
    // SAFETY: the read requires a live device: the callers have one of a bound interface.
    let address = unsafe { (*device).devnum } as c_uint;
    let direction = if is_in { bindings::USB_DIR_IN } else { 0 };
    kind << 30 | c_uint::from(number) << 15 | address << 8 | direction
}

/// Copies the first `count` bytes to `buffer`; returns the number of bytes copied.
fn received(data: &[u8], count: usize, buffer: &mut [u8]) -> usize {
    let count = count.min(data.len()).min(buffer.len());
    for (to, from) in buffer.iter_mut().zip(data).take(count) {
        *to = *from;
    }
    count
}

/// A time limit for C, in milliseconds, rounded up. Errors: `EINVAL` if it is not above 0, because
/// 0 means something else to C.
fn timeout_millis(timeout: Delta) -> Result<c_int> {
    match timeout.as_millis_ceil() {
        ..=0 => Err(EINVAL),
        millis => Ok(c_int::try_from(millis).unwrap_or(c_int::MAX)),
    }
}

/// A driver for this bus: that of Linux's crate, for the interfaces of this one, with
/// [`attach`](Self::attach).
pub trait Driver: Sized + 'static {
    /// The value beside each id of the driver's table.
    type IdInfo: Sync + 'static;

    /// The driver's data for one interface.
    type Data<'bound>: Send + 'bound;

    /// The interfaces that the driver serves.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// As Linux's `probe`.
    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        id: &DeviceId,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// As [`attach`](crate::pci::Driver::attach) of PCI drivers.
    fn attach<'bound, 'x>(
        interface: &'bound Interface<Core<'_>>,
        data: Pin<&'x Self::Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let _ = (interface, data, scope);
        Ok(())
    }

    /// As Linux's `disconnect`; a driver need not have it.
    fn disconnect<'bound>(interface: &'bound Interface<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        let _ = (interface, data);
    }
}

/// The driver that Linux's crate sees.
#[doc(hidden)]
pub struct WithAttach<T>(PhantomData<T>);

impl<T: Driver> ::kernel::usb::Driver for WithAttach<T> {
    type IdInfo = T::IdInfo;
    type Data<'bound> = Attached<T::Data<'bound>>;
    const ID_TABLE: IdTable<T::IdInfo> = T::ID_TABLE;

    fn probe<'bound>(
        interface: &'bound ::kernel::usb::Interface<Core<'_>>,
        id: &DeviceId,
        id_info: Option<&'bound T::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let wrapped = Interface::wrap(interface);
        let data = T::probe(wrapped, id, id_info);
        let device: &device::Device<Core<'_>> = interface.as_ref();
        Attached::new(device, data, move |data, scope| {
            T::attach(wrapped, data, scope)
        })
    }

    fn disconnect<'bound>(
        interface: &'bound ::kernel::usb::Interface<Core<'_>>,
        data: Pin<&Self::Data<'bound>>,
    ) {
        T::disconnect(Interface::wrap(interface), data.data());
    }
}

/// What registers a driver `T` on this bus.
pub type Adapter<T> = ::kernel::usb::Adapter<WithAttach<T>>;

/// As the macro of Linux's crate, for a [`Driver`] of this one.
#[macro_export]
macro_rules! module_usb_driver {
    (type: $type:ty, $($rest:tt)*) => {
        $crate::linux::module_usb_driver! {
            type: $crate::usb::WithAttach<$type>,
            $($rest)*
        }
    };
}
