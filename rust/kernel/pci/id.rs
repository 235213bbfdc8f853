// SPDX-License-Identifier: GPL-2.0

//! Ids, classes and vendors.
//!
//! C header: [`include/linux/pci_ids.h`](srctree/include/linux/pci_ids.h), from which the constants
//! are made for each target kernel.

use crate::{
    bindings,
    device_id::{RawDeviceId, id_table},
    fmt,
    prelude::*,
};

/// A class of devices: base class in bits 23:16, subclass in 15:8, programming interface in 7:0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Class(u32);

impl Class {
    /// The class with a 24-bit number; higher bits are dropped. Not in Linux 7.3.
    pub const fn from_raw(class: u32) -> Self {
        Self(class & 0xff_ffff)
    }

    /// The 24-bit number.
    pub const fn as_raw(self) -> u32 {
        self.0
    }
}

/// The bits of a class that have to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassMask {
    /// All bits.
    Full,
    /// Base class and subclass.
    ClassSubclass,
}

impl ClassMask {
    /// The mask.
    pub const fn as_raw(self) -> u32 {
        match self {
            Self::Full => 0xff_ffff,
            Self::ClassSubclass => 0xff_ff00,
        }
    }
}

impl TryFrom<u32> for ClassMask {
    type Error = Error;

    /// # Errors
    ///
    /// `EINVAL` if no variant has this mask.
    fn try_from(mask: u32) -> Result<Self> {
        [Self::Full, Self::ClassSubclass]
            .into_iter()
            .find(|known| known.as_raw() == mask)
            .ok_or(EINVAL)
    }
}

/// A vendor's id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Vendor(u16);

impl Vendor {
    /// The vendor with this number. Not in Linux 7.3.
    pub const fn from_raw(vendor: u16) -> Self {
        Self(vendor)
    }

    /// The number.
    pub const fn as_raw(self) -> u16 {
        self.0
    }
}

/// Makes the constants of one kind, and their names for printing.
macro_rules! named {
    ($type:ident, $value:ident => $raw:expr, $format:literal, { $($name:ident = $number:literal,)* }) => {
        impl $type {
            $(
                #[doc = concat!("`", stringify!($name), "` (", stringify!($number), ").")]
                pub const $name: Self = { let $value = $number; Self($raw) };
            )*
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                const NAMES: &[($type, &str)] = &[$(($type::$name, stringify!($name)),)*];

                match NAMES.iter().find(|(named, _)| named == self) {
                    Some((_, name)) => f.write_str(name),
                    None => fmt::Debug::fmt(self, f),
                }
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $format, self.0)
            }
        }
    };
}

include!(concat!(env!("LIFEBOUND_GENERATED"), "/pci_ids.rs"));

/// An entry of a driver's table.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::pci_device_id);

const ANY: u32 = !0;

impl DeviceId {
    /// Any device of this vendor with this device id, whatever its subsystem and class.
    #[doc(alias("PCI_DEVICE", "PCI_VDEVICE"))]
    pub const fn from_id(vendor: Vendor, device: u32) -> Self {
        Self::new(vendor.as_raw() as u32, device, 0, 0)
    }

    /// Any device whose class has `class` in the bits of `class_mask`.
    #[doc(alias = "PCI_DEVICE_CLASS")]
    pub const fn from_class(class: u32, class_mask: u32) -> Self {
        Self::new(ANY, ANY, class, class_mask)
    }

    /// Any device of this class and vendor.
    pub const fn from_class_and_vendor(
        class: Class,
        class_mask: ClassMask,
        vendor: Vendor,
    ) -> Self {
        Self::new(
            vendor.as_raw() as u32,
            ANY,
            class.as_raw(),
            class_mask.as_raw(),
        )
    }

    const fn new(vendor: u32, device: u32, class: u32, class_mask: u32) -> Self {
        // `driver_data` stays 0: the place of an id gives its value (`device_id`). C then also
        // accepts an id that user space writes to sysfs without `driver_data`.
        Self(bindings::pci_device_id {
            vendor,
            device,
            subvendor: ANY,
            subdevice: ANY,
            class,
            class_mask,
            driver_data: 0,
            override_only: 0,
        })
    }
}

// SAFETY: `RawDeviceId` requires a transparent wrapper of an id whose zeroed form ends a table. C
// ends a table at an id whose vendor, subvendor and class mask are 0.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::pci_device_id;
}

id_table!($ pci_device_table, "pci", pci::DeviceId, "`&NAME` is the driver's `ID_TABLE`");
