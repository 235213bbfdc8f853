// SPDX-License-Identifier: GPL-2.0

//! Ids of USB drivers: the interfaces that a driver serves.
//!
//! C header: [`include/linux/mod_devicetable.h`](srctree/include/linux/mod_devicetable.h)

use crate::{
    bindings,
    device_id::{RawDeviceId, id_table},
};

/// An entry of a driver's table: the properties that a device, and its interface, must have.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::usb_device_id);

const DEVICE: i32 = bindings::USB_DEVICE_ID_MATCH_DEVICE;
const DEVICE_RANGE: i32 = bindings::USB_DEVICE_ID_MATCH_DEVICE_AND_VERSION;
const DEVICE_INFO: i32 = bindings::USB_DEVICE_ID_MATCH_DEV_INFO;
const INTERFACE_INFO: i32 = bindings::USB_DEVICE_ID_MATCH_INT_INFO;

impl DeviceId {
    /// Matches all interfaces of this vendor's product.
    #[doc(alias = "USB_DEVICE")]
    pub const fn from_id(vendor: u16, product: u16) -> Self {
        Self(bindings::usb_device_id {
            idVendor: vendor,
            idProduct: product,
            ..Self::blank(DEVICE)
        })
    }

    /// Matches all interfaces of this vendor's product, if the device's version is `bcd_lo` to
    /// `bcd_hi`, both included.
    ///
    /// Versions are binary-coded decimals: `0x0210` is 2.10.
    #[doc(alias = "USB_DEVICE_VER")]
    pub const fn from_device_ver(vendor: u16, product: u16, bcd_lo: u16, bcd_hi: u16) -> Self {
        Self(bindings::usb_device_id {
            idVendor: vendor,
            idProduct: product,
            bcdDevice_lo: bcd_lo,
            bcdDevice_hi: bcd_hi,
            ..Self::blank(DEVICE_RANGE)
        })
    }

    /// Matches all interfaces of devices of this class.
    #[doc(alias = "USB_DEVICE_INFO")]
    pub const fn from_device_info(class: u8, subclass: u8, protocol: u8) -> Self {
        Self(bindings::usb_device_id {
            bDeviceClass: class,
            bDeviceSubClass: subclass,
            bDeviceProtocol: protocol,
            ..Self::blank(DEVICE_INFO)
        })
    }

    /// Matches all interfaces of this class.
    #[doc(alias = "USB_INTERFACE_INFO")]
    pub const fn from_interface_info(class: u8, subclass: u8, protocol: u8) -> Self {
        Self(bindings::usb_device_id {
            bInterfaceClass: class,
            bInterfaceSubClass: subclass,
            bInterfaceProtocol: protocol,
            ..Self::blank(INTERFACE_INFO)
        })
    }

    /// Matches interfaces of this class of a vendor's product.
    #[doc(alias = "USB_DEVICE_INTERFACE_CLASS")]
    pub const fn from_device_interface_class(vendor: u16, product: u16, class: u8) -> Self {
        Self(bindings::usb_device_id {
            idVendor: vendor,
            idProduct: product,
            bInterfaceClass: class,
            ..Self::blank(DEVICE | bindings::USB_DEVICE_ID_MATCH_INT_CLASS)
        })
    }

    /// Matches interfaces of this protocol of a vendor's product.
    #[doc(alias = "USB_DEVICE_INTERFACE_PROTOCOL")]
    pub const fn from_device_interface_protocol(vendor: u16, product: u16, protocol: u8) -> Self {
        Self(bindings::usb_device_id {
            idVendor: vendor,
            idProduct: product,
            bInterfaceProtocol: protocol,
            ..Self::blank(DEVICE | bindings::USB_DEVICE_ID_MATCH_INT_PROTOCOL)
        })
    }

    /// Matches the interface of this number of a vendor's product.
    #[doc(alias = "USB_DEVICE_INTERFACE_NUMBER")]
    pub const fn from_device_interface_number(vendor: u16, product: u16, number: u8) -> Self {
        Self(bindings::usb_device_id {
            idVendor: vendor,
            idProduct: product,
            bInterfaceNumber: number,
            ..Self::blank(DEVICE | bindings::USB_DEVICE_ID_MATCH_INT_NUMBER)
        })
    }

