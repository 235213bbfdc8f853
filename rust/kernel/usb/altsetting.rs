// SPDX-License-Identifier: GPL-2.0

//! Altsettings and configurations: the descriptors of an interface, and those that are in force.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h) (`struct usb_host_interface`)

use core::slice;

use super::{descriptor::Speed, device::Interface, state::BindingState};
use crate::{
    bindings,
    device::{Bound, Core},
    error::to_result,
    ffi::c_int,
    prelude::*,
    str::CString,
    sync::atomic::{Acquire, Atomic},
    types::Opaque,
};

/// A setting of an interface, with endpoints of its own. An interface can be switched between its
/// settings.
///
/// # Invariants
///
/// ALT-LIVE: the C structure, its array of endpoints and the descriptors behind them live as long
/// as the reference. The fields that this file reads do not change meanwhile. The core writes them
/// when it reads the device's descriptors, and frees them after the last interface of the device is
/// released.
#[repr(transparent)]
pub struct Altsetting(Opaque<bindings::usb_host_interface>);

// SAFETY: `Send` requires that any thread may use the value; this file reads only fields that do
// not change (ALT-LIVE).
unsafe impl Send for Altsetting {}

// SAFETY: `Sync` requires that threads may share the value; this file reads only fields that do not
// change (ALT-LIVE).
unsafe impl Sync for Altsetting {}

impl Altsetting {
    fn descriptor(&self) -> bindings::usb_interface_descriptor {
        // SAFETY: the read requires a live structure and a field that nobody writes: ALT-LIVE.
        unsafe { (*self.0.get()).desc }
    }

    /// The number of this setting.
    ///
    /// Context: any context.
    #[doc(alias = "usb_endpoint_num")]
    pub fn number(&self) -> u8 {
        self.descriptor().bAlternateSetting
    }

    /// The class of the interface.
    ///
    /// Context: any context.
    pub fn class(&self) -> u8 {
        self.descriptor().bInterfaceClass
    }

    /// The subclass of the interface.
    ///
    /// Context: any context.
    pub fn subclass(&self) -> u8 {
        self.descriptor().bInterfaceSubClass
    }

    /// The protocol of the interface.
    ///
    /// Context: any context.
    pub fn protocol(&self) -> u8 {
        self.descriptor().bInterfaceProtocol
    }

    /// The index of the string that describes this setting; 0 if there is no such string. See
    /// [`Interface::string`].
    ///
    /// Context: any context.
    pub fn string_index(&self) -> u8 {
        self.descriptor().iInterface
    }

    /// The descriptors that follow the interface's descriptor, such as those of its class.
    ///
    /// Context: any context.
    ///
    /// The device sends these bytes, and nobody has checked their content.
    pub fn extra(&self) -> &[u8] {
        let raw = self.0.get();
        // SAFETY: the read requires a live structure and a field that nobody writes: ALT-LIVE.
        let start = unsafe { (*raw).extra };
        // SAFETY: the same holds as for `start`.
        let length = unsafe { (*raw).extralen };
        // SAFETY: `bytes` requires `length` bytes at `start` that do not change for the borrow; the
        // core sets both fields, and ALT-LIVE keeps the bytes.
        unsafe { bytes(start, length) }
    }

    /// The endpoints, in the order of the device's descriptors.
    ///
    /// Context: any context.
    pub fn endpoints(&self) -> impl ExactSizeIterator<Item = EndpointInfo> {
        let count = self.descriptor().bNumEndpoints;
        // SAFETY: the read requires a live structure and a field that nobody writes: ALT-LIVE.
        let first = unsafe { (*self.0.get()).endpoint };
        (0..count).map(move |index| {
            let endpoint = first.wrapping_add(usize::from(index));
            // SAFETY: the read requires a live element of the array; ALT-LIVE gives an array of
            // `bNumEndpoints` elements.
            EndpointInfo(unsafe { (*endpoint).desc })
        })
    }
}

