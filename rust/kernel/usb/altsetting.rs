// SPDX-License-Identifier: GPL-2.0

//! Altsettings and configurations: the descriptors of an interface, and which of them are in force.
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

/// One of the settings between which an interface can be switched, with endpoints of its own.
///
/// # Invariants
///
/// ALT-LIVE: the C structure, its array of endpoints and the descriptors behind them live as long as the reference, and
/// the fields that are read here stay as they are: the core writes them when it reads the device's descriptors, and
/// frees them after the last interface of the device is released.
#[repr(transparent)]
pub struct Altsetting(Opaque<bindings::usb_host_interface>);

// SAFETY: only what does not change is read.
unsafe impl Send for Altsetting {}

// SAFETY: only what does not change is read.
unsafe impl Sync for Altsetting {}

impl Altsetting {
    fn descriptor(&self) -> bindings::usb_interface_descriptor {
        // SAFETY: ALT-LIVE.
        unsafe { (*self.0.get()).desc }
    }

    /// The number of the setting. Any context.
    pub fn number(&self) -> u8 {
        self.descriptor().bAlternateSetting
    }

    /// The class of the interface. Any context.
    pub fn class(&self) -> u8 {
        self.descriptor().bInterfaceClass
    }

    /// The subclass of the interface. Any context.
    pub fn subclass(&self) -> u8 {
        self.descriptor().bInterfaceSubClass
    }

    /// The protocol of the interface. Any context.
    pub fn protocol(&self) -> u8 {
        self.descriptor().bInterfaceProtocol
    }

    /// The index of the string that describes the setting; 0 if there is none. See [`Interface::string`]. Any context.
    pub fn string_index(&self) -> u8 {
        self.descriptor().iInterface
    }

    /// The descriptors that follow that of the interface, such as those of its class. Any context.
    ///
    /// They come from the device: nothing is known about what is in them.
    pub fn extra(&self) -> &[u8] {
        let raw = self.0.get();
        // SAFETY: ALT-LIVE.
        let start = unsafe { (*raw).extra };
        // SAFETY: ALT-LIVE.
        let length = unsafe { (*raw).extralen };
        // SAFETY: ALT-LIVE; the core sets both.
        unsafe { bytes(start, length) }
    }

    /// The endpoints, in the order in which the device names them. Any context.
    pub fn endpoints(&self) -> impl ExactSizeIterator<Item = EndpointInfo> {
        let count = self.descriptor().bNumEndpoints;
        // SAFETY: ALT-LIVE.
        let first = unsafe { (*self.0.get()).endpoint };
        (0..count).map(move |index| {
            let endpoint = first.wrapping_add(usize::from(index));
            // SAFETY: ALT-LIVE: there are `bNumEndpoints` of them.
            EndpointInfo(unsafe { (*endpoint).desc })
        })
    }
}

/// The bytes of `length` at `start`, none if there are none.
///
/// # Safety
///
/// They must be there, and stay as they are, for `'a`.
unsafe fn bytes<'a>(start: *const u8, length: c_int) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller vouches for the bytes.
        Ok(length) if !start.is_null() => unsafe { slice::from_raw_parts(start, length) },
        _ => &[],
    }
}

/// What an endpoint's descriptor says.
#[derive(Clone, Copy)]
pub struct EndpointInfo(bindings::usb_endpoint_descriptor);

/// How an endpoint moves data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferType {
    /// Requests with an answer.
    Control,
    /// At a fixed rate, without repeating what is lost.
    Isochronous,
    /// As fast as there is room for it.
    Bulk,
    /// Little, within a fixed time.
    Interrupt,
}

impl EndpointInfo {
    /// The address: the number, and [`is_in`](Self::is_in) in bit 7. Any context.
    pub const fn address(&self) -> u8 {
        self.0.bEndpointAddress
    }

    /// The number, 1 to 15. Any context.
    pub const fn number(&self) -> u8 {
        self.address() & 0xf
    }

    /// Whether data goes to the host. Any context.
    pub const fn is_in(&self) -> bool {
        self.address() & bindings::USB_DIR_IN as u8 != 0
    }

    /// How it moves data. Any context.
    pub const fn transfer_type(&self) -> TransferType {
        match self.0.bmAttributes as i32 & bindings::USB_ENDPOINT_XFERTYPE_MASK {
            bindings::USB_ENDPOINT_XFER_ISOC => TransferType::Isochronous,
            bindings::USB_ENDPOINT_XFER_BULK => TransferType::Bulk,
            bindings::USB_ENDPOINT_XFER_INT => TransferType::Interrupt,
            _ => TransferType::Control,
        }
    }

    /// The size of its packets in bytes. Any context.
    pub const fn max_packet_size(&self) -> u16 {
        u16::from_le(self.0.wMaxPacketSize) & 0x7ff
    }

    /// How often the host asks it: a number of frames, or the power of two of a number of microframes, by speed and
    /// type of the endpoint. Any context.
    pub const fn interval(&self) -> u8 {
        self.0.bInterval
    }
}

/// What a device offers at a time: its interfaces, and the power that it takes.
#[repr(transparent)]
pub struct Configuration(Opaque<bindings::usb_host_config>);

