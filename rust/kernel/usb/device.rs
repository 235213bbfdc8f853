// SPDX-License-Identifier: GPL-2.0

//! USB devices and their interfaces.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)

use crate::{
    bindings,
    device::{self, Kind, Recognized},
};

/// The [`Kind`] of a USB interface.
pub enum UsbInterface {}

/// The [`Kind`] of a USB device.
pub enum UsbDevice {}

/// What a driver binds to: an interface of a device, `struct usb_interface`.
pub type Interface<Ctx = device::Normal> = device::Device<Ctx, UsbInterface>;

/// A device with its interfaces, `struct usb_device`.
///
/// That an interface is bound says nothing about a driver of the device itself, so this has no context but
/// [`Normal`](device::Normal): it can be looked at and counted, and transfers are methods of the interface.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, UsbDevice>;

// SAFETY: `dev` is the embedded device; its release function frees the `usb_interface`.
unsafe impl Kind for UsbInterface {
    type Raw = bindings::usb_interface;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::usb_interface, dev);
}

// SAFETY: `dev` is the embedded device; its release function frees the `usb_device`.
unsafe impl Kind for UsbDevice {
    type Raw = bindings::usb_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::usb_device, dev);
}

// SAFETY: the device's type says that an interface is around it. Devices are on the USB bus too, and are of another type.
unsafe impl Recognized for UsbInterface {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_is_usb_interface;
}
