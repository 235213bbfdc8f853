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

/// An interface of a device, `struct usb_interface`. Drivers bind to interfaces.
pub type Interface<Ctx = device::Normal> = device::Device<Ctx, UsbInterface>;

/// A device with its interfaces, `struct usb_device`.
///
/// A bound interface implies nothing about a driver of the device itself. So this type has no
/// context but [`Normal`](device::Normal): it gives facts and counted references. Transfers are
/// methods of the interface.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, UsbDevice>;

// SAFETY: `Kind` requires that `DEVICE_OFFSET` be that of the embedded device, whose release
// function frees the whole. `dev` is the embedded device, and its release function frees the
// `usb_interface`.
unsafe impl Kind for UsbInterface {
    type Raw = bindings::usb_interface;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::usb_interface, dev);
}

// SAFETY: `Kind` requires that `DEVICE_OFFSET` be that of the embedded device, whose release
// function frees the whole. `dev` is the embedded device, and its release function frees the
// `usb_device`.
unsafe impl Kind for UsbDevice {
    type Raw = bindings::usb_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::usb_device, dev);
}

// SAFETY: `Recognized` requires that each device which `IS_KIND` accepts be embedded in a `Raw`.
// `IS_KIND` asks for the type of an interface's device; USB devices are on the USB bus too, but
// have another type.
unsafe impl Recognized for UsbInterface {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool =
        bindings::lb_is_usb_interface;
}
