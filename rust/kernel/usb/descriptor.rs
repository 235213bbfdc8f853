// SPDX-License-Identifier: GPL-2.0

//! Devices and interfaces: the facts that the core has read, and that need no transfer.
//!
//! C header: [`include/uapi/linux/usb/ch9.h`](srctree/include/uapi/linux/usb/ch9.h)

use super::device::{Device, Interface, UsbInterface};
use crate::{
    bindings,
    device::{self, DeviceContext},
    sync::atomic::{Atomic, Relaxed},
};

/// The speed of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speed {
    /// The speed is not known yet, or this crate does not know it.
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

/// Makes the methods that read the device descriptor. The core reads it before the device gets its
/// first interface, and does not change it later.
macro_rules! descriptor {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty = $field:ident;)*) => {
        impl Device {
            $(
                $(#[doc = $doc])*
                #[doc = ""]
                #[doc = "Any context."]
                pub fn $name(&self) -> $type {
                    // SAFETY: the read requires a live device and a field that nobody writes;
                    // DEV-LIVE gives the first, and the core sets the descriptor before it adds the
                    // device.
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
    /// The product id, which the vendor chose.
    product_id: u16 = idProduct;
    /// The version of the device, as a binary-coded decimal.
    version: u16 = bcdDevice;
    /// The index of the string that names the manufacturer; 0 if there is none. See
    /// [`Interface::string`].
    manufacturer_index: u8 = iManufacturer;
    /// The index of the string that names the product; 0 if there is none.
    product_index: u8 = iProduct;
    /// The index of the serial number's string; 0 if there is none.
    serial_number_index: u8 = iSerialNumber;
    /// How many configurations the device has.
    num_configurations: u8 = bNumConfigurations;
}

impl Device {
    /// The speed of the device.
    ///
    /// Context: any context.
    pub fn speed(&self) -> Speed {
        // SAFETY: the field's address requires a live device: DEV-LIVE.
        let speed = unsafe { &raw mut (*self.as_raw()).speed };
        // A reset of the device writes the field, and fails if the speed differs from the one
        // before.
        // SAFETY: `from_ptr` requires an aligned, live field that is only accessed as a whole; the
        // field is aligned and lives as long as `self`, and C writes it as a whole.
        Speed::from_raw(unsafe { Atomic::from_ptr(speed) }.load(Relaxed))
    }
}

impl Interface {
    /// The device to which this interface belongs.
    ///
    /// Context: any context.
    pub fn device(&self) -> &Device {
        // SAFETY: `lb_interface_to_usbdev` requires a live interface: DEV-LIVE.
        let device = unsafe { bindings::lb_interface_to_usbdev(self.as_raw()) };
        // SAFETY: `from_raw` requires a device that lives while `self` is borrowed, and the facts
        // of its context. An interface holds a reference to its device until the interface itself
        // is released (`usb_release_interface()`). `Normal` claims nothing.
        unsafe { Device::from_raw(device) }
    }
}

impl<Ctx: DeviceContext> AsRef<Device> for device::Device<Ctx, UsbInterface> {
    fn as_ref(&self) -> &Device {
        // SAFETY: `from_raw` requires a live interface, and the facts of its context; `self` gives
        // DEV-LIVE, and `Normal` claims nothing.
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