/// The `length` bytes at `start`; an empty slice if `start` is null or `length` is negative.
///
/// # Safety
///
/// For `'a`, the bytes must exist and must not change.
unsafe fn bytes<'a>(start: *const u8, length: c_int) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: `from_raw_parts` requires `length` bytes that do not change for `'a`; the caller
        // vouches for them.
        Ok(length) if !start.is_null() => unsafe { slice::from_raw_parts(start, length) },
        _ => &[],
    }
}

/// The content of an endpoint's descriptor.
#[derive(Clone, Copy)]
pub struct EndpointInfo(bindings::usb_endpoint_descriptor);

/// The way in which an endpoint transfers data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferType {
    /// Requests, each with an answer.
    Control,
    /// Data at a fixed rate. Lost data is not repeated.
    Isochronous,
    /// Data that uses the bandwidth which the other types leave.
    Bulk,
    /// Little data, within a fixed time.
    Interrupt,
}

impl EndpointInfo {
    /// The address: the number in bits 3:0, and [`is_in`](Self::is_in) in bit 7.
    ///
    /// Context: any context.
    pub const fn address(&self) -> u8 {
        self.0.bEndpointAddress
    }

    /// The number, 1 to 15.
    ///
    /// Context: any context.
    pub const fn number(&self) -> u8 {
        self.address() & 0xf
    }

    /// Whether data goes to the host.
    ///
    /// Context: any context.
    #[doc(alias = "usb_endpoint_dir_in")]
    pub const fn is_in(&self) -> bool {
        self.address() & bindings::USB_DIR_IN as u8 != 0
    }

    /// The way in which the endpoint transfers data.
    ///
    /// Context: any context.
    #[doc(alias = "usb_endpoint_type")]
    pub const fn transfer_type(&self) -> TransferType {
        match self.0.bmAttributes as i32 & bindings::USB_ENDPOINT_XFERTYPE_MASK {
            bindings::USB_ENDPOINT_XFER_ISOC => TransferType::Isochronous,
            bindings::USB_ENDPOINT_XFER_BULK => TransferType::Bulk,
            bindings::USB_ENDPOINT_XFER_INT => TransferType::Interrupt,
            _ => TransferType::Control,
        }
    }

    /// The size of the endpoint's packets in bytes.
    ///
    /// Context: any context.
    #[doc(alias = "usb_endpoint_maxp")]
    pub const fn max_packet_size(&self) -> u16 {
        u16::from_le(self.0.wMaxPacketSize) & 0x7ff
    }

    /// How often the host polls the endpoint. Speed and type of the endpoint decide whether this is
    /// a number of frames, or the exponent of a power of two of microframes.
    ///
    /// Context: any context.
    pub const fn interval(&self) -> u8 {
        self.0.bInterval
    }
}

/// A configuration of a device: its interfaces, and the power that it draws.
#[repr(transparent)]
pub struct Configuration(Opaque<bindings::usb_host_config>);

impl Configuration {
    fn descriptor(&self) -> bindings::usb_config_descriptor {
        // SAFETY: the read requires a live structure that nobody writes. Only
        // `Interface::configuration` makes references, to configurations that live; the core writes
        // the descriptor only when it reads it from the device.
        unsafe { (*self.0.get()).desc }
    }

    /// The number by which the configuration is chosen.
    ///
    /// Context: any context.
    pub fn value(&self) -> u8 {
        self.descriptor().bConfigurationValue
    }

    /// The number of interfaces.
    ///
    /// Context: any context.
    pub fn num_interfaces(&self) -> u8 {
        self.descriptor().bNumInterfaces
    }

    /// Whether the device has a power supply of its own.
    ///
    /// Context: any context.
    pub fn is_self_powered(&self) -> bool {
        self.descriptor().bmAttributes & 0x40 != 0
    }

    /// The current that the device may draw at `speed`, in mA.
    ///
    /// Context: any context.
    pub fn max_power_milliamperes(&self, speed: Speed) -> u16 {
        let unit = if speed >= Speed::Super { 8 } else { 2 };
        // OVERFLOW: the product is at most 255 times 8.
        u16::from(self.descriptor().bMaxPower) * unit
    }

    /// The index of the string that describes the configuration; 0 if there is no such string. See
    /// [`Interface::string`].
    ///
    /// Context: any context.
    pub fn string_index(&self) -> u8 {
        self.descriptor().iConfiguration
    }
}

impl Interface {
    /// All settings of the interface, in no particular order.
    ///
    /// Context: any context.
    pub fn altsettings(&self) -> &[Altsetting] {
        let raw = self.as_raw();
        // SAFETY: the read requires a live interface and a field that nobody writes; DEV-LIVE gives
        // the first, and the core sets the field before it adds the interface.
        let first = unsafe { (*raw).altsetting };
        // SAFETY: the same holds as for `first`.
        let count = unsafe { (*raw).num_altsetting };
        // INVARIANT: ALT-LIVE: an interface holds a reference to its altsettings, and to its
        // device.
        // SAFETY: `from_raw_parts` requires `count` values at `first`; there are `num_altsetting`,
        // at least one, and `Altsetting` is a transparent wrapper.
        unsafe { slice::from_raw_parts(first.cast(), count as usize) }
    }

    /// The setting in force. While no driver is bound, it may change at any time.
    ///
    /// Context: any context.
    pub fn altsetting(&self) -> &Altsetting {
        // SAFETY: the field's address requires a live interface: DEV-LIVE.
        let current = unsafe { &raw mut (*self.as_raw()).cur_altsetting };
        // SAFETY: `from_ptr` requires an aligned, live field that is only accessed as a whole; the
        // field is aligned and lives as long as `self`, and C writes it as a whole.
        let current = unsafe { Atomic::from_ptr(current) }.load(Acquire);
        // INVARIANT: ALT-LIVE: the setting is one of `altsettings`, and the same holds as there.
        // SAFETY: the reference requires a pointer to a live `Altsetting`; the field is never null,
        // and `Altsetting` is a transparent wrapper.
        unsafe { &*current.cast() }
    }

    /// The number of the interface in its configuration.
    ///
    /// Context: any context.
    pub fn number(&self) -> u8 {
        // All settings have the same number.
        self.altsetting().descriptor().bInterfaceNumber
    }
}

impl Interface<Bound> {
    /// The configuration in force, to which the interface belongs.
    ///
    /// Context: any context.
    pub fn configuration(&self) -> &Configuration {
        // SAFETY: the read requires a live device and a field that nobody writes meanwhile;
        // DEV-LIVE gives the first. The field does not change while an interface is bound: the core
        // unbinds all interfaces before it chooses another configuration (`usb_disable_device()`).
        let current = unsafe { (*self.device().as_raw()).actconfig };
        // SAFETY: the reference requires a pointer to a live configuration; a device with a bound
        // interface has one, and it lives as long as the device.
        unsafe { &*current.cast() }
    }
}

impl Interface<Core<'_>> {
    /// Switches to another setting.
    ///
    /// Context: process context; may sleep.
    ///
    /// Handles to endpoints of the old setting become stale: their transfers fail. When the
    /// interface is unbound, the core returns to setting 0, after the driver's data was dropped.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the interface has no such setting.
    /// - `EBUSY`: a transfer is running on one of the endpoints.
    /// - Errors of `usb_set_interface()`, such as `ENOSPC` if the bus lacks the bandwidth. Then it
    ///   is unknown which of the two settings is in force, and transfers may fail.
    #[doc(alias = "usb_set_interface")]
    pub fn set_altsetting(&self, number: u8) -> Result {
        // The host controller frees resources of the old setting, so no transfer may use them.
        let _alone = BindingState::of(self)?.altsetting.enter_alone()?;
        // SAFETY: `usb_set_interface` requires (1) a live device, in a callback of the bus, (2)
        // that no transfer is queued for the interface's endpoints. (1) DEV-LIVE, and `Core` exists
        // only in callbacks. (2) `_alone` keeps transfers out until it is dropped.
        to_result(unsafe {
            bindings::usb_set_interface(self.device().as_raw(), self.number().into(), number.into())
        })
    }

    /// Reads a string from the device, in the first of the device's languages.
    ///
    /// Context: process context; may sleep.
    ///
    /// `index` comes from one of the device's descriptors, where 0 means that there is no string.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: `index` is 0.
    /// - `EINVAL` or `EPIPE`: the device has no such string.
    /// - `EPIPE`: the device has no strings at all.
    /// - `ENODEV`: the device is gone.
    /// - `ENOMEM`.
    /// - Other errors of `usb_string()`.
    #[doc(alias = "usb_string")]
    pub fn string(&self, index: u8) -> Result<CString> {
        // The longest string that C makes has 126 characters of three bytes each; this buffer has
        // some more.
        let mut text = KVec::<u8>::zeroed(384, GFP_KERNEL)?;
        // SAFETY: `usb_string` requires (1) a live device, (2) the device's lock, which protects
        // the core's notes about its language, (3) a buffer of that size. (1) DEV-LIVE. (2) C holds
        // that lock in the callbacks of the device's interfaces (`need_parent_lock`). (3) `text`
        // has that size.
        let length = unsafe {
            bindings::usb_string(
                self.device().as_raw(),
                index.into(),
                text.as_mut_ptr().cast(),
                text.len(),
            )
        };
        if length < 0 {
            return Err(Error::from_errno(length));
        }
        Ok(CStr::from_bytes_until_nul(&text)
            .map_err(|_| EINVAL)?
            .to_cstring()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_say_what_they_are() {
        let info = EndpointInfo(bindings::usb_endpoint_descriptor {
            bLength: 7,
            bDescriptorType: 5,
            bEndpointAddress: 0x83,
            bmAttributes: 3,
            wMaxPacketSize: 0x1808_u16.to_le(),
            bInterval: 10,
            bRefresh: 0,
            bSynchAddress: 0,
        });
        assert_eq!((info.number(), info.is_in()), (3, true));
        assert_eq!(info.transfer_type(), TransferType::Interrupt);
        assert_eq!(info.max_packet_size(), 8, "without the multiplier");
        assert_eq!(info.interval(), 10);
    }

    #[test]
    fn no_bytes_are_no_slice() {
        // SAFETY: `bytes` requires `length` bytes, of which there are none to read here: the
        // pointer is null.
        assert!(unsafe { bytes(core::ptr::null(), 3) }.is_empty());
        // SAFETY: `bytes` requires `length` bytes, of which there are none to read here: the
        // pointer is null.
        assert!(unsafe { bytes(core::ptr::null(), -1) }.is_empty());
    }
}