impl Configuration {
    fn descriptor(&self) -> bindings::usb_config_descriptor {
        // SAFETY: made by `Interface::configuration` alone, of one that lives; constant once it was read.
        unsafe { (*self.0.get()).desc }
    }

    /// The number by which it is chosen. Any context.
    pub fn value(&self) -> u8 {
        self.descriptor().bConfigurationValue
    }

    /// How many interfaces it has. Any context.
    pub fn num_interfaces(&self) -> u8 {
        self.descriptor().bNumInterfaces
    }

    /// Whether the device has a supply of its own. Any context.
    pub fn is_self_powered(&self) -> bool {
        self.descriptor().bmAttributes & 0x40 != 0
    }

    /// The current that the device may draw, in mA, if it talks at `speed`. Any context.
    pub fn max_power_milliamperes(&self, speed: Speed) -> u16 {
        let unit = if speed >= Speed::Super { 8 } else { 2 };
        // OVERFLOW: 255 times 8 at most.
        u16::from(self.descriptor().bMaxPower) * unit
    }

    /// The index of the string that describes it; 0 if there is none. See [`Interface::string`]. Any context.
    pub fn string_index(&self) -> u8 {
        self.descriptor().iConfiguration
    }
}

impl Interface {
    /// All settings of the interface, in no particular order. Any context.
    pub fn altsettings(&self) -> &[Altsetting] {
        let raw = self.as_raw();
        // SAFETY: DEV-LIVE; constant once the interface was added.
        let first = unsafe { (*raw).altsetting };
        // SAFETY: as for `first`.
        let count = unsafe { (*raw).num_altsetting };
        // INVARIANT: ALT-LIVE: an interface holds a reference to its altsettings, and to its device.
        // SAFETY: there are `num_altsetting`, one at least, of which `Altsetting` is a transparent wrapper.
        unsafe { slice::from_raw_parts(first.cast(), count as usize) }
    }

    /// The setting in force. Any context. Without a driver it may change at any time.
    pub fn altsetting(&self) -> &Altsetting {
        // SAFETY: DEV-LIVE.
        let current = unsafe { &raw mut (*self.as_raw()).cur_altsetting };
        // SAFETY: it is aligned, lives as long as `self`, and is written as a whole.
        let current = unsafe { Atomic::from_ptr(current) }.load(Acquire);
        // INVARIANT: ALT-LIVE: as for `altsettings`, of which it is one.
        // SAFETY: it is never null, and `Altsetting` is a transparent wrapper.
        unsafe { &*current.cast() }
    }

    /// The number of the interface in its configuration. Any context.
    pub fn number(&self) -> u8 {
        // All settings have the same.
        self.altsetting().descriptor().bInterfaceNumber
    }
}

impl Interface<Bound> {
    /// The configuration in force, which the interface is part of. Any context.
    pub fn configuration(&self) -> &Configuration {
        // SAFETY: DEV-LIVE. While an interface is bound its configuration stays in force: the core unbinds all
        // interfaces before it chooses another one (`usb_disable_device()`).
        let current = unsafe { (*self.device().as_raw()).actconfig };
        // SAFETY: not null, as said above; it lives as long as its device.
        unsafe { &*current.cast() }
    }
}

impl Interface<Core<'_>> {
    /// Switches to another setting. May sleep.
    ///
    /// Handles to endpoints of the old one become stale: their transfers fail. When the interface is unbound the core
    /// goes back to setting 0, after the driver's data was dropped.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the interface has no such setting.
    /// - `EBUSY`: a transfer is running on one of the endpoints.
    /// - What `usb_set_interface()` returns, such as `ENOSPC` if the bus has no room for it. Which of the two settings
    ///   the device is in is then unknown, and transfers may fail.
    pub fn set_altsetting(&self, number: u8) -> Result {
        // What the host controller frees of the old setting must not be in use.
        let _alone = BindingState::of(self)?.altsetting.enter_alone()?;
        // SAFETY: DEV-LIVE, in a callback of the bus. Nothing is queued for the endpoints of the interface, and nothing
        // will be before `_alone` goes.
        to_result(unsafe {
            bindings::usb_set_interface(self.device().as_raw(), self.number().into(), number.into())
        })
    }

    /// Asks the device for a string, in the first of its languages. May sleep.
    ///
    /// `index` comes from one of the device's descriptors; 0 stands for no string there.
    ///
    /// # Errors
    ///
    /// `EINVAL` for index 0; `EINVAL` or `EPIPE` if the device has no such string; `EPIPE` if it has none at all;
    /// `ENODEV` if it is gone; `ENOMEM`; what else `usb_string()` returns.
    pub fn string(&self, index: u8) -> Result<CString> {
        // The longest that C makes, 126 characters of three bytes each, and room.
        let mut text = KVec::<u8>::zeroed(384, GFP_KERNEL)?;
        // SAFETY: DEV-LIVE. What the core notes about the device's language is protected by the lock of the device,
        // which is held in the callbacks of its interfaces (`need_parent_lock`). The buffer has that size.
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
        // SAFETY: nothing is read of it.
        assert!(unsafe { bytes(core::ptr::null(), 3) }.is_empty());
        // SAFETY: nothing is read of it.
        assert!(unsafe { bytes(core::ptr::null(), -1) }.is_empty());
    }
}