    /// Matches interfaces of this class of a vendor's product.
    #[doc(alias = "USB_DEVICE_AND_INTERFACE_INFO")]
    pub const fn from_device_and_interface_info(
        vendor: u16,
        product: u16,
        class: u8,
        subclass: u8,
        protocol: u8,
    ) -> Self {
        Self(bindings::usb_device_id {
            idVendor: vendor,
            idProduct: product,
            bInterfaceClass: class,
            bInterfaceSubClass: subclass,
            bInterfaceProtocol: protocol,
            ..Self::blank(DEVICE | INTERFACE_INFO)
        })
    }

    /// The vendor that the id requires, if it requires one. Not in Linux 7.3.
    pub const fn vendor(&self) -> Option<u16> {
        if self.0.match_flags & bindings::USB_DEVICE_ID_MATCH_VENDOR as u16 == 0 {
            return None;
        }
        Some(self.0.idVendor)
    }

    /// The product that the id requires, if it requires one. Not in Linux 7.3.
    pub const fn product(&self) -> Option<u16> {
        if self.0.match_flags & bindings::USB_DEVICE_ID_MATCH_PRODUCT as u16 == 0 {
            return None;
        }
        Some(self.0.idProduct)
    }

    pub(super) const fn from_raw(id: bindings::usb_device_id) -> Self {
        Self(id)
    }

    /// An id that compares the fields of `flags`, all of which are 0.
    const fn blank(flags: i32) -> bindings::usb_device_id {
        bindings::usb_device_id {
            // CAST: C's field for these flags has 16 bits.
            match_flags: flags as u16,
            idVendor: 0,
            idProduct: 0,
            bcdDevice_lo: 0,
            bcdDevice_hi: 0,
            bDeviceClass: 0,
            bDeviceSubClass: 0,
            bDeviceProtocol: 0,
            bInterfaceClass: 0,
            bInterfaceSubClass: 0,
            bInterfaceProtocol: 0,
            bInterfaceNumber: 0,
            // C ends a table at an entry whose vendor, product, classes and `driver_info` are all
            // 0, whatever its flags. The number means nothing else: the place of an id gives its
            // value (`device_id`).
            driver_info: 1,
        }
    }
}

// SAFETY: `RawDeviceId` requires a transparent wrapper of an id whose zeroed form ends a table; C
// ends a table at an entry of zeroes.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::usb_device_id;
}

id_table!($ usb_device_table, "usb", usb::DeviceId, "`&NAME` is the driver's `ID_TABLE`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ask_for_what_they_name() {
        let id = DeviceId::from_id(0x46f4, 1);
        assert_eq!((id.vendor(), id.product()), (Some(0x46f4), Some(1)));
        assert_eq!(id.0.match_flags, 0x0003);
        let id = DeviceId::from_device_ver(1, 2, 0x100, 0x1ff);
        assert_eq!(id.0.match_flags, 0x000f);
        let id = DeviceId::from_device_info(9, 0, 1);
        assert_eq!((id.vendor(), id.0.match_flags), (None, 0x0070));
        let id = DeviceId::from_interface_info(8, 6, 0x50);
        assert_eq!((id.product(), id.0.match_flags), (None, 0x0380));
        let id = DeviceId::from_device_interface_class(1, 2, 3);
        assert_eq!((id.0.bInterfaceClass, id.0.match_flags), (3, 0x0083));
        let id = DeviceId::from_device_interface_protocol(1, 2, 3);
        assert_eq!((id.0.bInterfaceProtocol, id.0.match_flags), (3, 0x0203));
        let id = DeviceId::from_device_interface_number(1, 2, 3);
        assert_eq!((id.0.bInterfaceNumber, id.0.match_flags), (3, 0x0403));
        let id = DeviceId::from_device_and_interface_info(1, 2, 3, 4, 5);
        assert_eq!(id.0.match_flags, 0x0383);
    }

    #[test]
    fn no_id_looks_like_the_end_of_a_table() {
        assert_ne!(DeviceId::from_interface_info(0, 0, 0).0.driver_info, 0);
    }
}
