// SPDX-License-Identifier: GPL-2.0

//! Devices and interfaces: what can be read without asking the device.
//!
//! C header: [`include/uapi/linux/usb/ch9.h`](srctree/include/uapi/linux/usb/ch9.h)

use super::device::{Device, Interface, UsbInterface};
use crate::{
    bindings,
    device::{self, DeviceContext},
    sync::atomic::{Atomic, Relaxed},
};

/// How fast a device talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speed {
    /// Not known yet, or one that this crate does not know.
    Unknown,
    /// 1.5 Mbit/s.
    Low,
    /// 12 Mbit/s.
    Full,
    /// 480 Mbit/s.
    High,
    /// 5 Gbit/s.
    Super,
    /// 10 Gbit/s or more.
    SuperPlus,
}

impl Speed {
    const fn from_raw(speed: bindings::usb_device_speed) -> Self {
        match speed {
            bindings::usb_device_speed_USB_SPEED_LOW => Self::Low,
            bindings::usb_device_speed_USB_SPEED_FULL => Self::Full,
            bindings::usb_device_speed_USB_SPEED_HIGH => Self::High,
            bindings::usb_device_speed_USB_SPEED_SUPER => Self::Super,
            bindings::usb_device_speed_USB_SPEED_SUPER_PLUS => Self::SuperPlus,
            _ => Self::Unknown,
        }
    }
}

/// The device descriptor. It was read before the device got its first interface, and stays.
macro_rules! descriptor {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty = $field:ident;)*) => {
        impl Device {
            $(
                $(#[doc = $doc])*
                #[doc = ""]
                #[doc = "Any context."]
                pub fn $name(&self) -> $type {
                    // SAFETY: DEV-LIVE; constant once the device was added.
                    <$type>::from_le(unsafe { (*self.as_raw()).descriptor.$field })
                }
            )*
        }
    };
}

descriptor! {
    /// The version of USB that the device follows, as a binary-coded decimal: `0x0210` is 2.1.
    usb_version: u16 = bcdUSB;
    /// The class of the whole device; 0 if each interface has its own.
    class: u8 = bDeviceClass;
    /// The subclass of the whole device.
    subclass: u8 = bDeviceSubClass;
    /// The protocol of the whole device.
    protocol: u8 = bDeviceProtocol;
    /// The vendor's id.
    vendor_id: u16 = idVendor;
    /// The vendor's id of the product.
    product_id: u16 = idProduct;
    /// The version of the device, as a binary-coded decimal.
    version: u16 = bcdDevice;
    /// The index of the string that names the manufacturer; 0 if there is none. See [`Interface::string`].
    manufacturer_index: u8 = iManufacturer;
    /// The index of the string that names the product; 0 if there is none.
    product_index: u8 = iProduct;
    /// The index of the serial number's string; 0 if there is none.
    serial_number_index: u8 = iSerialNumber;
    /// How many configurations the device has.
    num_configurations: u8 = bNumConfigurations;
}

impl Device {
    /// How fast the device talks. Any context.
    pub fn speed(&self) -> Speed {
        // SAFETY: DEV-LIVE.
        let speed = unsafe { &raw mut (*self.as_raw()).speed };
        // A reset of the device writes it, and fails if it is another one than before.
        // SAFETY: it is aligned, lives as long as `self`, and is written as a whole.
        Speed::from_raw(unsafe { Atomic::from_ptr(speed) }.load(Relaxed))
    }
}

impl Interface {
    /// The device that this is an interface of. Any context.
    pub fn device(&self) -> &Device {
        // SAFETY: DEV-LIVE.
        let device = unsafe { bindings::lb_interface_to_usbdev(self.as_raw()) };
        // SAFETY: DEV-LIVE: an interface holds a reference to its device until it is released itself
        // (`usb_release_interface()`). `Normal` claims nothing.
        unsafe { Device::from_raw(device) }
    }
}

impl<Ctx: DeviceContext> AsRef<Device> for device::Device<Ctx, UsbInterface> {
    fn as_ref(&self) -> &Device {
        // SAFETY: DEV-LIVE by `self`; `Normal` claims nothing.
        let normal: &Interface = unsafe { Interface::from_raw(self.as_raw()) };
        normal.device()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_those_of_c() {
        assert_eq!(Speed::from_raw(0), Speed::Unknown);
        assert_eq!(Speed::from_raw(1), Speed::Low);
        assert_eq!(Speed::from_raw(3), Speed::High);
        assert_eq!(Speed::from_raw(6), Speed::SuperPlus);
        assert_eq!(Speed::from_raw(77), Speed::Unknown);
        assert!(Speed::High < Speed::Super);
    }
}
